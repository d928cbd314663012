// cpu-client.js <subject> <workload> <port> [messages]: sends its parent the CPU that one message took, in microseconds.
import { subjectNamed } from '../subjects.js';
import { Meter, workloadNamed } from './workloads.js';

const [subject, workload, port, messagesText] = process.argv.slice(2);
const { connections, warmUp, messages: usual, create } = workloadNamed(workload);
const messages = Number(messagesText ?? usual);
const open = subjectNamed(subject);

const meter = new Meter(warmUp, messages, (microseconds) => {
  process.send?.(microseconds, () => process.exit());
});
for (let index = 0; index < connections; index += 1) open(Number(port), create(meter));
