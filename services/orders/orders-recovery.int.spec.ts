import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Kvm } from '@nats-io/kv';
import { describe, expect, it } from 'vitest';
import { AckLevel, Side, type AckLevel as Level } from '#contracts/tape/codes.generated.js';
import { unwrap } from '#contracts/result/result.js';
import { repairSubject, revokedBucket } from '#contracts/subjects/registry.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import { openCommit } from '#contracts/tape/message.js';
import { walkCommands } from '#contracts/tape/walk.js';
import { InOrderSender } from '#platform/commands/in-order-sender.js';
import { limitOrder, openMarket } from '#platform/engine/testing/market.js';
import { repairAnswerSchema } from '#platform/tape/repair-protocol.js';
import { revocationNoticeSchema, type RevocationNotice } from '#platform/tape/revocations.js';
import { readTape } from '#platform/tape/tape-reader.js';
import { loseEndOfTape } from './testing/damage-tape.js';
import { executeUnsentGroup } from './testing/unsent-group.js';
import { ordersStage } from './testing/orders-stage.js';
import { flow, undisturbed } from './testing/undisturbed.js';

const stage = ordersStage();
const { start, stopAll } = stage;

/** Sends the flow in batches, whatever happens to writer and broker meanwhile. Returns how many answers got lost. */
const sendFlow = async (
  count: number,
  options: { readonly batch: number; readonly ackLevel: Level; readonly onSent?: (sent: number) => void; readonly timeoutMs?: number },
): Promise<number> => {
  const sender = new InOrderSender({
    connection: stage.world.connection,
    port: stage.port,
    ackLevel: options.ackLevel,
    timeSupplied: true,
    timeoutMs: options.timeoutMs ?? 1_000,
  });
  let lost = 0;
  for (let at = 0; at < count; at += options.batch) {
    const outcome = await sender.send(flow(at, Math.min(options.batch, count - at)));
    if (outcome === null) lost += 1;
    else expect(outcome.answers.every((answer) => answer.code === 0)).toBe(true);
    options.onSent?.(at + options.batch);
  }
  return lost;
};

/** A group of the flow that is in the journal of the first writer alone. */
const executeUnsent = (from: number, count: number): Promise<void> =>
  executeUnsentGroup({ connection: stage.world.connection, engine: stage.world.config().engine, commands: flow(from, count) });

/** What clients are told, as it stands in the broker. */
const revokedNotices = async (): Promise<RevocationNotice[]> => {
  const bucket = await new Kvm(stage.world.connection).open(revokedBucket.name);
  const notices: RevocationNotice[] = [];
  for await (const key of await bucket.keys()) {
    const entry = await bucket.get(key);
    if (entry !== null) notices.push(revocationNoticeSchema.parse(entry.json()));
  }
  return notices;
};

/** Orders that were placed on the tape. */
const placedOnTape = async (): Promise<number> => {
  const { signal } = new AbortController();
  let placed = 0;
  for await (const entry of readTape(stage.world.connection, 0, { fromStreamSequence: 1n, signal, idle: 'end' })) {
    for (const { record } of walkCommands(openCommit(entry.bytes))) if (record.type === 'placeOrder') placed += 1;
  }
  return placed;
};

describe('kill -9', () => {
  it('of the orders process, three times in mid-flow: nothing DURABLE is lost, the state is that of an undisturbed run', async () => {
    let victim = await start();
    unwrap(await stage.port.send(openMarket, { ackLevel: AckLevel.Durable, timeSupplied: true }));
    const kills: Promise<void>[] = [];
    await sendFlow(4_000, {
      batch: 20,
      ackLevel: AckLevel.Durable,
      onSent: (sent) => {
        if (sent % 1_000 !== 500 || kills.length === 3) return;
        victim.signal('SIGKILL');
        kills.push(
          victim.exited.then(async () => {
            victim = await start();
          }),
        );
      },
    });
    await Promise.all(kills);
    expect(await stage.world.until('writer')).toMatchObject({ ...undisturbed(4_000), epoch: '4' });
    expect(await placedOnTape()).toBe(4_000);
  });

  it('of the orders process loses nothing that was answered at level ENGINE: the journal publishes it', async () => {
    await start();
    unwrap(await stage.port.send([...openMarket, ...flow(0, 50)], { ackLevel: AckLevel.Durable, timeSupplied: true }));
    await stopAll();
    await executeUnsent(50, 30);
    const orders = await start();
    expect(orders.log()).toContain('orders.journal-tail-republished');
    expect(await stage.world.until('writer')).toMatchObject(undisturbed(80));
    expect(await placedOnTape()).toBe(80);
  });

  it('of nats-server in mid-flow: the same bytes go out again, nothing is lost, the writer goes on', async () => {
    const orders = await start();
    unwrap(await stage.port.send(openMarket, { ackLevel: AckLevel.Durable, timeSupplied: true }));
    const kills: Promise<void>[] = [];
    await sendFlow(3_000, {
      batch: 20,
      ackLevel: AckLevel.Durable,
      timeoutMs: 4_000,
      onSent: (sent) => {
        if (sent % 1_000 !== 500 || kills.length === 2) return;
        kills.push(stage.world.nats.kill().then(() => stage.world.nats.restart()));
      },
    });
    await Promise.all(kills);
    expect(await stage.world.until('writer')).toMatchObject(undisturbed(3_000));
    expect(await placedOnTape()).toBe(3_000);
    expect(orders.log()).not.toContain('orders.fenced');
  });
});

