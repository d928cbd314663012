// Loads connman, and tells which global variables that has made.

const { readdirSync, readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { tell } = require('./tell.cjs');

const before = new Set(Reflect.ownKeys(globalThis));
const loaded = Object.keys(require('connman'));
const added = Reflect.ownKeys(globalThis).filter((name) => !before.has(name));

const folder = dirname(require.resolve('connman'));
const sources = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.js'));
const strict = sources.every((name) =>
  /^(?:#!.*\n)?['"]use strict['"]/.test(readFileSync(join(folder, name), 'utf8')),
);

tell('globals', { added: added.map(String), strict, loaded });
