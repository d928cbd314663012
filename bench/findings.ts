/** Sentences that say what was measured, or how. */
export interface Words {
  readonly kind: 'words';
  readonly words: string;
}

/** Numbers that a run has printed. */
export interface Table {
  readonly kind: 'table';
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Whether all targets in it are met; tables without targets are. */
  readonly isMet: boolean;
}

/** A drawing, as Vega-Lite describes it, that is kept in a file of that name. Those of the story stand at the top of the page. */
export interface Plot {
  readonly kind: 'plot';
  readonly name: string;
  readonly title: string;
  readonly spec: object;
}

/** What a part has to say, in order: it is printed, and it is written to the page. */
export type Finding = Words | Table | Plot;

/** Words as a finding. */
export function say(words: string): Words {
  return { kind: 'words', words };
}

/** A table as a finding. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  isMet: boolean = true,
): Table {
  return { kind: 'table', head, rows, isMet };
}

/** The table and, where a target in it is missed, why it stays. */
export function explained(results: Table, why: string): readonly Finding[] {
  return results.isMet ? [results] : [results, say(why)];
}

/** Whether no target in what was found is missed. */
export function areMet(findings: readonly Finding[]): boolean {
  return findings.every((finding) => finding.kind !== 'table' || finding.isMet);
}
