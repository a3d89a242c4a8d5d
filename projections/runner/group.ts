import { Readable } from 'node:stream';
import type { ClickHouseClient } from '@clickhouse/client';
import type { Pool, PoolClient } from 'pg';
import { FulltapeError } from '#contracts/result/result.js';
import { holdGeneration, inTransaction, intendRange, moveCheckpoint, type Checkpoint, type GroupPlan } from './generations.js';
import { InstrumentRegistry } from './instrument-registry.js';
import type { Project, Projected } from './projected.js';
import type { RowBlock } from './read-model.js';
import { readRange, type Source, type SourceMessage } from './source.js';

/** Builds that move together through one source. `apply` is atomic: after an error nothing of the batch counts. */
export interface Group<Content> {
  readonly plan: GroupPlan;
  readonly checkpoint: Checkpoint;
  /** Finishes what a death between two steps left open. */
  recover(signal: AbortSignal): Promise<void>;
  /** @throws PoisonMessage, PlanChanged, or what the store threw. */
  apply(messages: readonly SourceMessage<Content>[]): Promise<void>;
  /** Moves past messages without applying them; `record` stores why, in the same transaction. */
  pass(messages: readonly SourceMessage<Content>[], record: (client: PoolClient) => Promise<void>): Promise<void>;
}

export interface GroupOptions<Content> {
  readonly pool: Pool;
  readonly clickhouse: ClickHouseClient;
  readonly plan: GroupPlan;
  readonly source: Source<Content>;
  readonly project: Project<Content>;
  /** Live groups stop when another generation becomes live; candidates are nobody's business but the rebuild's. */
  readonly followsGeneration: boolean;
  /** Test support: called where a death is worst. */
  readonly interrupt?: Interrupt;
}

/** `inserted`: the rows are in ClickHouse, the checkpoint is not moved. `uncommitted`: all is in the Postgres transaction, which is open. */
export type InterruptPoint = 'inserted' | 'uncommitted';
export type Interrupt = (at: InterruptPoint) => Promise<void>;

// Read models can be computed again, and rows and checkpoint are lost or kept together, so a commit need not wait for the disk.
const beginRelaxed = 'BEGIN; SET LOCAL synchronous_commit = off';
// The intent must be on disk before the insert: an intent that is lost after its insert would double the range.
const beginDurable = 'BEGIN; SET LOCAL synchronous_commit = on';

const lastOf = <Content>(messages: readonly SourceMessage<Content>[]): bigint => {
  const last = messages.at(-1);
  if (last === undefined) throw new RangeError('a batch holds at least one message');
  return last.streamSequence;
};

abstract class CheckpointedGroup<Content> implements Group<Content> {
  protected at: Checkpoint;
  protected registry: InstrumentRegistry;

  constructor(protected readonly options: GroupOptions<Content>) {
    this.at = options.plan.checkpoint;
    this.registry = InstrumentRegistry.from(options.plan.checkpoint.context);
  }

  get plan(): GroupPlan {
    return this.options.plan;
  }

  get checkpoint(): Checkpoint {
    return this.at;
  }

  abstract recover(signal: AbortSignal): Promise<void>;
  abstract apply(messages: readonly SourceMessage<Content>[]): Promise<void>;

  async pass(messages: readonly SourceMessage<Content>[], record: (client: PoolClient) => Promise<void>): Promise<void> {
    const next = { streamSequence: lastOf(messages), commandNumber: this.at.commandNumber, context: null };
    await this.transaction(beginDurable, async (client) => {
      await record(client);
      await moveCheckpoint(client, this.plan.builds, this.at.streamSequence, next);
    });
    this.at = { ...this.at, ...next, context: this.at.context, pendingTo: null, pendingCommand: null };
  }

  protected transaction<Value>(begin: string, work: (client: PoolClient) => Promise<Value>): Promise<Value> {
    return inTransaction(this.options.pool, begin, async (client) => {
      if (this.options.followsGeneration) await holdGeneration(client, this.plan.generation);
      return work(client);
    });
  }

  /** Where the checkpoint stands after a batch. Messages without a whole command leave the command number as it was. */
  protected after(messages: readonly SourceMessage<Content>[], projected: Projected) {
    return {
      streamSequence: lastOf(messages),
      commandNumber: projected.lastCommand ?? this.at.commandNumber,
      context: projected.registry.hasChanged ? projected.registry.toContext() : null,
    };
  }

