import { Outbox } from './outbox.js';
import type { FaultPlan } from './fault-plan.js';
import type { ServerConnection } from './server-connection.js';

/** While more than so many bytes wait to be sent, the server reads no further. */
const highWater = 65_536;

/** Carries out a plan on a connection that has just been accepted (and is secure) and has not been read from. */
export function runFaults(connection: ServerConnection, plan: FaultPlan): void {
  const { socket } = connection;
  let throttled = false;
  const outbox = new Outbox(connection, plan.slice, () => {
    if (throttled && !connection.paused) socket.resume();
    throttled = false;
  });
  for (const opening of plan.openings) outbox.send(opening(connection.number));
  if (plan.finish.at === 0) outbox.finish(plan.finish.how);
  const answer = answering(connection, plan, outbox);
  socket.on('data', (chunk: Buffer) => {
    answer(chunk);
    if (outbox.pending <= highWater) return;
    throttled = true;
    socket.pause();
  });
  socket.once('end', () => {
    if (plan.answersEnd) outbox.finish('end');
  });
  if (plan.reads && !connection.paused) socket.resume();
}

function answering(connection: ServerConnection, plan: FaultPlan, outbox: Outbox): (chunk: Buffer) => void {
  let offset = 0;
  return (chunk) => {
    const part = chunk.subarray(0, Math.max(0, plan.finish.at - offset));
    offset += chunk.length;
    const data = part.length > 0 ? plan.answer(part, connection) : undefined;
    if (data !== undefined) outbox.send(data);
    if (offset >= plan.finish.at) outbox.finish(plan.finish.how);
  };
}
