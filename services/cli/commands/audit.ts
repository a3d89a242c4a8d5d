import { join } from 'node:path';
import { Kvm } from '@nats-io/kv';
import { errors, type NatsConnection } from '@nats-io/transport-node';
import type { Command } from 'commander';
import { z } from 'zod';
import { FulltapeError, ok, type Refusal, type Result } from '#contracts/result/result.js';
import { headBucket, repairSubject } from '#contracts/subjects/registry.js';
import { AckLevel } from '#contracts/tape/codes.generated.js';
import { NatsCommandPort } from '#platform/commands/nats-command-port.js';
import type { FulltapeConfig } from '#platform/config/config.js';
import { attachToRunning } from '#platform/config/runtime-file.js';
import { loadEngineLibrary } from '#platform/engine/engine-library.js';
import { EngineShard } from '#platform/engine/engine-shard.js';
import { explainOrder } from '#platform/explain/explain-order.js';
import { explanationDocument } from '#platform/explain/explanation-document.js';
import { explanationLines } from '#platform/explain/explanation-words.js';
import { connectNats } from '#platform/nats/connect.js';
import { orphanFiles, readOrphans, type IsOnTape, type OrphanFile } from '#platform/tape/orphan-files.js';
import { repairAnswerSchema, type RepairAnswer } from '#platform/tape/repair-protocol.js';
import { extendChain, genesis, type ChainHead } from '#platform/tape/tape-chain.js';
import { tapeMembership } from '#platform/tape/tape-membership.js';
import { TapeHeadKey, type RecordedHead } from '#platform/tape/tape-head.js';
import { readTape, tapeExtent } from '#platform/tape/tape-reader.js';
import { FolderObjectStore } from '#platform/objects/folder-object-store.js';
import { restoreNewest } from '#platform/snapshots/restore-newest.js';
import { SnapshotStore } from '#platform/snapshots/snapshot-store.js';
import type { CliContext, ExitCode } from '../context.js';

const outputVersion = 1;
const repairTimeoutMs = 60_000;
const noteEveryMs = 5_000;

const optionsSchema = z.object({
  shard: z
    .string()
    .regex(/^[0-9]{1,5}$/, 'a shard number')
    .default('0')
    .transform(Number),
  fromSnapshot: z.boolean().default(false),
});

/** What a subcommand has found: printed as JSON, or as lines for people, and the exit status. */
interface Finding {
  readonly document: Readonly<Record<string, unknown>>;
  readonly lines: readonly string[];
  readonly exitCode: ExitCode;
}

interface Attached {
  readonly config: FulltapeConfig;
  readonly connection: NatsConnection;
  readonly shard: number;
  readonly fromSnapshot: boolean;
  readonly context: CliContext;
  readonly note: (text: string) => void;
}

const hashText = (head: ChainHead): string => head.hash.map((word) => word.toString(16).padStart(16, '0')).join('');

/** Says how far a long reading has got, every few seconds. */
const progressNote = (note: (text: string) => void, what: string): ((commitNumber: bigint) => void) => {
  let nextMs = performance.now() + noteEveryMs;
  return (commitNumber) => {
    if (performance.now() < nextMs) return;
    nextMs = performance.now() + noteEveryMs;
    note(`${what}: commit ${commitNumber}`);
  };
};

/** Head that the writer has seen acknowledged, or null when none was recorded. Refused when it is damaged or not signed by this installation. */
const recordedHead = async ({ config, connection, shard }: Attached): Promise<Result<RecordedHead | null>> => {
  const entry = await (await new Kvm(connection).open(headBucket.name)).get(`shard.${shard}`);
  if (entry === null || entry.operation !== 'PUT') return ok(null);
  return new TapeHeadKey(config.secrets.tapeSigningSeed).read(shard, entry.string());
};

const broken = (shard: number, problem: Refusal, commits: bigint): Finding => ({
  document: { ok: false, shard, commits, code: problem.code, details: problem.details ?? {} },
  lines: [
    `shard ${shard}: BROKEN at commit ${problem.details?.['commitNumber'] ?? '?'}: ${problem.details?.['why'] ?? problem.code}`,
    `commits 1 to ${commits} are whole`,
  ],
  exitCode: 1,
});