describe('two processes', () => {
  it('what only the journal of the first one has when the second takes over is set aside and told as REVOKED, not published', async () => {
    await start();
    unwrap(await stage.port.send([...openMarket, ...flow(0, 50)], { ackLevel: AckLevel.Durable, timeSupplied: true }));
    await stopAll();
    await executeUnsent(900, 7);
    await start({ journalDir: join(stage.world.dir, 'journal-second') });
    unwrap(await stage.port.send(flow(50, 10), { ackLevel: AckLevel.Durable, timeSupplied: true }));
    await stopAll();
    const orders = await start();
    expect(orders.log()).toMatch(/"code":"REVOKED","orphanedCommands":7\b/);
    expect(readdirSync(join(stage.world.dir, 'journal', 'shard-0', 'orphans')).length).toBeGreaterThan(0);
    expect(await stage.world.until('writer')).toMatchObject(undisturbed(60));
    const told = await revokedNotices();
    expect(told).toHaveLength(1);
    expect(told[0]?.commands).toEqual(
      flow(900, 7).map((order) =>
        expect.objectContaining({ kind: 'placeOrder', accountId: order.accountId, clientOrderId: order.clientOrderId }),
      ),
    );
    // A later take-over finds the same file and tells nothing twice.
    await stopAll();
    await start();
    await stage.world.until('writer');
    expect(await revokedNotices()).toEqual(told);
  });

  it('a writer that slept through a take-over fails at its next append and says so', async () => {
    const first = await start({ journalDir: join(stage.world.dir, 'journal-first') });
    unwrap(await stage.port.send([...openMarket, ...flow(0, 50)], { ackLevel: AckLevel.Durable, timeSupplied: true }));
    const before = await stage.world.until('writer');
    const second = await start({ journalDir: join(stage.world.dir, 'journal-second') });
    expect(second.log()).not.toContain('orders.writing');
    first.signal('SIGSTOP');
    await waitUntil(() => second.log().includes('orders.writing'), { timeoutMs: 15_000, what: 'the take-over' });
    const after = await stage.world.until('writer');
    expect(after).toMatchObject({ stateHash: before.stateHash, epoch: '2' });
    expect(after.nodeId).not.toBe(before.nodeId);
    // Both get this one; the sleeper when it wakes up.
    unwrap(await stage.port.send(flow(50, 10), { ackLevel: AckLevel.Durable, timeSupplied: true, timeoutMs: 20_000 }));
    first.signal('SIGCONT');
    expect(await first.exited).toBe(1);
    expect(first.log()).toContain('orders.fenced');
    expect(first.log()).toMatch(/"code":"FENCED".*"streamSequence":"\d+"/); // its own append was refused
    expect(await placedOnTape()).toBe(60);
    expect(await stage.world.until('writer')).toMatchObject({ nodeId: after.nodeId, ...undisturbed(60) });
  });

  it('hand over at once when the writer is asked to stop', async () => {
    const first = await start({ journalDir: join(stage.world.dir, 'journal-first') });
    unwrap(await stage.port.send(openMarket, { ackLevel: AckLevel.Durable, timeSupplied: true }));
    const second = await start({ journalDir: join(stage.world.dir, 'journal-second') });
    expect(await first.stop()).toBe(0);
    await waitUntil(() => second.log().includes('orders.writing'), { timeoutMs: 2_500, what: 'the take-over' });
    unwrap(await stage.port.send(flow(0, 10), { ackLevel: AckLevel.Durable, timeSupplied: true }));
  });
});

