// Writes three times in one turn, and ends in the same turn, in one of several ways.

const { connect } = require('connman');
const { args } = require('./tell.cjs');

const { port, host, way } = args;

function write(socket, chunks) {
  for (const chunk of chunks) socket.write(chunk);
}

connect(port, host, {
  onConnect(socket) {
    if (way !== 'throw') write(socket, 'abc');
    if (way === 'exit listener') process.on('exit', () => write(socket, 'def'));
    if (way === 'exit later') setImmediate(() => process.exit());
    else if (way === 'throw') setImmediate(() => thrown(socket));
    else process.exit();
  },
});

function thrown(socket) {
  write(socket, 'abc');
  throw new Error('the end of this program');
}