/** Follows the hash chain from the first commit to the head, without the engine. */
const verify = async (attached: Attached): Promise<Finding> => {
  const { connection, shard, context, note } = attached;
  const signedHead = await recordedHead(attached);
  if (!signedHead.ok) {
    const { code, details = {} } = signedHead.problem;
    return { document: { ok: false, shard, code, details }, lines: [`shard ${shard}: ${details['why'] ?? code}`], exitCode: 1 };
  }
  const recorded = signedHead.value;
  const progress = progressNote(note, 'verified');
  let head = genesis;
  let commands = 0n;
  let recordedFits = true;
  try {
    for await (const entry of readTape(connection, shard, { fromStreamSequence: 1n, signal: context.signal, idle: 'end' })) {
      const extended = extendChain(head, entry.bytes);
      if (!extended.ok) return broken(shard, extended.problem, head.commitNumber);
      head = extended.value.head;
      commands += BigInt(extended.value.commit.header.commandCount);
      if (head.commitNumber === recorded?.commitNumber) recordedFits = hashText(head) === recorded.hash;
      progress(head.commitNumber);
    }
  } catch (error) {
    if (!(error instanceof FulltapeError) || error.code !== 'TAPE_CORRUPT') throw error;
    return broken(
      shard,
      { code: error.code, details: { commitNumber: String(head.commitNumber + 1n), why: 'messages are missing', ...error.details } },
      head.commitNumber,
    );
  }
  if (!recordedFits) {
    const details = { commitNumber: String(recorded?.commitNumber ?? 0n), why: 'it is not the commit that was acknowledged' };
    return broken(shard, { code: 'TAPE_CORRUPT', details }, head.commitNumber);
  }
  if (recorded !== null && recorded.commitNumber > head.commitNumber) {
    return {
      document: {
        ok: false,
        shard,
        commits: head.commitNumber,
        code: 'TAPE_ROLLED_BACK',
        details: { acknowledged: recorded.commitNumber },
      },
      lines: [
        `shard ${shard}: ROLLED BACK: the tape ends at commit ${head.commitNumber}, commit ${recorded.commitNumber} was acknowledged`,
        'fulltape audit repair',
      ],
      exitCode: 1,
    };
  }
  return {
    document: { ok: true, shard, commits: head.commitNumber, commands, headHash: hashText(head) },
    lines: [`shard ${shard}: ${head.commitNumber} commits, ${commands} commands, chain whole`, `head ${hashText(head)}`],
    exitCode: 0,
  };
};

/** A fresh engine, or one at the newest snapshot that stands on the tape. */
const openReplayEngine = async ({ config, connection, shard, fromSnapshot }: Attached): Promise<EngineShard> => {
  const { maxOrders, maxAccounts, maxInstruments, library } = config.engine;
  const open = (): EngineShard => EngineShard.open({ shard, maxOrders, maxAccounts, maxInstruments }, loadEngineLibrary(library));
  if (!fromSnapshot) return open();
  const { engine } = await restoreNewest({
    shard,
    open,
    store: new SnapshotStore(new FolderObjectStore(join(config.dataDir, 'objects')), shard),
    isOnTape: tapeMembership(connection, shard),
    tapeEnd: (await tapeExtent(connection, shard)).lastSequence,
  });
  return engine;
};

/** Executes the tape, whole or behind a snapshot, in an engine that compares every commit byte for byte. */
const replay = async (attached: Attached): Promise<Finding> => {
  const { connection, shard, context, note } = attached;
  const engine = await openReplayEngine(attached);
  const snapshotCommit = engine.headCommitNumber;
  const progress = progressNote(note, 'replayed');
  const startedMs = performance.now();
  try {
    const fromStreamSequence = snapshotCommit + 1n; // one message a commit
    for await (const entry of readTape(connection, shard, { fromStreamSequence, signal: context.signal, idle: 'end' })) {
      engine.apply(entry.bytes);
      progress(engine.headCommitNumber);
    }
    const seconds = (performance.now() - startedMs) / 1_000;
    const commands = engine.nextCommandNumber - 1n;
    const found = { commits: engine.headCommitNumber, commands, stateHash: engine.stateHash(), headHash: engine.headHash };
    return {
      document: { ok: true, shard, ...found, snapshotCommit, seconds },
      lines: [
        ...(snapshotCommit === 0n ? [] : [`shard ${shard}: from the snapshot of commit ${snapshotCommit}`]),
        `shard ${shard}: ${found.commits} commits, ${commands} commands replayed in ${seconds.toFixed(1)} s, every byte equal`,
        `state ${found.stateHash}`,
        `head  ${found.headHash}`,
      ],
      exitCode: 0,
    };
  } catch (error) {
    if (!(error instanceof FulltapeError) || !['REPLAY_DIVERGED', 'TAPE_CORRUPT', 'ENGINE_VERSION_MISMATCH'].includes(error.code))
      throw error;
    const commitNumber = engine.headCommitNumber + 1n;
    return {
      document: { ok: false, shard, commitNumber, code: error.code, details: error.details },
      lines: [`shard ${shard}: commit ${commitNumber} cannot be replayed: ${error.message}`],
      exitCode: 1,
    };
  } finally {
    engine.close();
  }
};