describe('a broker that lost the end of the tape', () => {
  it('is refused as TAPE_ROLLED_BACK and repaired from the journal, to the state before', async () => {
    await start();
    unwrap(await stage.port.send(openMarket, { ackLevel: AckLevel.Durable, timeSupplied: true }));
    await sendFlow(1_000, { batch: 10, ackLevel: AckLevel.Durable });
    const before = await stage.world.until('writer');
    expect(before).toMatchObject(undisturbed(1_000));
    await stopAll();
    await loseEndOfTape(stage.world, 0.6);
    const orders = await start();
    const refusing = await stage.world.until('rolledBack');
    expect(BigInt(refusing.headCommitNumber)).toBeLessThan(BigInt(before.headCommitNumber));
    expect(await stage.port.send(flow(1_000, 1), { ackLevel: AckLevel.Durable, timeSupplied: true })).toMatchObject({
      ok: false,
      problem: { code: 'TAPE_ROLLED_BACK' },
    });
    expect(orders.log()).toContain('fulltape audit repair');
    const reply = await stage.world.connection.request(repairSubject(0), '{}', { timeout: 20_000 });
    const answer = repairAnswerSchema.parse(reply.json());
    expect(answer).toMatchObject({ status: 'repaired', stateHash: before.stateHash });
    expect(await stage.world.until('writer')).toMatchObject({ stateHash: before.stateHash, nextCommandNumber: before.nextCommandNumber });
    unwrap(await stage.port.send(flow(1_000, 10), { ackLevel: AckLevel.Durable, timeSupplied: true }));
    expect((await stage.world.until('writer')).stateHash).toBe(undisturbed(1_010).stateHash);
  });

  it('is noticed by a writer that lives through it, at its next append; what that append held is repaired too', async () => {
    const orders = await start();
    unwrap(await stage.port.send(openMarket, { ackLevel: AckLevel.Durable, timeSupplied: true }));
    await sendFlow(1_000, { batch: 10, ackLevel: AckLevel.Durable });
    await loseEndOfTape(stage.world, 0.6);
    await waitUntil(async () => (await stage.world.status())?.role === 'writer', { timeoutMs: 10_000, what: 'the writer, unaware' });
    const lost = await stage.port.send(flow(1_000, 1), { ackLevel: AckLevel.Durable, timeSupplied: true, timeoutMs: 15_000 });
    expect(lost).toMatchObject({ ok: false, problem: { code: 'UNKNOWN_OUTCOME' } });
    await stage.world.until('rolledBack');
    expect(orders.log()).toContain('orders.tape-rolled-back');
    const reply = await stage.world.connection.request(repairSubject(0), '{}', { timeout: 20_000 });
    expect(repairAnswerSchema.parse(reply.json())).toMatchObject({ status: 'repaired' });
    expect(await stage.world.until('writer')).toMatchObject(undisturbed(1_001));
  });
});

describe('a command that makes the engine fail', () => {
  it('is refused on the tape, its neighbours are executed, and a restart does not meet it again', async () => {
    const fault = { faultClientOrderId: 'boom' };
    const orders = await start(fault);
    unwrap(await stage.port.send(openMarket, { ackLevel: AckLevel.Durable, timeSupplied: true }));
    const boom = limitOrder({ account: 0, side: Side.Buy, priceTicks: 9_000n, quantityLots: 1n, clientOrderId: 'boom' });
    const outcome = unwrap(await stage.port.send([...flow(0, 5), boom, ...flow(5, 5)], { ackLevel: AckLevel.Durable, timeSupplied: true }));
    expect(outcome.answers.map((answer) => answer.code)).toEqual([0, 0, 0, 0, 0, 9005, 0, 0, 0, 0, 0]);
    expect(outcome.answers.map((answer) => answer.commandIndex)).toEqual(outcome.answers.map((_, index) => index));
    unwrap(await stage.port.send(flow(10, 10), { ackLevel: AckLevel.Durable, timeSupplied: true }));
    const before = await stage.world.until('writer');
    orders.signal('SIGKILL');
    await orders.exited;
    const again = await start(fault);
    expect((await stage.world.until('writer')).stateHash).toBe(before.stateHash);
    expect(again.log()).not.toContain('orders.engine-poisoned');
  });
});
