import type { Candidate } from './candidate.js';
import type { Place } from './endpoint-picker.js';
import type { Levels } from './levels.js';
import type { Row } from './row.js';

/** The connections to one endpoint, to draw from. */
export type RowPlace<T extends Candidate> = Place<T, Row<T>>;

/** So often a connection that is lent may be drawn in vain. */
const mostTries = 16;

/**
 * An endpoint by its share, in which one of its ready connections is drawn. Where that one is lent, everything is drawn again: so
 * an endpoint of which most are lent has fewer chances, and a busy server gets less.
 */
export function draw<T extends Candidate>(
  levels: Levels<Row<RowPlace<T>>>,
  chance: () => number,
): RowPlace<T> | undefined {
  let place: RowPlace<T> | undefined;
  for (let tries = 0; tries < mostTries; tries += 1) {
    place = levels.drawn(chance)?.endpoints.drawn(chance);
    if (!place) return undefined;
    const { length } = place.candidates;
    const { ready = length } = place.load;
    if (length >= ready || chance() * ready < length) return place;
  }
  return place;
}
