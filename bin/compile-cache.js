'use strict'

var modules = require('module')
var os = require('os')
var path = require('path')

/**
 * Has compiled code kept for the next start, which then takes half the time (src unbuilt) or two thirds of it. In a
 * folder of the user's own: who can write there can run code. Where it cannot be used, nothing is kept.
 */
exports.keep = function () {
  var folder = cacheFolder()
  if (folder && modules.enableCompileCache) modules.enableCompileCache(path.join(folder, 'shoal', 'compiled'))
}

function cacheFolder() {
  if (process.platform === 'win32') return process.env.LOCALAPPDATA
  return process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache')
}
