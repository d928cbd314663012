/** What a parent asks. */
export interface Question {
  /** The number of the answer; 0 for none. */
  readonly number: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

/** What the program answers. */
export interface Answer {
  readonly number: number;
  readonly value: unknown;
}

/** The questions of a program, by name. */
export type Answers = Record<string, (...args: never[]) => unknown>;

/** Answers the parent's questions from now on. The channel keeps the process alive until one of them closes it. */
export function answerWith(answers: Answers): void {
  process.on('message', (message) => void answer(answers, message as Question));
}

async function answer(answers: Answers, { number, name, args }: Question): Promise<void> {
  const value = await answers[name]?.(...(args as never[]));
  if (number !== 0 && process.connected) process.send?.({ number, value } satisfies Answer);
}