/** Executes the tape again and lets the engine say why an order came out as it did. */
const explain =
  (orderText: string) =>
  async ({ config, connection, shard, context, note }: Attached): Promise<Finding> => {
    if (!/^[1-9][0-9]{0,18}$/.test(orderText)) throw new FulltapeError('INVALID_ARGUMENT', { argument: 'ORDER', expected: 'an order id' });
    const { maxOrders, maxAccounts, maxInstruments, library } = config.engine;
    const engine = EngineShard.open({ shard, maxOrders, maxAccounts, maxInstruments }, loadEngineLibrary(library));
    try {
      const progress = progressNote(note, 'replayed');
      const { signal } = context;
      const explanation = await explainOrder({ connection, shard, engine, orderId: BigInt(orderText), signal, progress });
      return { document: { ok: true, shard, ...explanationDocument(explanation) }, lines: explanationLines(explanation), exitCode: 0 };
    } catch (error) {
      const answers = ['UNKNOWN_ORDER', 'TAPE_NOT_KEPT', 'REPLAY_DIVERGED', 'TAPE_CORRUPT', 'ENGINE_VERSION_MISMATCH'];
      if (!(error instanceof FulltapeError) || !answers.includes(error.code)) throw error;
      const lines = [`shard ${shard}: order ${orderText} cannot be explained: ${error.message}`];
      return { document: { ok: false, shard, orderId: orderText, code: error.code, details: error.details }, lines, exitCode: 1 };
    } finally {
      engine.close();
    }
  };

const askForRepair = async (connection: NatsConnection, shard: number): Promise<RepairAnswer> => {
  try {
    const reply = await connection.request(repairSubject(shard), '{}', { timeout: repairTimeoutMs });
    return repairAnswerSchema.parse(reply.json());
  } catch (error) {
    if (error instanceof errors.TimeoutError || (error instanceof errors.RequestError && error.isNoResponders())) {
      throw new FulltapeError(
        'INVALID_ARGUMENT',
        { shard: String(shard), reason: 'no orders process refuses to write this shard: there is nothing to repair' },
        { cause: error },
      );
    }
    throw error;
  }
};

/** Has the orders process that refuses to write publish again what the broker lost. */
const repair = async ({ connection, shard }: Attached): Promise<Finding> => {
  const answer = await askForRepair(connection, shard);
  if (answer.status === 'refused') {
    return { document: { ok: false, shard, ...answer }, lines: [`shard ${shard}: not repaired: ${answer.message}`], exitCode: 1 };
  }
  const range = answer.commits === 0 ? 'no commits' : `commits ${answer.firstCommitNumber} to ${answer.lastCommitNumber}`;
  return {
    document: { ok: true, shard, ...answer },
    lines: [
      `shard ${shard}: ${range} published again from the journal of ${answer.nodeId}`,
      `state ${answer.stateHash}`,
      `head  ${answer.headHash}`,
    ],
    exitCode: 0,
  };
};

interface OrphanListing {
  readonly file: string;
  readonly bytes: number;
  readonly setAsideAt: string;
  /** Null when the file cannot be read; `problem` then says why. */
  readonly commands: readonly Readonly<Record<string, unknown>>[] | null;
  readonly problem?: string;
}

const listOrphans = async (file: OrphanFile, isOnTape: IsOnTape): Promise<OrphanListing> => {
  const listed = { file: file.path, bytes: file.bytes, setAsideAt: file.setAsideAt.toISOString() };
  try {
    const commands = (await readOrphans(file, isOnTape)).map(({ commandNumber, record, accountId, clientOrderId, origClientOrderId }) => ({
      commandNumber,
      kind: record.type,
      accountId: accountId === null ? null : String(accountId),
      clientOrderId,
      ...(origClientOrderId === null ? {} : { origClientOrderId }),
    }));
    return { ...listed, commands };
  } catch (error) {
    if (!(error instanceof FulltapeError) || error.code !== 'JOURNAL_CORRUPT') throw error;
    return { ...listed, commands: null, problem: error.message };
  }
};

