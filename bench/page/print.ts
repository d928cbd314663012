import type { Finding } from '../findings.js';
import { textTable } from './text-table.js';

/** Prints what a part has found, as far as a terminal can show it. */
export function print(findings: readonly Finding[]): void {
  for (const finding of findings) {
    if (finding.kind === 'words') console.log(`${finding.words}\n`);
    if (finding.kind === 'table') console.log(`${textTable(finding)}\n`);
  }
}
