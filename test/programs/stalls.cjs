'use strict';

const tick = 5;
/** A turn of the event loop that came this late, or later, counts. */
const noticeable = 8;

let total = 0;
let last = performance.now();

function pending(at) {
  const gap = at - last;
  return gap > noticeable ? gap : 0;
}

setInterval(() => {
  const at = performance.now();
  total += pending(at);
  last = at;
}, tick).unref();

/**
 * For how many milliseconds in all the event loop of this program has stood still so far: because of the program, or
 * because of a machine that is busy elsewhere. No timer could have come in that time.
 */
exports.stalled = () => total + pending(performance.now());
