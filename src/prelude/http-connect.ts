import type { Prelude } from '../connection/index.js';
import { callable, check, readOptions, type Check } from '../primitives/checks.js';
import { formatHostPort, readTarget, toEndpoint, type HostEndpoint } from '../primitives/endpoint.js';
import { FatalError, OptionError } from '../primitives/errors.js';
import { expect, shown } from './expect.js';

/** What `Proxy-Authorization` says. */
type Authorization = string | (() => string | PromiseLike<string>);

/** The options of {@link httpConnect}. */
export interface HttpConnectOptions {
  /**
   * The value of the header `Proxy-Authorization`, such as `Basic dXNlcjpwYXNz`. A function is asked for it in each dial: for
   * what changes.
   * @default no header
   */
  authorization?: Authorization | undefined;
}

/** What a header may contain: with a line break, another header could follow. */
const headerText = /^[\t\u0020-\u007e\u0080-\u00ff]+$/;

const checks: Readonly<Record<keyof HttpConnectOptions, Check>> = {
  authorization: (name, value) => {
    if (typeof value === 'string') headerValue(name, value);
    else callable(name, value);
  },
};

const answerHead = /^HTTP\/\d\.\d (\d{3})(.*)\r?\n(?:.+\r?\n)*\r?\n/;

/**
 * A prelude that asks an HTTP proxy for a tunnel to `target`: `CONNECT`, as of RFC 9110. The endpoint that is dialled is the
 * proxy. Errors, statistics and channels name the target beside it, and TLS verifies the target's host.
 *
 * A proxy that refuses is a failed dial of the phase `prelude`, whose cause has the `statusCode`. 407, for which a fixed
 * `authorization` is wrong, closes the connection with the code `fatal`.
 *
 * @param target a host and a port: `'db.example.com:5432'`, `'[::1]:5432'` or `{ host, port }`.
 * @throws `OptionError` for a wrong target or option.
 *
 * @example
 * ```ts
 * import { connect } from 'connman';
 * import { httpConnect } from 'connman/prelude';
 *
 * const authorization = `Basic ${Buffer.from('user:password').toString('base64')}`;
 * const prelude = httpConnect('db.example.com:5432', { authorization });
 *
 * connect(3128, 'proxy.example.com', { onConnect: () => {} }, { prelude, tls: true });
 * ```
 */
export function httpConnect(
  target: string | { readonly host: string; readonly port: number },
  options: HttpConnectOptions = {},
): Prelude {
  const name = textOf(target);
  const { authorization } = readOptions<HttpConnectOptions>('options', options, checks);
  const prelude: Prelude = async (socket) => {
    const login = await valueOf(authorization);
    const lines = [`CONNECT ${name} HTTP/1.1`, `Host: ${name}`];
    if (login !== undefined) lines.push(`Proxy-Authorization: ${login}`);
    socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
    let answer: RegExpExecArray;
    // What begins with 1 is not the answer yet.
    do answer = await expect(socket, answerHead, /^HTTP/);
    while (answer[1]?.startsWith('1'));
    const statusCode = Number(answer[1]);
    if (statusCode >= 200 && statusCode < 300) return;
    const message = `the proxy answered ${shown(`${answer[1]}${answer[2]}`)}`;
    const isHopeless = statusCode === 407 && typeof authorization !== 'function';
    throw Object.assign(isHopeless ? new FatalError(message) : new Error(message), { statusCode });
  };
  return Object.assign(prelude, { target: name });
}

async function valueOf(authorization: Authorization | undefined): Promise<string | undefined> {
  if (typeof authorization !== 'function') return authorization;
  const value: unknown = await authorization();
  headerValue('the result of options.authorization', value);
  return value as string;
}

/** The value itself is not shown. */
function headerValue(name: string, value: unknown): void {
  check('a text that fits into one header', (each) => typeof each === 'string' && headerText.test(each))(
    name,
    value,
  );
}

function textOf(target: unknown): string {
  if (typeof target === 'string') {
    const { host, port } = readTarget('target', target);
    return formatHostPort(host, port);
  }
  const { host, port, path } = toEndpoint('target', target);
  if (path !== undefined) throw new OptionError('target', 'a host and a port', target);
  return formatHostPort((host satisfies HostEndpoint['host'] | undefined) ?? '', port ?? 0);
}
