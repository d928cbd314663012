import { afterAll, beforeAll, expect, test } from 'vitest';
import { ScratchProject, type Packed } from '../support/scratch-project.js';
import { Compilers, TypedProject } from './types.js';

// The ends of the table; `npm run pack:types` tries all of it.
const pairs = [
  { typescript: '5.0.4', node: '20.19.43' },
  { typescript: '7.0.2', node: '26.6.6' },
];

const packing = new ScratchProject();
const compilers = new Compilers();
let packed: Packed;

beforeAll(async () => {
  packed = await packing.pack();
  await compilers.install(pairs.map(({ typescript }) => typescript));
});

afterAll(() => {
  packing.remove();
  compilers.remove();
});

async function complaints(typescript: string, tsc?: string, node?: string): Promise<object> {
  const project = new TypedProject();
  try {
    await project.install(packed, node);
    return await project.complaints(typescript, tsc);
  } finally {
    project.remove();
  }
}

test('the types hold with the TypeScript of the repository', async () => {
  expect(await complaints('6.0.3')).toEqual({ nodenext: '', bundler: '' });
});

test.each(pairs)(
  'the types hold with TypeScript $typescript and @types/node $node',
  async ({ typescript, node }) => {
    const found = await complaints(typescript, compilers.tsc(typescript), node);
    expect(Object.values(found).join('')).toBe('');
  },
);
