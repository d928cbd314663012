import type { Answer, Data, Fault, FinishAt } from './faults.js';

/** What the server does on one connection: its faults, put together. */
export interface Plan {
  readonly openings: readonly ((connection: number) => Data)[];
  readonly answer: Answer;
  readonly reads: boolean;
  readonly slice: number;
  readonly finish: FinishAt;
  readonly answersEnd: boolean;
}

const healthy: Plan = {
  openings: [],
  answer: (chunk) => chunk,
  reads: true,
  slice: Infinity,
  finish: { at: Infinity, how: 'end' },
  answersEnd: true,
};

/** Puts faults together, by the rules stated at {@link Fault}. */
export function planOf(faults: readonly Fault[]): Plan {
  return faults.reduce(add, healthy);
}

function add(plan: Plan, fault: Fault): Plan {
  return {
    openings: fault.opening ? [...plan.openings, fault.opening] : plan.openings,
    answer: fault.answer ?? plan.answer,
    reads: fault.reads ?? plan.reads,
    slice: fault.slice ?? plan.slice,
    finish: fault.finish && fault.finish.at < plan.finish.at ? fault.finish : plan.finish,
    answersEnd: fault.answersEnd ?? plan.answersEnd,
  };
}
