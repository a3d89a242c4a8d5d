import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { unwrap } from '#contracts/result/result.js';
import { headBucket, tapeStreamName, tapeSubject } from '#contracts/subjects/registry.js';
import { AckLevel } from '#contracts/tape/codes.generated.js';
import { openCommit } from '#contracts/tape/message.js';
import { walkReports } from '#contracts/tape/walk.js';
import { NatsCommandPort } from '#platform/commands/nats-command-port.js';
import { dataFolderAt } from '#platform/config/data-folder.js';
import { writeConfig } from '#platform/config/load-config.js';
import { writeRuntime } from '#platform/config/runtime-file.js';
import { flowOrder, openMarket } from '#platform/engine/testing/market.js';
import { processStartTime } from '#platform/processes/process-table.js';
import { readTape } from '#platform/tape/tape-reader.js';
import { builtFile } from '#platform/testing/built.js';
import { loseEndOfTape } from '../../orders/testing/damage-tape.js';
import { executeUnsentGroup } from '../../orders/testing/unsent-group.js';
import { startOrdersProcess, type OrdersProcess } from '../../orders/testing/orders-process.js';
import { startOrdersWorld, type OrdersWorld } from '../../orders/testing/orders-world.js';

let world: OrdersWorld;
let port: NatsCommandPort;
let orders: OrdersProcess | null = null;
let entry: string;

const start = async (): Promise<void> => {
  orders = await startOrdersProcess(world.config({ clock: 'supplied' }));
};
const stop = async (): Promise<void> => {
  await orders?.stop();
  orders = null;
};

beforeAll(async () => {
  world = await startOrdersWorld();
  port = new NatsCommandPort(world.connection);
  entry = await builtFile('services/cli/main.js');
  const configFile = join(world.dir, 'config.json.run');
  writeConfig(configFile, world.config());
  writeFileSync(join(world.dir, 'secrets.json'), '{}');
  writeRuntime(dataFolderAt(world.dir), {
    version: 1,
    pid: process.pid,
    startTime: processStartTime(process.pid) ?? '',
    urls: {},
    ports: {},
    pids: {},
    startTimes: {},
    configFile,
    secretsFile: join(world.dir, 'secrets.json'),
  });
  await start();
  unwrap(await port.send(openMarket, { ackLevel: AckLevel.Durable, timeSupplied: true }));
  for (let from = 0; from < 500; from += 10) unwrap(await port.send(flow(from, 10), { ackLevel: AckLevel.Durable, timeSupplied: true }));
});
afterAll(async () => {
  await stop();
  await world.close();
});

const flow = (from: number, count: number) => Array.from({ length: count }, (_, index) => flowOrder(from + index, 'a'));

const audit = (...args: readonly string[]): Promise<{ status: number; document: Record<string, unknown>; stderr: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [entry, 'audit', ...args, '--json', '--data', world.dir], { timeout: 60_000 }, (error, stdout, stderr) => {
      const document = stdout.trim() === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>);
      resolve({ status: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, document, stderr });
    });
  });

const explainedSchema = z.array(
  z.object({ commandNumber: z.string(), notes: z.array(z.looseObject({ type: z.string(), passed: z.boolean().optional() })) }),
);

/** The first order that traded, and how much of it was filled over the whole tape. */
const tradedOrder = async (): Promise<{ readonly orderId: bigint; readonly filledLots: bigint }> => {
  let orderId = 0n;
  let filledLots = 0n;
  const { signal } = new AbortController();
  for await (const entry of readTape(world.connection, 0, { fromStreamSequence: 1n, signal, idle: 'end' })) {
    for (const { record } of walkReports(openCommit(entry.bytes))) {
      if (record.type !== 'trade') continue;
      if (orderId === 0n) orderId = record.takerOrderId;
      if (record.takerOrderId === orderId || record.makerOrderId === orderId) filledLots += record.quantityLots;
    }
  }
  return { orderId, filledLots };
};

