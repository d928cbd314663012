import { cpus, release, totalmem, type } from 'node:os';
import { isPinned } from '../processes.js';

const gibibyte = 2 ** 30;

/** Where, when, how often and with what something was measured, as one line. */
export function provenance(rounds: number, versions: readonly string[]): string {
  const [processor] = cpus();
  const machine = `${cpus().length} × ${processor?.model.trim() ?? 'unknown CPU'}, ${Math.round(totalmem() / gibibyte)} GiB`;
  const where = isPinned ? 'client and server each on a CPU of their own' : 'client and server on any CPU';
  const often = rounds === 1 ? '1 round' : `${rounds} rounds`;
  const beside = versions.length === 0 ? '' : ` Contestants: ${versions.join(', ')}.`;
  const system = `${type()} ${release().split('-', 1).join()}`;
  return `_${today()}, ${often}. Node.js ${process.version}, ${system}, ${machine}; ${where}.${beside}_`;
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
