// What build.mjs lets Rollup do to the CommonJS files and to the types.

const openPools = `
  let pools;
  export function createPool(...args) {
    pools ??= require('./pools.js')(exports);
    return pools.createPool(...args);
  }`;

/** Without notes for bundlers, and all in ASCII: for other characters V8 would keep the whole text with two bytes for each. */
export const plainText = {
  name: 'plain-text',
  renderChunk: (code) =>
    code
      .replaceAll('/* @__PURE__ */ ', '')
      .replace(/[^\0-\x7f]/g, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`),
};

/**
 * Lets the one function that the rest takes of the pools load them when it is called. They are handed what they need of shared.js
 * instead of requiring it: test runners that empty their registry of modules would load a second one.
 */
export const poolsLater = {
  name: 'pools-later',
  resolveId: (id, importer) =>
    importer?.endsWith('core.mjs') && id === './pools.mjs' ? '\0pools' : undefined,
  load: (id) => (id === '\0pools' ? openPools : undefined),
  generateBundle(_options, { 'pools.js': chunk }) {
    const code = chunk.code
      .replace(
        /^var (\S+) = require\('\.\/shared\.js'\);\n([^]*)/m,
        'module.exports = (function ($1) {\n$2});\n',
      )
      .replace(/^exports\.createPool = createPool;$/m, 'return { createPool };')
      .replace(/^Object\.defineProperty\(exports, '__esModule'.*\n\n/m, '');
    if (!/^module\.exports = /m.test(code) || /\bexports\./.test(code.replace('module.exports', ''))) {
      throw new Error(`pools.js: expected createPool and nothing else, got ${chunk.exports.join(', ')}`);
    }
    chunk.code = code;
  },
};

/** Exports as types what is no value: what is a class only inside, among others. */
export function typesApart(values) {
  const list = /^export (?:type )?\{ (.*) \};\n?/gm;
  return {
    name: 'types-apart',
    generateBundle(_options, files) {
      for (const chunk of Object.values(files)) {
        const names = [...chunk.code.matchAll(list)].flatMap(([, text]) => text.split(', '));
        const types = names.filter((name) => !values.includes(name));
        const code = chunk.code.replace(list, '');
        chunk.code = `${code}export { ${values.join(', ')} };\nexport type { ${types.join(', ')} };\n`;
      }
    },
  };
}
