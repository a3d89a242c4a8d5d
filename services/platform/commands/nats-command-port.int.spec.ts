import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandSubject } from '#contracts/subjects/registry.js';
import { AckLevel, errorTable } from '#contracts/tape/codes.generated.js';
import { buildCommandBatchAnswer, openCommandBatch } from '#contracts/tape/message.js';
import { flowOrder } from '../engine/testing/market.js';
import { connectNats } from '../nats/connect.js';
import { startNats } from '../testing/servers.js';
import { NatsCommandPort } from './nats-command-port.js';

let server: Awaited<ReturnType<typeof startNats>>;
let connection: NatsConnection;
let port: NatsCommandPort;

beforeAll(async () => {
  server = await startNats();
  connection = await connectNats(server.config, 'test');
  port = new NatsCommandPort(connection);
});
afterAll(async () => {
  await connection.close();
  await server.stop();
});

const commands = [flowOrder(1, 'p'), flowOrder(2, 'p')];
const durable = { ackLevel: AckLevel.Durable };

/** A stand-in for the writer of a shard that answers every batch with these bytes, or not at all. */
const answerWith = async (shard: number, answer: ((request: Uint8Array) => Uint8Array) | null): Promise<void> => {
  connection.subscribe(commandSubject(shard), {
    callback: (_error, message) => {
      if (answer !== null) message.respond(answer(message.data));
    },
  });
  await connection.flush();
};

const header = {
  code: 0,
  ackLevel: AckLevel.Durable,
  shard: 0,
  epoch: 3n,
  firstCommandNumber: 10n,
  lastCommandNumber: 11n,
  streamSequence: 9n,
  retryAfterMs: 0,
};

describe('command port over NATS', () => {
  it('sends the batch with level, flags, count and a deadline, and opens the answer', async () => {
    let request = new Uint8Array(0);
    await answerWith(11, (bytes) => {
      request = bytes.slice();
      return buildCommandBatchAnswer(header, new Uint8Array(128));
    });
    const before = BigInt(Date.now()) * 1_000_000n;
    const result = await port.send(commands, { ackLevel: AckLevel.Engine, shard: 11, timeSupplied: true, timeoutMs: 2_000 });
    expect(result).toMatchObject({
      ok: true,
      value: { epoch: 3n, firstCommandNumber: 10n, lastCommandNumber: 11n, ackLevel: AckLevel.Durable },
    });
    expect(result.ok && result.value.answers.length).toBe(2);
    const opened = openCommandBatch(request);
    expect(opened.header).toMatchObject({ ackLevel: AckLevel.Engine, flags: 1, commandCount: 2 });
    expect(opened.header.deadlineNanos - before).toBeGreaterThanOrEqual(1_900_000_000n);
    expect(opened.header.deadlineNanos - before).toBeLessThanOrEqual(2_500_000_000n);
  });

  it('passes on the refusal of a batch with the time to come again', async () => {
    await answerWith(12, () => buildCommandBatchAnswer({ ...header, code: errorTable.BUSY.number, retryAfterMs: 70 }, new Uint8Array(0)));
    expect(await port.send(commands, { ...durable, shard: 12 })).toEqual({
      ok: false,
      problem: { code: 'BUSY', details: { retryAfterMs: '70' } },
    });
  });

  it('says BUSY where nobody writes, TIMED_OUT where nobody answers, UNKNOWN_OUTCOME for an answer that is none', async () => {
    expect(await port.send(commands, { ...durable, shard: 13 })).toMatchObject({ ok: false, problem: { code: 'BUSY' } });
    await answerWith(14, null);
    expect(await port.send(commands, { ...durable, shard: 14, timeoutMs: 100 })).toMatchObject({
      ok: false,
      problem: { code: 'TIMED_OUT' },
    });
    await answerWith(15, () => new Uint8Array(5));
    expect(await port.send(commands, { ...durable, shard: 15 })).toMatchObject({ ok: false, problem: { code: 'UNKNOWN_OUTCOME' } });
  });

  it('refuses a batch that no message holds, before it is sent', async () => {
    const records = new Uint8Array(9 * 1_024 * 1_024);
    expect(await port.sendRecords(records, records.byteLength / 64, durable)).toMatchObject({
      ok: false,
      problem: { code: 'BATCH_TOO_LARGE' },
    });
  });

  it('says STORE_UNAVAILABLE on a connection that is closed', async () => {
    const closed = await connectNats(server.config, 'closed');
    await closed.close();
    expect(await new NatsCommandPort(closed).send(commands, durable)).toMatchObject({ ok: false, problem: { code: 'STORE_UNAVAILABLE' } });
  });
});