/** Commands that were answered at level ENGINE and do not fit the tape: lost by a take-over, their clients told REVOKED. */
const orphans = async ({ config, connection, shard }: Attached): Promise<Finding> => {
  const isOnTape = tapeMembership(connection, shard);
  const files: OrphanListing[] = [];
  for (const file of orphanFiles(join(config.engine.journalDir, `shard-${shard}`))) files.push(await listOrphans(file, isOnTape));
  const count = files.reduce((sum, { commands }) => sum + (commands?.length ?? 0), 0);
  const unreadable = files.filter(({ commands }) => commands === null).length;
  const lines = files.flatMap(({ file, bytes, setAsideAt, commands, problem }) => [
    `${setAsideAt}  ${bytes} bytes  ${file}${problem === undefined ? '' : `  UNREADABLE: ${problem}`}`,
    ...(commands ?? []).map(
      ({ commandNumber, kind, accountId, clientOrderId }) =>
        `  command ${commandNumber}  ${kind}  account ${accountId ?? '-'}  client order id ${clientOrderId ?? '-'}`,
    ),
  ]);
  return {
    document: { ok: unreadable === 0, shard, commands: count, orphans: files },
    lines: files.length === 0 ? [`shard ${shard}: no orphans`] : [...lines, `shard ${shard}: ${count} commands were set aside`],
    exitCode: unreadable === 0 ? 0 : 1,
  };
};

/** Tells the writer that the wall clock is right although it jumped. */
const confirmTime = async ({ connection, shard }: Attached): Promise<Finding> => {
  const result = await new NatsCommandPort(connection).send([{ type: 'AdvanceTime', confirmJump: true }], {
    ackLevel: AckLevel.Durable,
    shard,
  });
  if (!result.ok) throw new FulltapeError(result.problem.code, result.problem.details);
  return {
    document: { ok: true, shard, commandNumber: result.value.lastCommandNumber },
    lines: [`shard ${shard}: the clock is confirmed by command ${result.value.lastCommandNumber}`],
    exitCode: 0,
  };
};

const run = async (context: CliContext, command: Command, action: (attached: Attached) => Promise<Finding>): Promise<void> => {
  const globals = context.globals(command);
  const parsed = optionsSchema.safeParse(command.opts());
  if (!parsed.success)
    throw new FulltapeError('INVALID_ARGUMENT', { argument: '--shard', expected: parsed.error.issues[0]?.message ?? 'a shard number' });
  const { config } = attachToRunning(globals.dataDir);
  const connection = await connectNats(config.nats, 'audit');
  try {
    const note = (text: string): void => {
      if (!globals.json) context.note(text);
    };
    const finding = await action({ config, connection, ...parsed.data, context, note });
    if (globals.json) context.printJson({ version: outputVersion, ...finding.document });
    else for (const line of finding.lines) context.print(line);
    context.exitCode = finding.exitCode;
  } finally {
    await connection.close();
  }
};

export const register = (program: Command, context: CliContext): void => {
  const audit = program.command('audit').description('check and repair the tape of a running platform');
  const add = (name: string, description: string, action: (attached: Attached) => Promise<Finding>): Command =>
    audit
      .command(name)
      .description(description)
      .option('--shard <number>', 'shard of the tape', '0')
      .addHelpText('after', `\nExample:\n  npx fulltape audit ${name} --json`)
      .action((_options: unknown, command: Command) => run(context, command, action));
  audit
    .command('explain <order>')
    .description('execute the tape again and say why an order came out as it did: checks, matches, fees; status 1 when it is not on it')
    .option('--shard <number>', 'shard of the tape', '0')
    .addHelpText('after', '\nExample:\n  npx fulltape audit explain 12345')
    .action((order: string, _options: unknown, command: Command) => run(context, command, explain(order)));
  add('verify', 'follow the hash chain of the whole tape; status 1 names the commit that breaks it', verify);
  add('replay', 'execute the whole tape in a fresh engine, compare byte for byte, print the state hash', replay).option(
    '--from-snapshot',
    'begin at the newest snapshot that stands on the tape: faster, and takes its state on trust of its hash',
  );
  add('repair', 'publish again, from the journal, what the broker lost (TAPE_ROLLED_BACK)', repair);
  add('orphans', 'list the commands that were answered at level ENGINE and lost by a take-over; status 1 when a file is damaged', orphans);
  add('confirm-time', 'let the writer go on after the wall clock jumped more than 5 s ahead', confirmTime);
};
