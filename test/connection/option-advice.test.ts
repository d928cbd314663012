import { expect, test } from 'vitest';
import { connectionChecks, resolveOptions } from '../../src/connection/index.js';
import { adviceOnOption } from '../../src/connection/options/advice.js';
import type { ConnectionOptions } from '../../src/index.js';
import { unchecked } from '../support/call.js';

test.each([
  ['delay', ' (did you mean backoff?)'],
  ['jitter', ' (did you mean backoff?)'],
  ['minDelay', ' (did you mean backoff?)'],
  ['interval', ' (did you mean heartbeat?)'],
  ['ALPNProtocols', ' (did you mean tls?)'],
  ['abortSignal', ' (did you mean signal?)'],
  ['maxLifetime', ' (did you mean maxAge?)'],
  ['proxy', ' (did you mean prelude?)'],
  ['perEndpoint', ', an option of createPool()'],
  ['max', ', an option of createPool()'],
  ['maxDialing', ', an option of new ConnectionManager()'],
  ['onConnect', ', a method of the handler'],
  ['hostname', ', part of the endpoint'],
  ['keepAliveInitialdelay', ' (did you mean keepAliveInitialDelay?)'],
  ['nodelay', ' (did you mean noDelay?)'],
])('connect() says of %s: %s', (name, advice) => {
  expect(() => resolveOptions(unchecked<ConnectionOptions>({ [name]: 1 }))).toThrow(
    `options: expected a known option, got "${name}"${advice}`,
  );
});

test.each([
  ['hosts', ' (did you mean discovery?)'],
  ['strategy', ' (did you mean pick?)'],
  ['max', undefined],
])('of %s, createPool() says: %s', (name, advice) => {
  const known = [...Object.keys(connectionChecks), 'discovery', 'pick', 'perEndpoint'];
  expect(adviceOnOption(name, known)).toBe(advice);
});
