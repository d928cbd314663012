/* oxlint-disable typescript/no-floating-promises */

// The documentation of 2012, from "Creating a pool" to "Shutting things down", in the order of its sections. Each line
// of an example is as it was printed; what is told to the test stands between them.

var { args, tell } = require('./tell.cjs');
var port = args.port;
var host = args.host;
var options = { allowHalfOpen: false };

var cm = require('connman');

function Conn() {
  this.sock = null;
}
Conn.prototype.onData = function (buff) {
  this.input = buff.toString('utf8');
};
Conn.prototype.onConnect = function (socket) {
  this.sock = socket;
  tell('connect');
};
Conn.prototype.onReset = function () {
  tell('reset');
};
Conn.prototype.onReconnect = function () {
  tell('reconnect');
};

function handlerFactory() {
  return new Conn();
}

function makePools() {
  var myPool = cm.createPool('myPool', handlerFactory);
  cm.createPool('myConnectionPool', handlerFactory).addConnection(port, host);
  tell('created', { found: cm.getPool('myPool') === myPool });
}

function fillPool() {
  var myPool = cm.getPool('myPool');

  myPool.addConnection(port, host, options);
  myPool.addConnection(port, host, options);
  myPool.addConnection(port, host, options);
  myPool.addConnection(port, host, options);
}

function usePool() {
  var myPool = cm.getPool('myPool');

  var socket = myPool.getConnection(3);

  var handler = myPool.getHandler(3);

  tell('got', { isConn: handler instanceof Conn, isItsSocket: handler.sock === socket });
  socket.write('from the fourth');

  // Close an individual socket:
  socket.disconnect();
}

function shutDown() {
  // Close all sockets in a pool:
  cm.getPool('myConnectionPool').disconnect();

  tell('pool disconnected');
}

function shutDownAll() {
  cm.connect(port, host, new Conn());

  // Close all sockets managed by connman:
  cm.disconnectAll();

  tell('all disconnected');
}

// The test says by the number of resets how far it is.
var told = 0;
Conn.prototype.onConnect = counting(Conn.prototype.onConnect);
Conn.prototype.onReset = counting(Conn.prototype.onReset);

function counting(method) {
  return function () {
    method.apply(this, arguments);
    var step = { 5: usePool, 6: shutDown, 7: shutDownAll }[++told];
    if (step) step();
  };
}

makePools();
fillPool();
