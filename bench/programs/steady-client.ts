// steady-client.js <subject> <workload> <warm-up> <messages> <port>: one connection, first so many messages that everything is
// compiled, then those that count, then the end. callgrind knows no function of a script: between the two it is told by a
// call of `uv_os_getpriority`, which nothing else calls.
import { getPriority } from 'node:os';
import { subjectNamed } from '../subjects.js';
import { Meter, workloadNamed } from './workloads.js';

const [subject, workload, warmUp, messages, port] = process.argv.slice(2);

class MarkedMeter extends Meter {
  #left = Number(warmUp);

  override count(counted: number): void {
    this.#left -= counted;
    if (this.#left === 0) getPriority();
    super.count(counted);
  }
}

const meter = new MarkedMeter(Number(warmUp), Number(messages), () => process.exit());
subjectNamed(subject)(Number(port), workloadNamed(workload).create(meter));
