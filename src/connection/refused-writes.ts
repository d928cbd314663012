import { describeEndpoint, publishWriteRefused, traceRefusedWrite } from '../telemetry/index.js';
import type { ConnectionSource, ConnectionState } from '../telemetry/index.js';
import type { Owner, OwnerEvent } from './owner.js';
import type { ConnectionRecord } from './stats/record.js';

/** The connection whose socket has refused a write. */
export interface RefusingConnection extends ConnectionSource {
  readonly state: ConnectionState;
  readonly record: ConnectionRecord;
  readonly owner: Pick<Owner<never>, 'totalsFor'>;
  tell(event: OwnerEvent): void;
}

let hasWarned = false;

/** Counts a refused write, and leaves a trace of the first one of an outage: most writers have no callback that would be told. */
export function writeRefused(connection: RefusingConnection, hasCallback: boolean): void {
  const { endpoint, life, owner, record, state } = connection;
  const isFirst = record.refuseWrite(owner.totalsFor?.(endpoint));
  connection.tell('write-refused');
  if (state === 'closed') return;
  if (life === 0 && !hasCallback && state !== 'closing') warnOnce(connection);
  if (!isFirst) return;
  traceRefusedWrite(connection, state);
  publishWriteRefused(connection);
}

/** One warning for each process is enough: its reader looks at every place that writes. */
function warnOnce(connection: RefusingConnection): void {
  if (hasWarned) return;
  hasWarned = true;
  const message =
    `a write to ${describeEndpoint(connection)} came before the first life of its connection, so nothing was sent: ` +
    'wait for ready(), or write in onConnect';
  process.emitWarning(message, { type: 'ConnmanWarning', code: 'CONNMAN_NOT_READY' });
}
