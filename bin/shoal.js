#!/usr/bin/env node
'use strict'

// Old syntax on purpose, here and in relaunch.js: a Node that is too old must still be able to say so.

var fs = require('fs')
var path = require('path')
var url = require('url')
var compileCache = require('./compile-cache.js')
var relaunch = require('./relaunch.js')

var root = path.join(__dirname, '..')

/** A checkout runs its sources, an installed package (which has none) its compiled build. */
function entry() {
  var source = path.join(root, 'src', 'cli', 'main.ts')
  return fs.existsSync(source) ? source : path.join(root, 'dist', 'cli', 'main.js')
}

/** How long what still holds the process may take, when the command has ended. */
var LAST_PATIENCE = 5000

/**
 * A thread that waits for a disk that hangs holds the process, and no exit gets by it: Node waits for its threads at each.
 * A signal does not.
 */
function endAnyway() {
  setTimeout(function () {
    var signal = process.exitCode === 130 ? 'SIGINT' : 'SIGTERM'
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  }, LAST_PATIENCE).unref()
}

function start() {
  // Before `up` listens, the signal would end it; what there is to look at anew then, it sees as it starts.
  if (process.platform !== 'win32' && process.argv[2] === 'up') process.on('SIGUSR2', function () {})
  relaunch.followParent()
  compileCache.keep()
  import(url.pathToFileURL(entry()).href)
    .then(function (cli) {
      return cli.main(process.argv.slice(2))
    })
    .then(
      function (exitCode) {
        process.exitCode = exitCode
        endAnyway()
      },
      function (error) {
        console.error(error)
        process.exitCode = 1
        endAnyway()
      },
    )
}

if (relaunch.isNewEnough(process.versions.node)) start()
else relaunch.onPinnedNode(__filename, root)
