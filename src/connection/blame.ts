import type { EndedBy } from '../gate/index.js';
import type { ResetCode } from './stats/counters.js';

const enders: Readonly<Partial<Record<ResetCode, EndedBy>>> = {
  handshake: 'owner',
  'local-end': 'owner',
  requested: 'owner',
  'max-age': 'planned',
  disconnect: 'disconnect',
};

/** What a life with this end says, and about whom. */
export function endedBy(code: ResetCode): EndedBy {
  return enders[code] ?? 'endpoint';
}
