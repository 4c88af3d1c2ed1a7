'use strict'

var fs = require('fs')
var modules = require('module')
var os = require('os')
var path = require('path')

/**
 * Has compiled code kept for the next start, which then takes half the time. In a folder of the user's own: who can
 * write there can run code. Where there is no such folder, nothing is kept.
 */
exports.keep = function () {
  if (!modules.enableCompileCache) return
  try {
    var folder = path.join(cacheFolder(), 'shoal', 'compiled')
    // Relative paths are to be ignored (XDG Base Directory Specification); they would lead into whatever folder it is.
    if (!path.isAbsolute(folder)) return
    fs.mkdirSync(folder, { recursive: true, mode: parseInt('700', 8) })
    if (process.getuid && fs.statSync(folder).uid !== process.getuid()) return
    modules.enableCompileCache(folder)
    // For threads, which look here when they start; what the user has set, Node goes by already.
    if (modules.getCompileCacheDir())
      process.env.NODE_COMPILE_CACHE = process.env.NODE_COMPILE_CACHE || folder
  } catch (error) {
    void error // a user without a home, a disk that is full: it starts all the same
  }
}

function cacheFolder() {
  if (process.platform === 'win32') return process.env.LOCALAPPDATA || ''
  return process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache')
}
