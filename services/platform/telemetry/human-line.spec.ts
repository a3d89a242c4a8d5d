import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { humanLine, logLineLevel } from './human-line.js';
import { createLogger } from './logger.js';

describe('log lines', () => {
  it('are one line for people, with event and fields', () => {
    const line = '{"level":40,"time":"2026-01-02T03:04:05.678Z","process":"orders","shard":0,"reason":"two words","msg":"tape.lagging"}\n';
    expect(humanLine(line)).toBe('03:04:05.678 warn  orders tape.lagging shard=0 reason="two words"\n');
    expect(logLineLevel(line)).toBe(40);
  });

  it('pass on what is not a log line', () => {
    for (const text of ['plain text\n', '{"cut', '{}', '[1,2]']) {
      expect(humanLine(text)).toBe(text);
      expect(logLineLevel(text)).toBeUndefined();
    }
  });

  it('never show a secret, at the top or inside an object', () => {
    let written = '';
    const stream = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        written += chunk.toString();
        done();
      },
    });
    const logger = createLogger(stream, 'info');
    logger.info({ token: 'hunter2', config: { nats: { token: 'hunter2' }, secrets: { any: 'hunter2' } }, password: 'hunter2' }, 'started');
    expect(written).toContain('started');
    expect(written).not.toContain('hunter2');
  });
});
