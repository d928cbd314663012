import type { Loss } from './link.js';

/** What is known of a loss, from the first sign of it. One object for all of it: connections may be closed by the thousand. */
export class PartialLoss implements Loss {
  error: Error | undefined = undefined;
  endedBy: Loss['endedBy'] = undefined;
  unsentBytes = 0;
}
