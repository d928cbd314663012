import { generate, type GenerateResult } from 'selfsigned';

/** A certificate and its private key, in PEM, named as the options of `node:tls` are. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
}

/** What tests of TLS need. All but `selfSigned` are issued by `ca`; the names are also the common names. */
export interface Certificates {
  /** The certificate of the authority: what a client has to trust, and a server that wants client certificates. */
  readonly ca: string;
  /** For `localhost` and 127.0.0.1. */
  readonly localhost: Identity;
  /** For the name `a.test` only. */
  readonly a: Identity;
  /** For the name `b.test` only. */
  readonly b: Identity;
  /** For `localhost` and 127.0.0.1, but no longer valid. */
  readonly expired: Identity;
  /** For `localhost` and 127.0.0.1, but issued by itself. */
  readonly selfSigned: Identity;
  /** For a client with the name `client`. */
  readonly client: Identity;
}

type Options = NonNullable<Parameters<typeof generate>[1]>;

/** The key and certificate of the authority. */
type Authority = NonNullable<Options['ca']>;

let made: Promise<Certificates> | undefined;
let authority: Promise<Authority> | undefined;

/** The certificates of this process: made at the first call, in about 100 ms, and the same ever after. */
export function certificates(): Promise<Certificates> {
  made ??= make();
  return made;
}

/** For `localhost` and 127.0.0.1, issued by `ca`; valid until `seconds` from now. */
export async function expiringIn(seconds: number): Promise<Identity> {
  authority ??= makeAuthority();
  return issue({ name: 'localhost', address: '127.0.0.1', ca: await authority, days: seconds / 86_400 });
}

async function make(): Promise<Certificates> {
  authority ??= makeAuthority();
  const ca = await authority;
  const address = '127.0.0.1';
  const [localhost, a, b, expired, selfSigned, client] = await Promise.all([
    issue({ name: 'localhost', address, ca }),
    issue({ name: 'a.test', ca }),
    issue({ name: 'b.test', ca }),
    issue({ name: 'localhost', address, ca, days: -1 }),
    issue({ name: 'localhost', address }),
    issue({ name: 'client', ca }),
  ]);
  return { ca: ca.cert, localhost, a, b, expired, selfSigned, client };
}

async function makeAuthority(): Promise<Authority> {
  const { private: key, cert } = await certify('connman test authority', {
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { key, cert };
}

interface Wanted {
  readonly name: string;
  readonly address?: string;
  /** Nobody's: the certificate is issued by itself. */
  readonly ca?: Authority;
  /** For how many days it is valid. Default: 10. */
  readonly days?: number;
}

async function issue({ name, address, ca, days = 10 }: Wanted): Promise<Identity> {
  const { private: key, cert } = await certify(name, {
    ...(ca && { ca }),
    notAfterDate: daysFromNow(days),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: name !== 'client', clientAuth: name === 'client' },
      {
        name: 'subjectAltName',
        altNames: [{ type: 2, value: name }, ...(address ? [{ type: 7 as const, ip: address }] : [])],
      },
    ],
  });
  return { key, cert };
}

/** A new key with a certificate; elliptic curves, because they are quick to make and to use. */
function certify(name: string, options: Options): Promise<GenerateResult> {
  return generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: daysFromNow(-10),
    notAfterDate: daysFromNow(10),
    ...options,
  });
}

function daysFromNow(days: number): Date {
  return new Date(Date.now() + days * 86_400_000);
}
