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
      },
      function (error) {
        console.error(error)
        process.exitCode = 1
      },
    )
}

if (relaunch.isNewEnough(process.versions.node)) start()
else relaunch.onPinnedNode(__filename, root)
