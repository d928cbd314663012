// The documentation of 2012, "Connect to a single resource" and "Using your socket". Only the port and the host of the
// call are the test's; useSocket() and stopSocket(), which the documentation leaves to the reader, tell the test.

var { args, tell } = require('./tell.cjs');
var port = args.port;
var host = args.host;

var cm = require('connman');

var sock;

function Conn() {
  this.sock = null;
}

Conn.prototype.onData = function (buffer) {
  tell('data', { text: buffer.toString('utf8') });
  if (buffer.toString('utf8').indexOf('bye') >= 0) sock.disconnect();
};

Conn.prototype.onConnect = function (socket) {
  this.sock = socket;
  sock = this.sock;
  useSocket();
};

Conn.prototype.onReset = function () {
  stopSocket();
};

Conn.prototype.onReconnect = function () {
  useSocket();
};

cm.connect(port, host, new Conn());

function useSocket() {
  tell('use', { isSocket: sock instanceof require('net').Socket });
  for (var i = 0; i < 100; i++) {
    sock.write('ping\r\n');
  }
}

function stopSocket() {
  tell('stop');
}
