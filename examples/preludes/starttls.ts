/** STARTTLS: what a client says in plain text before TLS, as preludes: `connect(587, host, handler, { prelude: smtp, tls: true })`. */
import type { Prelude } from 'connman';
import { expect } from 'connman/prelude';

const reply = /^(?:\d{3}-.*\r\n)*\d{3} .*\r\n/;

/** SMTP (RFC 3207). The handler says EHLO again. */
export const smtp: Prelude = async (socket) => {
  await expect(socket, reply, /^220/);
  socket.write('EHLO localhost\r\n');
  await expect(socket, reply, /^250/);
  socket.write('STARTTLS\r\n');
  await expect(socket, reply, /^220/);
};

/** IMAP (RFC 9051). */
export const imap: Prelude = async (socket) => {
  await expect(socket, /^.*\r\n/, /^\* OK/);
  socket.write('a1 STARTTLS\r\n');
  await expect(socket, /^(?:\*.*\r\n)*a1 .*\r\n/, /^a1 OK/m);
};

/** PostgreSQL: an SSLRequest, whose answer is one character. */
export const postgresql: Prelude = async (socket) => {
  socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
  await expect(socket, /^[^]/, /S/);
};

/** XMPP (RFC 6120). The handler opens a new stream. */
export const xmpp: Prelude = async (socket, { endpoint }) => {
  const names = `to='${endpoint.servername ?? endpoint.host}' version='1.0'`;
  const spaces = `xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'`;
  socket.write(`<?xml version='1.0'?><stream:stream ${names} ${spaces}>`);
  await expect(socket, /<\/stream:features>|<\/stream:stream>/, /<starttls/);
  socket.write(`<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`);
  await expect(socket, /<(?:proceed|failure)[^>]*>/, /<proceed/);
};
