import { afterEach, describe, expect, it } from 'vitest';
import type { EngineCommand } from '#contracts/commands/order-commands.js';
import { accountEvents, accountStream } from '#contracts/events/account-events.js';
import { instrumentEvents, instrumentStream } from '#contracts/events/instrument-events.js';
import type { BatchOutcome, CommandPort } from '#contracts/ports/command-gateway.js';
import { ok, refuse, type Result } from '#contracts/result/result.js';
import type { AnswerRecord } from '#contracts/tape/layout.generated.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import { FakeEventStore } from '#platform/event-store/testing/fake-event-store.js';
import { EngineReactor, type ReactorPosition } from './engine-reactor.js';

const answer = (code: number): AnswerRecord => ({
  commandNumber: 1n,
  orderId: 0n,
  leavesQuantityLots: 0n,
  cumQuantityLots: 0n,
  cumNotionalUnits: 0n,
  observed: 0n,
  limit: 0n,
  code,
  orderStatus: 0,
  execType: 0,
  flags: 0,
  commandKind: 8,
  commandIndex: 0,
});

/** An engine as far as idempotency goes: the first effect of each client order id counts. */
class FakeCommandPort implements CommandPort {
  readonly effects = new Map<string, EngineCommand>();
  sent = 0;
  answers: (() => Result<BatchOutcome>)[] = [];
  refuseWith = 0;

  async send(commands: readonly EngineCommand[]): Promise<Result<BatchOutcome>> {
    this.sent += 1;
    const planned = this.answers.shift();
    const early = planned?.();
    if (early !== undefined && !early.ok && early.problem.code === 'BUSY') return early; // nothing was sequenced
    for (const command of commands)
      if (!this.effects.has(command.clientOrderId ?? '')) this.effects.set(command.clientOrderId ?? '', command);
    if (early !== undefined) return early;
    return ok({
      shard: 0,
      epoch: 1n,
      firstCommandNumber: 1n,
      lastCommandNumber: 1n,
      ackLevel: 2,
      answers: commands.map(() => answer(this.refuseWith)),
    });
  }
}

class MemoryPosition implements ReactorPosition {
  position = 0n;
  broken = 0;
  async load(): Promise<bigint> {
    return this.position;
  }
  async store(_reactor: string, position: bigint): Promise<void> {
    if (this.broken > 0) {
      this.broken -= 1;
      throw new Error('the checkpoint cannot be stored');
    }
    this.position = position;
  }
}

const opened = (accountId: number) =>
  accountEvents.encode({ type: 'AccountOpened', accountId, name: 'Name', kind: 'Cash', groupId: 0, permissions: [] });
const listing = {
  instrumentId: 7,
  symbol: 'NOVA',
  name: 'Nova',
  kind: 'Equity',
  sector: 'Technology',
  currency: 'USD',
  openingPrice: '182.40',
  tickSize: '0.01',
  lotSize: '1',
  maxQuantity: '0',
  minNotional: '0',
  makerFeePpm: 0,
  takerFeePpm: 0,
  collarPpm: 0,
} as const;

describe('engine reactor', () => {
  const store = (): FakeEventStore => new FakeEventStore();
  let reactor: EngineReactor | null = null;
  afterEach(async () => {
    await reactor?.close();
    reactor = null;
  });
  const run = async (events: FakeEventStore, commands: FakeCommandPort, checkpoints: MemoryPosition): Promise<EngineReactor> => {
    reactor = new EngineReactor({ store: events, commands, checkpoints, retryDelayMs: 5 });
    await reactor.start();
    return reactor;
  };
  const until = async (started: EngineReactor, position: bigint): Promise<void> =>
    waitUntil(() => started.reactedTo >= position, { timeoutMs: 10_000, what: `the reactor at ${position}` });

  it('sends each event once, in order, under ids made of the event, and stores where it stands', async () => {
    const [events, commands, checkpoints] = [store(), new FakeCommandPort(), new MemoryPosition()];
    await events.append(instrumentStream(7), [instrumentEvents.encode({ type: 'InstrumentListed', ...listing })], { expected: 'noStream' });
    await events.append(accountStream(5), [opened(5), accountEvents.encode({ type: 'AccountRenamed', accountId: 5, name: 'Other' })], {
      expected: 'noStream',
    });
    await until(await run(events, commands, checkpoints), 2n);
    expect([...commands.effects].map(([id, { type }]) => [id, type])).toEqual([
      ['event.1.0.0', 'DefineInstrument'],
      ['event.1.0.1', 'SetReferencePrice'],
      ['event.2.0.0', 'DefineAccount'],
    ]);
    expect(checkpoints.position).toBe(2n);
  });

  it('waits for the orders process, and sends the same ids again when an answer was lost', async () => {
    const [events, commands, checkpoints] = [store(), new FakeCommandPort(), new MemoryPosition()];
    commands.answers = [() => refuse('BUSY'), () => refuse('TIMED_OUT'), () => refuse('UNKNOWN_OUTCOME')];
    await events.append(accountStream(5), [opened(5)], { expected: 'noStream' });
    await until(await run(events, commands, checkpoints), 1n);
    expect(commands.sent).toBe(4);
    expect([...commands.effects.keys()]).toEqual(['event.1.0.0']);
  });

  it('has no second effect when it dies before its checkpoint and the event comes again', async () => {
    const [events, commands, checkpoints] = [store(), new FakeCommandPort(), new MemoryPosition()];
    checkpoints.broken = 2;
    await events.append(accountStream(5), [opened(5)], { expected: 'noStream' });
    await events.append(accountStream(6), [opened(6)], { expected: 'noStream' });
    await until(await run(events, commands, checkpoints), 2n);
    expect(commands.sent).toBeGreaterThan(2);
    expect([...commands.effects.keys()]).toEqual(['event.1.0.0', 'event.2.0.0']);
    await reactor?.close();
    await until(await run(events, commands, checkpoints), 2n);
    expect(commands.effects.size).toBe(2);
  });

  it('passes a command that the engine refuses, and an event of another family', async () => {
    const [events, commands, checkpoints] = [store(), new FakeCommandPort(), new MemoryPosition()];
    commands.refuseWith = 3_011;
    await events.append(accountStream(5), [opened(5)], { expected: 'noStream' });
    await events.append('seeding-demo', [{ type: 'DemoWorldSeeded', schemaVersion: 1, data: { world: 'demo' } }], { expected: 'noStream' });
    await until(await run(events, commands, checkpoints), 2n);
    expect(commands.sent).toBe(1);
  });
});
