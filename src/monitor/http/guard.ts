import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { isLoopback } from '../options.js';

/** A request, as far as it is judged. */
export interface Asked {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Where the page is served. */
export interface Served {
  /** Nothing for a Unix socket. */
  readonly host: string | undefined;
  readonly token: string | undefined;
  /** The name of the cookie that holds the token. */
  readonly cookie: string;
}

/** The answer to a request that is not served, or where it is to go on: after a token in the address. */
export interface Refusal {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Judges a request; nothing is wrong with it if there is no answer. A page of another site may make a browser send requests to
 * this machine, and, by a name that it points here (DNS rebinding), even read the answers: the `Host` tells.
 */
export function refusalOf({ method, url = '/', headers }: Asked, served: Served): Refusal | undefined {
  const host = headers['host'];
  if (typeof host !== 'string' || !isExpectedHost(host, served.host))
    return { status: 421, text: 'this page is not served under that name' };
  if (method !== 'GET' && method !== 'HEAD')
    return { status: 405, text: 'this page can only be read', headers: { allow: 'GET, HEAD' } };
  if (!isSameOrigin(headers, host)) return { status: 403, text: 'this page is not for other sites' };
  return served.token === undefined ? undefined : refusalOfToken(url, headers, served.cookie, served.token);
}

/** Whether the name in `Host` is one of this machine, under which no other site can be. */
function isExpectedHost(header: string, host: string | undefined): boolean {
  const [, bracketed, plain] = /^(?:\[([\da-f:.]+)\]|([^\s:[\]/@]+))(?::\d{1,5})?$/i.exec(header) ?? [];
  const name = (bracketed ?? plain)?.toLowerCase();
  if (name === undefined) return false;
  if (isLoopback(name)) return true;
  if (host === undefined || isLoopback(host)) return false;
  // No name can be pointed at what is an address itself.
  return name === host.toLowerCase() || isIP(name) !== 0;
}

function isSameOrigin(headers: Asked['headers'], host: string): boolean {
  const { origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest } = headers;
  if (origin !== undefined && origin !== `http://${host}`) return false;
  if (site === undefined || site === 'same-origin' || site === 'none') return true;
  // A link, such as in the channel of an incident.
  return mode === 'navigate' && dest === 'document';
}

function refusalOfToken(
  url: string,
  { authorization, cookie = '' }: Asked['headers'],
  cookieName: string,
  token: string,
): Refusal | undefined {
  const cookies = String(cookie).split(/; */);
  const kept = cookies
    .filter((each) => each.startsWith(`${cookieName}=`))
    .map((each) => each.slice(cookieName.length + 1));
  const said = /^Bearer (\S+)$/i.exec(String(authorization ?? ''))?.[1];
  if ([...kept, said].some((each) => isEqual(each, token))) return undefined;
  // Whatever is asked for: not all of it is a URL.
  const asked = new URLSearchParams(url.split('?')[1]).get('token') ?? undefined;
  if (!isEqual(asked, token))
    return { status: 401, text: 'this page needs its token', headers: { 'www-authenticate': 'Bearer' } };
  // The address without the token, so that it stays in no history of a browser.
  const value = `${cookieName}=${token}; Path=/; HttpOnly; SameSite=Strict`;
  return { status: 303, text: 'go on', headers: { location: './', 'set-cookie': value } };
}

/** Takes as long for a token that is almost right. */
function isEqual(given: string | undefined, token: string): boolean {
  const [one, other] = [given ?? '', token].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(one as Buffer, other as Buffer);
}
