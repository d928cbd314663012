/** Errors that connman or Node.js may never emit: they tell of a write or an end that should have been refused. */
export const forbiddenErrors: ReadonlySet<string> = new Set([
  'CONNMAN_CLOSED',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
  'ERR_MULTIPLE_CALLBACK',
  'ERR_SOCKET_CLOSED',
  'ERR_SOCKET_CLOSED_BEFORE_CONNECTION',
  'ERR_INTERNAL_ASSERTION',
  'EALREADY',
  'EISCONN',
]);
