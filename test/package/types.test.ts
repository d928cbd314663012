import ts from 'typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ScratchProject, tool, type Packed } from '../support/scratch-project.js';
import { Compilers, TypedProject } from './types.js';

// The ends of the table, and its middle; `npm run pack:types` tries all of it.
const oldest = { typescript: '5.0.4', node: '20.19.43', ways: ['nodenext', 'node10'] };
const newest = { typescript: '7.0.2', node: '26.6.6', ways: ['nodenext', 'bundler'] };
/** Those of the repository. */
const own = { typescript: ts.version, node: undefined, ways: ['nodenext'] };

const packing = new ScratchProject();
const compilers = new Compilers();
let packed: Packed;

beforeAll(async () => {
  packed = await packing.pack();
  await compilers.install([oldest.typescript, newest.typescript]);
});

afterAll(() => {
  packing.remove();
  compilers.remove();
});

test.each([oldest, newest, own])(
  'the types hold with TypeScript $typescript and @types/node $node',
  async ({ typescript, node, ways }) => {
    const tsc = node === undefined ? tool('typescript/bin/tsc') : compilers.tsc(typescript);
    const project = new TypedProject();
    try {
      await project.install(packed, node);
      const fine = Object.fromEntries(ways.map((way) => [way, '']));
      expect(await project.complaints(typescript, tsc, ways)).toEqual(fine);
    } finally {
      project.remove();
    }
  },
);
