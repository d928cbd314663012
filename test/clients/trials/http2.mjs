import http2 from 'node:http2';
import { eachLife } from './over.mjs';

function serve(server) {
  const h2 = http2.createServer((request, response) => {
    const answer = request.url.slice(1);
    response.writeHead(200, { 'content-length': answer.length }).end(answer);
  });
  h2.on('sessionError', () => {});
  server.on('connection', (socket) => h2.emit('connection', socket));
}

function make(socket) {
  return new Promise((resolve, reject) => {
    const session = http2.connect('http://localhost', { createConnection: () => socket });
    session.on('error', reject).once('remoteSettings', () => resolve(session));
    session.once('close', () => reject(new Error('closed')));
  });
}

function ask(session, value) {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': `/${value}` }).setEncoding('utf8');
    let answer = '';
    let length = NaN;
    stream.on('response', (headers) => (length = Number(headers['content-length'])));
    stream.on('data', (chunk) => (answer += chunk)).on('error', reject);
    // When the link is lost, a stream ends as if it were complete.
    stream.once('close', () => (answer.length === length ? resolve(answer) : reject(new Error('cut off'))));
  });
}

export const trial = {
  client: '`node:http2`',
  version: 'Node.js',
  grade: 'C',
  hook: '`http2.connect(url, { createConnection: () => socket })`; compare `content-length`',
  serve,
  over: (place, options) => eachLife(place, options, make, ask),
};
