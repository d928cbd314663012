import { hostname } from 'node:os';
import { TextFile } from './text-file.js';

/** The domains that a short name may be below. */
export interface SearchList {
  readonly domains: readonly string[];
  /** A name with at least this many dots is first taken as it is. */
  readonly dots: number;
}

/** As the C library has it. */
const most = { domains: 32, dots: 15 };

/** Reads the text of a `resolv.conf`. `host` is the name of this host, whose domain counts where the file names none. */
export function parseSearchList(text: string, host: string): SearchList {
  const [, ...own] = host.split('.');
  let domains = own.length > 0 ? [own.join('.')] : [];
  let dots = 1;
  for (const line of text.split('\n')) {
    const [keyword = '', ...words] = line.trim().split(/\s+/);
    if (keyword === 'domain') domains = words.slice(0, 1);
    else if (keyword === 'search') domains = words.slice(0, most.domains);
    else if (keyword === 'options') dots = dotsOf(words) ?? dots;
  }
  const named = domains.map((domain) => domain.replace(/\.$/, '')).filter((domain) => domain !== '');
  return { domains: named, dots };
}

/** The names to ask for, in this order, until one has an address. */
export function candidates(name: string, { domains, dots }: SearchList): readonly string[] {
  if (name.endsWith('.')) return [name];
  const below = domains.map((domain) => `${name}.${domain}`);
  return name.split('.').length > dots ? [name, ...below] : [...below, name];
}

function dotsOf(options: readonly string[]): number | undefined {
  const [, value] = options.map((option) => /^ndots:(\d+)$/.exec(option)).findLast(Boolean) ?? [];
  return value === undefined ? undefined : Math.min(Number(value), most.dots);
}

/** The search list of the system. Windows has no such file. */
export function systemSearchList(): TextFile<SearchList> {
  return new TextFile('/etc/resolv.conf', (text) =>
    process.platform === 'win32' ? { domains: [], dots: 1 } : parseSearchList(text, hostname()),
  );
}
