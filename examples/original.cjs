'use strict';
// In the style of 2012, when connman began: a handler with prototype methods. It greets its server in every life.
// Start it with `node examples/original.cjs [port] [host]`; Ctrl-C ends it.

const connman = require('connman');

function Greeter(name) {
  this.name = name;
  this.greetings = 0;
}

Greeter.prototype.greet = function (socket) {
  this.greetings += 1;
  socket.write('hello ' + this.greetings + ' from ' + this.name + '\n');
};

Greeter.prototype.onConnect = function (socket) {
  console.log('connected');
  this.greet(socket);
};

Greeter.prototype.onReset = function (reset) {
  console.log('reset: ' + reset.code);
};

Greeter.prototype.onReconnect = function (socket) {
  console.log('reconnected');
  this.greet(socket);
};

Greeter.prototype.onData = function (chunk) {
  process.stdout.write('received: ' + chunk);
};

const port = Number(process.argv[2] || 7000);
const host = process.argv[3] || '127.0.0.1';

connman.connect(port, host, new Greeter('connman'));

process.once('SIGINT', function () {
  void connman.disconnectAll();
});
