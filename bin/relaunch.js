'use strict'

// Runs the command line on the Node that `npm ci` pins, when the Node that started it is too old.

var childProcess = require('child_process')
var fs = require('fs')
var net = require('net')
var path = require('path')

var NEEDED = [24, 11]
var PINNED = { 'linux-x64': 'bin/node', 'linux-arm64': 'bin/node', 'win32-x64': 'bin/node.exe' }

/** Names the descriptor on which the child sees that its parent is gone. */
var PARENT_FD = 'SHOAL_PARENT_FD'
/** How long a child whose parent is gone may take to end well. */
var FAREWELL = 10000

exports.isNewEnough = function (version) {
  var parts = version.split('.').map(Number)
  return parts[0] > NEEDED[0] || (parts[0] === NEEDED[0] && parts[1] >= NEEDED[1])
}

/**
 * In the child: tells the parent that it heeds signals, ends when the parent ends in whatever way, and does not hold the
 * event loop open.
 */
exports.followParent = function () {
  var fd = Number(process.env[PARENT_FD])
  delete process.env[PARENT_FD]
  if (!fd) return
  var socket = new net.Socket({ fd: fd, readable: true, writable: true })
  socket.on('error', function () {})
  socket.on('close', function () {
    setTimeout(function () {
      process.exit(1)
    }, FAREWELL).unref()
    process.kill(process.pid, 'SIGTERM')
  })
  socket.write('.')
  socket.resume()
  socket.unref()
}

/** In the parent: the same program, arguments and streams on the pinned Node. */
exports.onPinnedNode = function (program, root) {
  var node = pinnedNode(program)
  // The marker is there when the pinned Node itself turned out to be too old.
  if (node === null || process.env[PARENT_FD]) return refuse(root)

  var env = Object.assign({}, process.env)
  env[PARENT_FD] = '3'
  var child = childProcess.spawn(node, [program].concat(process.argv.slice(2)), {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env: env,
  })
  var stopForwarding = forwardSignals(child)
  child.on('error', function () {
    refuse(root)
  })
  child.on('exit', function (exitCode, signal) {
    stopForwarding()
    if (signal !== null) process.kill(process.pid, signal)
    else process.exit(exitCode)
  })
}

function pinnedNode(program) {
  var name = process.platform + '-' + process.arch
  if (!Object.prototype.hasOwnProperty.call(PINNED, name)) return null
  var packageName = 'node-' + name.replace('win32', 'win')
  try {
    var manifest = require.resolve(packageName + '/package.json', { paths: [path.dirname(program)] })
    return path.join(path.dirname(manifest), PINNED[name])
  } catch {
    return null
  }
}

function forwardSignals(child) {
  var forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP']
  if (process.platform !== 'win32') forwarded.push('SIGUSR2')
  var isHeeding = false
  var isDue = false
  child.stdio[3].once('data', function () {
    isHeeding = true
    if (isDue) child.kill('SIGUSR2')
  })
  child.stdio[3].on('error', function () {})
  function forward(signal) {
    // It would end a child that has hardly begun.
    if (signal === 'SIGUSR2' && !isHeeding) isDue = true
    else if (signal !== 'SIGINT' || !terminalSignalsChild()) child.kill(signal)
  }
  forwarded.forEach(function (signal) {
    process.on(signal, forward)
  })
  return function () {
    forwarded.forEach(function (signal) {
      process.removeListener(signal, forward)
    })
  }
}

/**
 * Whether Ctrl-C reaches the child without us: a terminal signals its whole foreground process group.
 * proc(5): after the name in parentheses, pgrp is the third field of /proc/self/stat and tpgid the sixth.
 */
function terminalSignalsChild() {
  if (process.platform !== 'linux') return process.platform === 'win32' || process.stderr.isTTY === true
  var stat = fs.readFileSync('/proc/self/stat', 'latin1')
  var fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[2] === fields[5]
}

function refuse(root) {
  var isCheckout = fs.existsSync(path.join(root, 'tools', 'runtime', 'package.json'))
  var name = process.platform + '-' + process.arch
  var cure = 'install Node 24 (https://nodejs.org)'
  if (isCheckout && PINNED[name]) cure = 'run `npm ci` in ' + root + ', or ' + cure
  console.error(
    'shoal needs Node ' + NEEDED.join('.') + ' or newer, and this is ' + process.versions.node + ': ' + cure,
  )
  process.exit(1)
}
