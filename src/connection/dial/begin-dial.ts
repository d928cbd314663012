import { toError } from '../../primitives/to-error.js';
import { publishDial } from '../../telemetry/index.js';
import { dialTimeout } from './dial-errors.js';
import { dialOptions } from './dial-options.js';
import type { Dial } from './dial.js';
import type { DialerHost } from './dialer-host.js';

/** Begins a dial, with its deadline. Calls `failed` if Node.js never begins it, for then no event follows. */
export function beginDial(host: DialerHost, dial: Dial, failed: (error: Error) => void): void {
  const { link, options } = host;
  const { connectTimeout } = options;
  host.move('dial');
  host.record.beginDial(host.owner.totalsFor?.(dial.endpoint));
  host.isSocketOpen = true;
  host.setDeadline(connectTimeout, () => link.current.destroy(dialTimeout(dial, connectTimeout)));
  try {
    link.dial(dialOptions(dial.endpoint, options, dial), dial);
  } catch (error) {
    abandon(host, toError(error), failed);
  }
  publishDial(host);
}

function abandon(host: DialerHost, error: Error, failed: (error: Error) => void): void {
  const socket = host.link.current;
  if (!socket.destroyed) return void socket.destroy(error);
  host.isSocketOpen = false;
  process.nextTick(failed, error);
}
