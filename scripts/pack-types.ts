// Compiles a program that uses the packed types with each supported TypeScript and each line of @types/node, which npm
// fetches. What does not compile that @types/node by itself is left out.
import { Compilers, TypedProject, versions } from '../test/package/types.js';
import { type Packed, ScratchProject } from '../test/support/scratch-project.js';

async function tryPair(project: TypedProject, typescript: string, tsc: string): Promise<string> {
  if (!(await project.compilesNode(tsc))) return 'left out: it does not compile this @types/node alone';
  const found = Object.entries(await project.complaints(typescript, tsc));
  const faults = found.filter(([, complaint]) => complaint !== '');
  if (faults.length === 0) return `ok (${found.map(([resolution]) => resolution).join(', ')})`;
  process.exitCode = 1;
  return faults.map(([resolution, complaint]) => `FAILED (${resolution})\n${complaint}`).join('\n');
}

async function tryAll(packed: Packed, compilers: Compilers, node: string): Promise<void> {
  const project = new TypedProject();
  try {
    await project.install(packed, node);
    for (const typescript of versions.typescript) {
      const outcome = await tryPair(project, typescript, compilers.tsc(typescript));
      console.log(`@types/node ${node}, TypeScript ${typescript}: ${outcome}`);
    }
  } finally {
    project.remove();
  }
}

async function main(): Promise<void> {
  const packing = new ScratchProject();
  const compilers = new Compilers();
  try {
    const packed = await packing.pack();
    await compilers.install(versions.typescript);
    for (const node of versions.node) await tryAll(packed, compilers, node);
  } finally {
    packing.remove();
    compilers.remove();
  }
}

void main();
