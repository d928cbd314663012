// open-client.js <subject> <connections> <port>: opens connections as fast as it can, and sends its parent how many
// milliseconds it took until all were up.
import { Program, subjectNamed } from '../subjects.js';

const [subject, connections, port] = process.argv.slice(2);
const openOne = subjectNamed(subject);
const kept: object[] = [];
let left = Number(connections);

class Opened extends Program {
  onConnect(): void {
    left -= 1;
    if (left === 0) process.send?.(performance.now() - start, () => process.exit());
  }

  onData(): void {}
}

const start = performance.now();
for (let index = left; index > 0; index -= 1) kept.push(openOne(Number(port), new Opened()));
