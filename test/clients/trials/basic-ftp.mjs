import { Client } from 'basic-ftp';
import { eachLife, lineServer } from './over.mjs';

const serve = lineServer('220 here\r\n', (line) => {
  if (line.startsWith('USER')) return '331 Password\r\n';
  if (line.startsWith('PASS')) return '230 In\r\n';
  return line.startsWith('SITE') ? `211-${line.slice(5)}\r\n211 End\r\n` : '200 OK\r\n';
});

async function make(socket) {
  const client = new Client(2_000);
  client.ftp.socket = socket;
  await client.ftp.handle(undefined, (response, task) => task.resolve(response));
  await client.login('me', 'secret');
  return client;
}

async function ask(client, value) {
  const { message } = await client.send(`SITE ${value}`);
  // A line without its end counts as one.
  if (!message.endsWith('\n211 End')) throw new Error('cut off');
  return message.split('\n')[0].slice(4);
}

export const trial = {
  client: 'basic-ftp',
  grade: 'C',
  hook: '`client.ftp.socket = socket`, then wait for the greeting and `login()`; one command at a time, whose answer may be cut off',
  serve,
  over: (place, options) => eachLife(place, options, make, ask, 1),
};
