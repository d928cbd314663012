import { UsageError } from '../shell/usage-error.js';

const characters: Readonly<Record<string, string>> = { r: '\r', n: '\n', t: '\t', '0': '\0', '\\': '\\' };

/**
 * The bytes of a ping. A text without a backslash is a line, and gets CR LF; one with escapes (`\r \n \t \0 \\ \xHH`) is sent as
 * it says.
 */
export function readPing(text: string): Buffer {
  if (text === '') throw new UsageError('--ping: expected a text, got nothing');
  if (!text.includes('\\')) return Buffer.from(`${text}\r\n`);
  const parts = text.split(/(\\x[\da-f]{2}|\\[^x]|\\.?)/i).map((part) => {
    if (!part.startsWith('\\')) return Buffer.from(part);
    if (/^\\x..$/i.test(part)) return Buffer.from(part.slice(2), 'hex');
    const character = characters[part.slice(1)];
    if (character === undefined) {
      throw new UsageError('--ping: expected the escapes \\r \\n \\t \\0 \\\\ or \\xHH, got another one');
    }
    return Buffer.from(character);
  });
  return Buffer.concat(parts);
}
