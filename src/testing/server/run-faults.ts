import type { FaultPlan } from './fault-plan.js';
import { Outbox } from './outbox.js';
import type { ServerConnection } from './server-connection.js';

/** The server stops reading while more bytes than this wait to be sent. */
const highWaterMark = 65_536;

/** Runs the plan on a connection from which nothing has been read. Over TLS, its handshake must be done. */
export function runFaults(connection: ServerConnection, plan: FaultPlan): void {
  const { socket } = connection;
  let isThrottled = false;
  const outbox = new Outbox(connection, plan.slice, () => {
    if (isThrottled && !connection.paused) socket.resume();
    isThrottled = false;
  });
  for (const opening of plan.openings) outbox.send(opening(connection.number));
  if (plan.finish.at === 0) outbox.finish(plan.finish.how);
  const answer = answerWith(connection, plan, outbox);
  socket.on('data', (chunk: Buffer) => {
    answer(chunk);
    if (outbox.pending <= highWaterMark) return;
    isThrottled = true;
    socket.pause();
  });
  socket.once('end', () => {
    if (plan.answersEnd) outbox.finish('end');
  });
  if (plan.reads && !connection.paused) socket.resume();
}

/** Answers the bytes before the finish, and finishes at its offset. */
function answerWith(connection: ServerConnection, plan: FaultPlan, outbox: Outbox): (chunk: Buffer) => void {
  let offset = 0;
  return (chunk) => {
    const part = chunk.subarray(0, Math.max(0, plan.finish.at - offset));
    offset += chunk.length;
    const data = part.length > 0 ? plan.answer(part, connection) : undefined;
    if (data !== undefined) outbox.send(data);
    if (offset >= plan.finish.at) outbox.finish(plan.finish.how);
  };
}
