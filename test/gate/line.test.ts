import { describe, expect, test } from 'vitest';
import { Line, type Urgency } from '../../src/gate/line.js';
import { newGate, ScriptedApplicant } from './scripted-applicant.js';

/** Applicants who are in such a line, in the order of their coming. */
function lineOf(...urgencies: readonly Urgency[]): { line: Line; all: ScriptedApplicant[] } {
  const gate = newGate();
  const line = new Line();
  const all = urgencies.map((urgency) => {
    const applicant = new ScriptedApplicant(gate);
    line.add(applicant, urgency);
    return applicant;
  });
  return { line, all };
}

describe('a line', () => {
  test('is served by urgency, and within one first come, first served', () => {
    const { line, all } = lineOf('patient', 'new', 'hurried', 'patient', 'new', 'hurried');
    const order = Array.from(line.everyone(), (applicant) => all.indexOf(applicant as ScriptedApplicant));
    expect(order).toEqual([2, 5, 1, 4, 0, 3]);
    const served = order.map(() => {
      const { first, urgency } = line;
      if (first) expect(line.delete(first)).toBe(true);
      return [all.indexOf(first as ScriptedApplicant), urgency];
    });
    expect(served).toEqual([
      [2, 'hurried'],
      [5, 'hurried'],
      [1, 'new'],
      [4, 'new'],
      [0, 'patient'],
      [3, 'patient'],
    ]);
    expect([line.size, line.first]).toEqual([0, undefined]);
    expect(line.delete(all[0] as ScriptedApplicant)).toBe(false);
  });

  test('lets those in a hurry go first, in the order in which they asked for it', () => {
    const { line, all } = lineOf('patient', 'new', 'patient', 'hurried');
    const [first, second, third] = all as [ScriptedApplicant, ScriptedApplicant, ScriptedApplicant];
    for (const applicant of [third, second, third]) line.hurry(applicant);
    expect(Array.from(line.everyone(), (applicant) => all.indexOf(applicant as ScriptedApplicant))).toEqual([
      3, 2, 1, 0,
    ]);
    expect(line.delete(first)).toBe(true);
    line.hurry(first);
    expect([line.size, line.has(first)]).toEqual([3, false]);
  });

  test('knows the first for whom somebody waits', () => {
    const { line, all } = lineOf('patient', 'new', 'patient');
    expect(line.firstWanted).toBeUndefined();
    for (const index of [2, 0]) {
      (all[index] as ScriptedApplicant).isWanted = true;
      expect(line.firstWanted).toBe(all[index]);
    }
  });

  test('keeps the program alive for those who want it to be', () => {
    const { line, all } = lineOf('patient', 'hurried');
    for (const applicant of all) {
      expect(line.keepsAlive).toBe(true);
      applicant.isReferenced = false;
      line.referenced(applicant);
    }
    expect(line.keepsAlive).toBe(false);
    const [first] = all as [ScriptedApplicant];
    first.isReferenced = true;
    line.referenced(first);
    expect(line.keepsAlive).toBe(true);
    line.delete(first);
    expect(line.keepsAlive).toBe(false);
  });
});
