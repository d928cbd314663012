// Makes its first requests in pools of some servers, and tells which ones got them.

const { createPool, disconnectAll, staticEndpoints } = require('connman');
const { args, tell } = require('./tell.cjs');

const make = (name) => createPool(name, () => ({ onConnect() {} }), { discovery: staticEndpoints(args) });

async function main() {
  const [soon, late, lent] = ['soon', 'late', 'lent'].map(make);
  const ports = { soon: (await soon.pickReady()).endpoint.port };
  await late.ready();
  ports.late = late.pick().endpoint.port;
  await lent.ready();
  ports.lent = await lent.use(({ connection }) => connection.endpoint.port);
  tell('ports', ports);
  await disconnectAll();
}

void main();
