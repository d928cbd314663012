import { OptionError } from '../../primitives/errors.js';
import type { Answer, Fault, FinishAt } from './fault.js';
import type { Data } from './wire.js';

/** The faults of one connection, combined. */
export interface FaultPlan {
  readonly openings: readonly ((connection: number) => Data)[];
  readonly answer: Answer;
  readonly reads: boolean;
  readonly slice: number;
  readonly finish: FinishAt;
  readonly answersEnd: boolean;
}

const healthy: FaultPlan = {
  openings: [],
  answer: (chunk) => chunk,
  reads: true,
  slice: Infinity,
  finish: { at: Infinity, how: 'end' },
  answersEnd: true,
};

/** Combines the faults that a script has returned, by the rules stated at {@link Fault}. Throws an OptionError for anything else. */
export function toFaultPlan(scripted: Fault | readonly Fault[]): FaultPlan {
  const faults = [scripted].flat();
  if (!faults.every(isFault)) throw new OptionError('script()', 'a fault or an array of faults', scripted);
  return faults.reduce(addFault, healthy);
}

function isFault(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'verb' in value;
}

function addFault(plan: FaultPlan, fault: Fault): FaultPlan {
  return {
    openings: fault.opening ? [...plan.openings, fault.opening] : plan.openings,
    answer: fault.answer ?? plan.answer,
    reads: fault.reads ?? plan.reads,
    slice: fault.slice ?? plan.slice,
    finish: fault.finish && fault.finish.at < plan.finish.at ? fault.finish : plan.finish,
    answersEnd: fault.answersEnd ?? plan.answersEnd,
  };
}
