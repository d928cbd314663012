// Records what `connman demo` and `connman watch` print on a terminal, each from a real run, as moving pictures in docs/pictures/.
// Needs `script` (util-linux), which gives the command a terminal. `npm run build` before it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { startServerProcess } from '../src/testing/index.js';

/** A line of output, and when it was printed, in milliseconds since the begin. */
interface Line {
  readonly at: number;
  readonly text: string;
}

const root = join(__dirname, '..');
const rows = 20;
const columns = 118;
const height = 18;
const cell = 7.8;
/** How long the end stays to be read, before the picture begins again. */
const rest = 5_000;
const colours: Readonly<Record<string, string>> = {
  31: '#ff7b72',
  32: '#56d364',
  33: '#e3b341',
  35: '#d2a8ff',
  36: '#76e3ea',
  90: '#8b949e',
};

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Runs the command on a terminal, and meanwhile `play`. */
async function record(args: readonly string[], play: () => Promise<void>): Promise<Line[]> {
  const lines: Line[] = [{ at: 0, text: `$ npx connman ${args.join(' ')}` }];
  const command = [process.execPath, join(root, 'dist/cli/index.js'), ...args].join(' ');
  const child = spawn('script', ['-qec', `stty cols ${columns}; ${command}`, '/dev/null'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const start = performance.now();
  createInterface(child.stdout).on('line', (text) => lines.push({ at: performance.now() - start, text }));
  await Promise.all([play(), once(child, 'close')]);
  return lines;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** A line with its colours, as text of an SVG. */
function toSvg({ text }: Line, row: number): string {
  // The first piece has no colour, each other one begins with the number of its own.
  const [plain = '', ...painted] = text.replaceAll('\r', '').split('\u001B[');
  const spans = painted.map((piece) => {
    const [, code = '', after = ''] = /^(\d*)m(.*)$/s.exec(piece) ?? [];
    const colour = colours[code];
    return colour ? `<tspan fill="${colour}">${escape(after)}</tspan>` : escape(after);
  });
  return `<text y="${(row + 1) * height - 5}">${escape(plain)}${spans.join('')}</text>`;
}

/** The picture: the lines move up as they were printed, from the bottom, again and again. */
function draw(title: string, lines: readonly Line[]): string {
  const duration = (lines.at(-1)?.at ?? 0) + rest;
  const window = rows * height;
  // All that was printed at once moves at once.
  const frames = lines
    .map(({ at }, index) => ({ at, shift: window - (index + 1) * height }))
    .filter(({ at }, index) => (lines[index + 1]?.at ?? Infinity) - at > 1)
    .map(({ at, shift }) => `${((at / duration) * 100).toFixed(2)}%{transform:translateY(${shift}px)}`);
  const end = window - lines.length * height;
  const width = columns * cell + 24;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${window + 44}" role="img" aria-label="${escape(title)}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13">
<style>
@keyframes print{0%{transform:translateY(${window}px)}${frames.join('')}100%{transform:translateY(${end}px)}}
.lines{transform:translateY(${end}px);animation:print ${(duration / 1_000).toFixed(2)}s step-end infinite}
@media (prefers-reduced-motion:reduce){.lines{animation:none}}
text{fill:#e6edf3;white-space:pre}
</style>
<rect width="${width}" height="${window + 44}" rx="8" fill="#0d1117"/>
<g fill="#30363d"><circle cx="18" cy="16" r="5"/><circle cx="36" cy="16" r="5"/><circle cx="54" cy="16" r="5"/></g>
<svg x="12" y="32" width="${width - 24}" height="${window}"><g class="lines">
${lines.map((line, row) => toSvg(line, row)).join('\n')}
</g></svg>
</svg>
`;
}

function save(name: string, title: string, lines: readonly Line[]): void {
  const widest = Math.max(...lines.map(({ text }) => stripVTControlCharacters(text).length));
  if (widest > columns) throw new Error(`${name}: a line of ${widest} characters does not fit`);
  writeFileSync(join(root, 'docs/pictures', `${name}.svg`), draw(title, lines));
  console.log(`docs/pictures/${name}.svg: ${lines.length} lines`);
}

async function recordWatch(): Promise<Line[]> {
  await using crashing = await startServerProcess();
  await using freezing = await startServerProcess();
  const names = [crashing, freezing].map(({ host, port }) => `${host}:${port}`);
  return await record(['watch', '--ping', 'PING', '--every', '250', '--for', '11', ...names], async () => {
    await pause(1_500);
    await crashing.kill();
    await pause(2_000);
    await crashing.restart();
    await pause(1_000);
    await freezing.stop();
    await pause(3_000);
    await freezing.cont();
  });
}

async function main(): Promise<void> {
  save(
    'demo',
    'connman demo: five connections survive three deaths of their server',
    await record(['demo'], async () => {}),
  );
  save('watch', 'connman watch: one server crashes, another one freezes', await recordWatch());
}

void main();
