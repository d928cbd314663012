import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const columns = ['client', 'version', 'grade', 'how to attach'];
const measured = ['drops, cut', 'right answers', 'wrong', 'in flight', 'listeners'];
const mark = (which) => `<!-- measured: ${which} -->`;

/** Writes what a run has measured into two pages, if CONNMAN_MEASURE=1: one says how to attach, the other what was measured. */
export function writeTable(results) {
  const rows = results.map(rowOf);
  for (const row of rows) console.log(row.join(' | '));
  if (process.env.CONNMAN_MEASURE !== '1') return;
  const table = [[...columns, ...measured], [...columns, ...measured].map(() => '---'), ...rows];
  writeInto(
    'clients.md',
    table.map((row) => row.slice(0, columns.length)),
  );
  writeInto(
    'guides/clients-measured.md',
    table.map((row) => row.toSpliced(1, columns.length - 1)),
  );
}

function writeInto(name, table) {
  const page = join(import.meta.dirname, '../../../docs', name);
  const text = readFileSync(page, 'utf8');
  const [before, , after] = text.split(new RegExp(`(${mark('begin')}[^]*${mark('end')})`));
  const lines = table.map((row) => `| ${row.join(' | ')} |`);
  writeFileSync(page, `${before}${mark('begin')}\n\n${lines.join('\n')}\n\n${mark('end')}${after}`);
}

function rowOf({ trial, dropped, cut }) {
  const accounts = [dropped, cut];
  const sum = (of, outcome) => accounts.reduce((total, account) => total + account[of][outcome], 0);
  const count = (account) => account.listeners.length - 1;
  const asked = ['right', 'wrong', 'rejected', 'unanswered'].reduce(
    (total, each) => total + sum('undisturbed', each),
    0,
  );
  const wrong = sum('undisturbed', 'wrong') + sum('dropped', 'wrong');
  const listeners = (at) =>
    Object.values(dropped.listeners.at(at) ?? {}).reduce((total, each) => total + each, 0);
  return [
    trial.client,
    trial.version ?? versionOf(trial.package ?? trial.client),
    trial.grade,
    trial.hook,
    `${count(dropped)}, ${count(cut)}`,
    `${sum('undisturbed', 'right')} of ${asked}`,
    wrong,
    `${sum('dropped', 'right')} + ${sum('dropped', 'rejected')}`,
    `${listeners(0)} → ${listeners(-1)}`,
  ];
}

function versionOf(name) {
  const read = (path) => JSON.parse(readFileSync(join(import.meta.dirname, path), 'utf8'));
  return read('../package.json').dependencies[name] ?? read('../../../package.json').devDependencies[name];
}
