// A program in which something puts properties on Object.prototype, one after the other, while its connections run. It
// tells for each whether that has changed anything (`changed`), and at last that it is through (`done`).

const { constant, ConnectionManager } = require('connman');
const { args, tell } = require('./tell.cjs');

const values = [true, '/nonexistent', () => true];
/** Longer than two lives take, in milliseconds. */
const patience = 3_000;

/** What happens to a connection in two lives, and what its socket is like. */
function play({ endpoint, options }) {
  return new Promise((resolve) => {
    const seen = [];
    const late = setTimeout(() => resolve(`${seen.join()} and no end`), patience);
    const manager = new ConnectionManager();
    const begin = (socket) => {
      seen.push(
        'begin',
        socket.allowHalfOpen,
        socket.authorized,
        socket.authorized && socket.servername,
        socket.readableObjectMode,
      );
      seen.push(socket.remotePort === endpoint.port, socket.writableHighWaterMark, socket.readableEncoding);
      socket.write('ping');
    };
    const connection = manager.connect(
      endpoint,
      {
        onConnect: begin,
        onReconnect: begin,
        onData(chunk) {
          seen.push(String(chunk));
          if (connection.life === 1) connection.reset();
          else void connection.disconnect();
        },
        onReset: ({ code, willReconnect }) => seen.push(code, willReconnect),
        onRetry: ({ error }) => seen.push(error.message),
        onClose: ({ code, error }) => {
          seen.push(code, error?.phase, error?.cause?.code, connection.stats().dials);
          clearTimeout(late);
          resolve(seen.join());
        },
      },
      { ...options, backoff: constant(0) },
    );
  });
}

/** The same for each scene, or what was thrown. */
function playAll(scenes) {
  const results = scenes.map(async (scene) => play(scene).catch(String));
  return Promise.all(results);
}

let present;

async function main() {
  const normal = await playAll(args.scenes);
  for (const [index, name] of args.names.entries()) {
    const scenes = args.scenes.map((scene) => (scene.except.includes(name) ? undefined : scene));
    for (let nth = index; nth < index + args.valuesOfEach; nth += 1) {
      const value = values[nth % values.length];
      // The plainest way: with a descriptor, it would be one that inherits what is put there.
      present = name;
      // oxlint-disable-next-line no-extend-native -- it is what this program is about
      Object.prototype[name] = value;
      const results = await playAll(scenes.filter(Boolean)).finally(() => delete Object.prototype[name]);
      for (const [at, scene] of scenes.entries()) {
        const result = scene && results.shift();
        if (!scene || result === normal[at]) continue;
        tell('changed', { scene: scene.name, name, value: typeof value, from: normal[at], to: result });
      }
    }
  }
  tell('done');
}

// Also makes Node.js open the standard output, while nothing is in its way.
tell('started');
process.on('uncaughtException', (error) => tell('changed', { name: present, error: error.stack }));
void main();
