import { explained, say, type Finding } from '../findings.js';
import {
  countInstructions,
  findInstructionCounter,
  type InstructionCounter,
} from '../instruction-counter.js';
import type { Part } from '../part.js';
import { withServer } from '../processes.js';
import { interleave } from '../ratios.js';
import { comparisonTable, type Comparison } from '../report.js';

const target = 1.02;

/** A run with few messages and one with more: their difference has neither start nor import in it. */
const runs = { few: 10_000, more: 40_000 };

/** How many instructions a message takes: what the noise of a machine cannot hide. */
export const instructions: Part = {
  title: 'Instructions',
  rounds: 3,
  minutes: 8,
  quickRounds: 0,
  peers: [],
  async run(rounds) {
    const counter = findInstructionCounter();
    if (!counter) return [say('Neither perf nor valgrind can count them on this machine.')];
    const comparison = await withServer(({ echo }) => compare(counter, echo, rounds));
    return [introduction(counter), ...explained(comparisonTable('instructions', 0, [comparison], 3), why)];
  },
};

const why =
  'Each write is followed by a look, before the next turn, whether others came after it that leave together: `autoCork`. With one ' +
  'message at a time there are none. It is not seen in the time that a message takes, and with 128 at a time it saves three quarters.';

function introduction({ name }: InstructionCounter): Finding {
  return say(
    `Instructions of the process per message of 64 B, there and back, those of the system left out, as ${name} counts them; ` +
      'Node.js runs with `--predictable`. Large messages are left out: they take as many as the pieces into which the ' +
      'system cuts them.',
  );
}

async function compare(counter: InstructionCounter, port: number, rounds: number): Promise<Comparison> {
  const values = await interleave(['bare', 'connman'], rounds, (subject) =>
    perMessage(counter, port, subject),
  );
  return { name: 'connman', subject: values('connman'), control: values('bare'), target };
}

async function perMessage(counter: InstructionCounter, port: number, subject: string): Promise<number> {
  const count = (messages: number): Promise<number> =>
    countInstructions(counter, 'cpu-client', [subject, 'pingPong', String(port), String(messages)]);
  return ((await count(runs.more)) - (await count(runs.few))) / (runs.more - runs.few);
}
