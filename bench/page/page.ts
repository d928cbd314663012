import { storyIn } from './story.js';

/** The folder of the plots, as the page sees it. */
export const drawings = 'benchmarks';

/** What stands above the parts of a page. */
const opening = `# Benchmarks

${storyIn(drawings)}

## How it was measured

connman beside a bare \`net.Socket\` with a retry written by hand, connman 2, and what else npm has. Every number below was
printed by the run that wrote it: \`npm run bench\` measures everything and writes this page, \`npm run bench -- recovery\`
one part of it. Each part says where and when it was measured, and with which versions.

Each contestant runs in a process of its own, the server in another, and the order changes from round to round. A value
is the median of the rounds, with the least and the greatest; a ratio is the median of the ratios of the same round.
"bare / bare" compares the control with its own next round: what it is away from 1 is what this machine cannot tell.`;

/** The text of the page with the part of that name replaced by `body`, or put where it belongs in `order`. */
export function withPart(page: string, order: readonly string[], name: string, body: string): string {
  const parts = new Map(partsOf(page)).set(name, body);
  const known = order.filter((each) => parts.has(each));
  return [opening, ...known.map((each) => framed(each, parts.get(each) ?? ''))].join('\n\n') + '\n';
}

function framed(name: string, body: string): string {
  return `<!-- begin ${name} -->\n\n${body}\n\n<!-- end ${name} -->`;
}

/** The parts of a page, each with its name. */
function partsOf(page: string): [name: string, body: string][] {
  const frames = page.matchAll(/^<!-- begin (\S+) -->\n\n(.*?)\n\n<!-- end \1 -->$/gms);
  return [...frames].map(([, name = '', body = '']) => [name, body]);
}
