'use strict';

/** What the test has told this program. */
exports.args = JSON.parse(process.argv[2] ?? '{}');

/** Tells the test of an event. */
exports.tell = (event, details) => console.log(JSON.stringify({ event, ...details }));
