import type { Part } from './part.js';
import { dataPath } from './parts/data-path.js';
import { flap } from './parts/flap.js';
import { footprint } from './parts/footprint.js';
import { inFlight } from './parts/in-flight.js';
import { instructions } from './parts/instructions.js';
import { lease } from './parts/lease.js';
import { memory } from './parts/memory.js';
import { openClose } from './parts/open-close.js';
import { recovery } from './parts/recovery.js';
import { requests } from './parts/requests.js';
import { scale } from './parts/scale.js';
import { shutdown } from './parts/shutdown.js';
import { sweep } from './parts/sweep.js';

/** The parts by name, in the order of the page. */
export const parts = {
  recovery,
  flap,
  'data-path': dataPath,
  'in-flight': inFlight,
  instructions,
  lease,
  requests,
  memory,
  'open-close': openClose,
  shutdown,
  scale,
  sweep,
  footprint,
} satisfies Record<string, Part>;

/** The part of that name. */
export function partNamed(name: string): Part {
  for (const [known, part] of Object.entries(parts)) if (known === name) return part;
  throw new TypeError(`part: expected one of ${Object.keys(parts).join(', ')}, got ${name}`);
}
