import { describe, expect } from 'vitest';
import { it } from './example.js';

describe.each(['original.cjs', 'typescript.ts'])('the example %s', (file) => {
  it('greets its server in every life, and ends at Ctrl-C', async ({ server, start }) => {
    const example = start(file, server.port, server.host);
    await example.until('connected\n');
    const first = await server.accept(1);
    await first.until('hello 1 from connman\n');
    await example.until('received: hello 1 from connman\n');
    first.reset();
    const second = await server.accept(2);
    await second.until('hello 2 from connman\n');
    await example.until('received: hello 2 from connman\n');
    example.interrupt();
    // Windows has no signals: there, interrupt() is the end of the process.
    expect(await example.exit).toBe(process.platform === 'win32' ? null : 0);
    expect(example.output).toBe(
      [
        'connected',
        'received: hello 1 from connman',
        'reset: error',
        'reconnected',
        'received: hello 2 from connman',
        process.platform === 'win32' ? '' : 'reset: disconnect\n',
      ].join('\n'),
    );
    expect(example.complaints).toBe('');
  });
});