  protected moved(next: ReturnType<CheckpointedGroup<Content>['after']>, projected: Projected): void {
    this.at = { ...next, context: next.context ?? this.at.context, pendingTo: null, pendingCommand: null };
    this.registry = projected.registry.fork();
  }
}

/** Rows and checkpoint in one transaction. */
class PostgresGroup<Content> extends CheckpointedGroup<Content> {
  async recover(): Promise<void> {
    // A transaction is done or undone: nothing is ever left open.
  }

  async apply(messages: readonly SourceMessage<Content>[]): Promise<void> {
    const { builds } = this.plan;
    const projected = this.options.project(messages, builds, this.registry);
    const next = this.after(messages, projected);
    await this.transaction(beginRelaxed, async (client) => {
      // First, so that a second writer of the same group waits here and then finds that it lost.
      await moveCheckpoint(client, builds, this.at.streamSequence, next);
      for (const { text, values } of projected.statements) await client.query(text, [...values]);
      await this.options.interrupt?.('uncommitted');
    });
    this.moved(next, projected);
  }
}

/**
 * Intended range to Postgres, rows to ClickHouse, checkpoint to Postgres. After a death in between, `recover` repeats exactly the intended
 * range with the same token, and ClickHouse drops what it already has, whatever the batch size is then.
 */
class ClickHouseGroup<Content> extends CheckpointedGroup<Content> {
  async recover(signal: AbortSignal): Promise<void> {
    const { pendingTo } = this.at;
    if (pendingTo === null) return;
    const messages: SourceMessage<Content>[] = [];
    for await (const message of readRange(this.options.source, this.at.streamSequence, pendingTo, signal)) messages.push(message);
    signal.throwIfAborted();
    if (lastOf(messages) !== pendingTo) {
      throw new FulltapeError('TAPE_ROLLED_BACK', {
        source: this.options.source.name,
        wanted: String(pendingTo),
        last: String(lastOf(messages)),
      });
    }
    const projected = this.options.project(messages, this.plan.builds, this.registry);
    await this.insertAndMove(messages, projected);
  }

  async apply(messages: readonly SourceMessage<Content>[]): Promise<void> {
    const projected = this.options.project(messages, this.plan.builds, this.registry);
    if (projected.blocks.length > 0) {
      const intended = this.after(messages, projected);
      await this.transaction(beginDurable, (client) => intendRange(client, this.plan.builds, this.at.streamSequence, intended));
      // From here on this range is the only one that may be inserted next.
      this.at = { ...this.at, pendingTo: intended.streamSequence, pendingCommand: intended.commandNumber };
    }
    await this.insertAndMove(messages, projected);
  }

  private async insertAndMove(messages: readonly SourceMessage<Content>[], projected: Projected): Promise<void> {
    const next = this.after(messages, projected);
    // Side by side: the tables know nothing of each other. All are waited for, so that a repetition never meets an insert under way.
    const inserts = projected.blocks.map(({ build, block }) => {
      const token = `${build.model.name}:${build.model.version}:${this.at.streamSequence}-${next.streamSequence}`;
      return insertBlock(this.options.clickhouse, block, token);
    });
    for (const result of await Promise.allSettled(inserts)) if (result.status === 'rejected') throw result.reason;
    await this.options.interrupt?.('inserted');
    await inTransaction(this.options.pool, beginRelaxed, (client) =>
      moveCheckpoint(client, this.plan.builds, this.at.streamSequence, next),
    );
    this.moved(next, projected);
  }
}

/** Inserts one block under a token: the same token again inserts nothing. */
export const insertBlock = async (clickhouse: ClickHouseClient, block: RowBlock, token: string): Promise<void> => {
  const result = await clickhouse.exec({
    query: `INSERT INTO ${block.table} (${block.columns.join(', ')}) FORMAT RowBinary`,
    values: Readable.from([block.bytes], { objectMode: false }),
    clickhouse_settings: {
      insert_deduplicate: 1,
      insert_deduplication_token: token,
      async_insert: 0,
      // One block, so that it is stored whole or not at all and its token stands for all of it.
      max_insert_block_size: String(Math.max(block.rows, 1_048_576)),
      min_insert_block_size_rows: String(Math.max(block.rows, 1_048_576)),
    },
  });
  for await (const _rest of result.stream);
};

export const openGroup = <Content>(options: GroupOptions<Content>): Group<Content> =>
  options.plan.group === 'clickhouse-tape' ? new ClickHouseGroup(options) : new PostgresGroup(options);