describe('fulltape audit', () => {
  it('explains an order from the tape alone: its checks, its trades, its fees', async () => {
    // The first order of the flow that traded, as the tape tells.
    const found = await tradedOrder();
    const { status, document } = await audit('explain', String(found.orderId));
    expect([status, document['ok'], document['orderId']]).toEqual([0, true, String(found.orderId)]);
    expect(document['filledLots']).toBe(String(found.filledLots));
    expect(document['filledQuantity']).toBe(String(found.filledLots)); // a lot is one
    const commands = explainedSchema.parse(document['commands']);
    expect(commands[0]?.commandNumber).toBe(String(found.orderId));
    const [notes = []] = commands.map((command) => command.notes);
    const checks = notes.filter((note) => note.type === 'check');
    expect(checks.length).toBeGreaterThan(8);
    expect(checks.every((check) => check.passed === true)).toBe(true);
    expect(notes.some((note) => note.type === 'order')).toBe(true);
    expect(commands.flatMap((command) => command.notes).filter((note) => note.type === 'fee').length).toBeGreaterThan(0);
    expect(await audit('explain', '999999999')).toMatchObject({ status: 1, document: { ok: false, code: 'UNKNOWN_ORDER' } });
    expect((await audit('explain', 'x')).status).toBe(2);
  });

  it('verifies and replays a whole tape', async () => {
    const status = await world.until('writer');
    expect(await audit('verify')).toMatchObject({
      status: 0,
      document: { version: 1, ok: true, commits: status.headCommitNumber, headHash: status.headHash },
    });
    expect(await audit('replay')).toMatchObject({
      status: 0,
      document: { ok: true, stateHash: status.stateHash, headHash: status.headHash },
    });
    expect(await audit('orphans')).toMatchObject({ status: 0, document: { ok: true, orphans: [] } });
  });

  it('refuses to repair what is whole, and a shard that is none', async () => {
    expect(await audit('repair')).toMatchObject({ status: 2, document: { error: { code: 'INVALID_ARGUMENT' } } });
    expect(await audit('verify', '--shard', 'x')).toMatchObject({ status: 2, document: { error: { code: 'INVALID_ARGUMENT' } } });
    expect(await audit('verify', '--shard', '9')).toMatchObject({ status: 2, document: { error: { code: 'STREAM_NOT_FOUND' } } });
  });

  it('shows a tape that lost its end, repairs it, and finds it whole again', async () => {
    const before = await world.until('writer');
    await stop();
    await loseEndOfTape(world, 0.5);
    await start();
    await world.until('rolledBack');
    expect(await audit('verify')).toMatchObject({ status: 1, document: { ok: false, code: 'TAPE_ROLLED_BACK' } });
    expect(await audit('repair')).toMatchObject({
      status: 0,
      document: { ok: true, stateHash: before.stateHash, lastCommitNumber: before.headCommitNumber },
    });
    await world.until('writer');
    expect(await audit('verify')).toMatchObject({ status: 0, document: { ok: true } });
    expect(await audit('replay')).toMatchObject({ status: 0, document: { stateHash: before.stateHash } });
    // The stop took a snapshot.
    const behind = await audit('replay', '--from-snapshot');
    expect(behind).toMatchObject({ status: 0, document: { stateHash: before.stateHash, headHash: expect.any(String) as string } });
    expect(BigInt(String(behind.document['snapshotCommit']))).toBeGreaterThan(0n);
  });

  it('lists the commands that only a journal has, and says when a file of them is damaged', async () => {
    await stop();
    const commands = Array.from({ length: 5 }, (_, index) => flowOrder(9_000 + index, 'lost'));
    await executeUnsentGroup({ connection: world.connection, engine: world.config().engine, commands });
    // Another writer goes on without them.
    orders = await startOrdersProcess(world.config({ clock: 'supplied', journalDir: join(world.dir, 'journal-other') }));
    unwrap(await port.send(flow(600, 3), { ackLevel: AckLevel.Durable, timeSupplied: true }));
    await stop();
    await start();
    await world.until('writer');
    const listed = await audit('orphans');
    expect(listed).toMatchObject({ status: 0, document: { ok: true, commands: 5 } });
    const [file] = listed.document['orphans'] as { file: string; commands: Record<string, unknown>[] }[];
    expect(file?.commands).toEqual(
      commands.map(({ accountId, clientOrderId }) => ({
        commandNumber: expect.stringMatching(/^[0-9]+$/),
        kind: 'placeOrder',
        accountId: String(accountId),
        clientOrderId,
      })),
    );
    const bytes = readFileSync(file?.file ?? '');
    bytes[bytes.length - 70] = (bytes[bytes.length - 70] ?? 0) ^ 1;
    writeFileSync(file?.file ?? '', bytes);
    expect(await audit('orphans')).toMatchObject({
      status: 1,
      document: { ok: false, orphans: [{ commands: null, problem: expect.stringContaining('JOURNAL_CORRUPT') }] },
    });
  });

  it('does not believe a head that somebody else recorded; neither does an orders process', async () => {
    await world.until('writer');
    await stop();
    const heads = await new Kvm(world.connection).open(headBucket.name);
    const recorded = await heads.get('shard.0');
    if (recorded === null) throw new Error('the writer recorded no head');
    const record = recorded.json<Record<string, unknown>>();
    await heads.put('shard.0', JSON.stringify({ ...record, commitNumber: '1' }));
    const why = 'the recorded head is not signed by this installation';
    expect(await audit('verify')).toMatchObject({ status: 1, document: { ok: false, code: 'TAPE_CORRUPT', details: { why } } });
    await expect(start()).rejects.toThrow(/TAPE_CORRUPT/);
    await heads.put('shard.0', recorded.value);
    await start();
  });

  it('names the commit that breaks the chain; an orders process refuses such a tape', async () => {
    const { headCommitNumber } = await world.until('writer');
    await stop();
    await jetstream(world.connection).publish(tapeSubject(0), new Uint8Array(256));
    const breaks = String(BigInt(headCommitNumber) + 1n);
    expect(await audit('verify')).toMatchObject({
      status: 1,
      document: { ok: false, code: 'TAPE_CORRUPT', details: { commitNumber: breaks } },
    });
    expect(await audit('replay')).toMatchObject({ status: 1, document: { ok: false, code: 'TAPE_CORRUPT', commitNumber: breaks } });
    await expect(start()).rejects.toThrow(/TAPE_CORRUPT/);
  });

  it('says so when the tape does not reach back to an order any more', async () => {
    const manager = await jetstreamManager(world.connection);
    await manager.streams.purge(tapeStreamName(0), { seq: 10 });
    expect(await audit('explain', '1')).toMatchObject({
      status: 1,
      document: { ok: false, code: 'TAPE_NOT_KEPT', details: { firstCommit: '10' } },
    });
  });
});
