import type { ClickHouseClient } from '@clickhouse/client';
import type { Pool } from 'pg';
import { pause } from '#contracts/time/pause.js';
import { logger } from '#platform/telemetry/logger.js';
import { FulltapeError } from '#contracts/result/result.js';
import { BatchReader, unitsOf, type BatchLimits } from './batch-reader.js';
import { recordDeadLetter, type DeadLetters } from './dead-letters.js';
import { isEnvironmental } from './faults.js';
import { loadPlan, PlanChanged } from './generations.js';
import { openGroup, type Group, type Interrupt } from './group.js';
import type { Project } from './projected.js';
import type { GroupName, ReadModel } from './read-model.js';
import type { Source, SourceMessage } from './source.js';
import { PoisonMessage } from './tape-batch.js';

export interface GroupRunnerOptions<Content> {
  readonly pool: Pool;
  readonly clickhouse: ClickHouseClient;
  readonly group: GroupName;
  readonly models: readonly ReadModel[];
  readonly source: Source<Content>;
  readonly project: Project<Content>;
  readonly limits: BatchLimits;
  readonly deadLetters: DeadLetters;
  /** Test support: see `GroupOptions.interrupt`. */
  readonly interrupt?: Interrupt;
}

export interface GroupStatus {
  readonly group: GroupName;
  readonly state: 'starting' | 'running' | 'retrying' | 'halted';
  readonly streamSequence: bigint;
  readonly commandNumber: bigint;
  readonly batches: number;
  readonly messages: number;
  /** Why the group retries or halted; null while it runs. */
  readonly fault: string | null;
}

const retryDelayMsMin = 100;
const retryDelayMsMax = 5_000;
/** A unit is given up after this many attempts, when its failure is not the store's. */
const attemptsMax = 3;
/** So many poisoned units in a row are no accident of the messages: the group halts rather than set a whole tape aside. */
const poisonedInARowMax = 100;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Keeps one group of read models up with its source, through faults of stores and of messages, until the signal aborts. */
export class GroupRunner<Content> {
  private state: GroupStatus['state'] = 'starting';
  private fault: string | null = null;
  private group: Group<Content> | null = null;
  private batches = 0;
  private messages = 0;
  private poisonedInARow = 0;

  constructor(private readonly options: GroupRunnerOptions<Content>) {}

  status(): GroupStatus {
    const at = this.group?.checkpoint;
    return {
      group: this.options.group,
      state: this.state,
      streamSequence: at?.streamSequence ?? 0n,
      commandNumber: at?.commandNumber ?? 0n,
      batches: this.batches,
      messages: this.messages,
      fault: this.fault,
    };
  }

  async run(signal: AbortSignal): Promise<void> {
    let delayMs = retryDelayMsMin;
    while (!signal.aborted) {
      const before = this.batches;
      try {
        await this.follow(signal);
        if (!signal.aborted) throw new FulltapeError('STORE_UNAVAILABLE', { source: this.options.source.name, reason: 'the source ended' });
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof PlanChanged) {
          logger.info({ group: this.options.group, reason: error.reason }, 'projection.plan-changed');
          continue;
        }
        if (this.state === 'halted') return;
        this.state = 'retrying';
        this.fault = messageOf(error);
        logger.warn({ group: this.options.group, err: error }, 'projection.retrying');
        delayMs = this.batches > before ? retryDelayMsMin : Math.min(delayMs * 2, retryDelayMsMax);
        await pause(delayMs, signal);
      }
    }
  }

  private async follow(signal: AbortSignal): Promise<void> {
    const { options } = this;
    const plan = await loadPlan(options.pool, options.models, options.group, 'live');
    if (plan === null) throw new FulltapeError('STORE_UNAVAILABLE', { group: options.group, reason: 'no live read model in this group' });
    const group = openGroup({ ...options, plan, followsGeneration: true });
    this.group = group;
    await group.recover(signal);
    this.state = 'running';
    this.fault = null;
    const stop = new AbortController();
    const reading = options.source.read(group.checkpoint.streamSequence, AbortSignal.any([signal, stop.signal]));
    const reader = new BatchReader(options.source, reading, options.limits);
    const wakeUp = (): void => reader.close();
    signal.addEventListener('abort', wakeUp, { once: true });
    try {
      for (let batch = await reader.next(); batch !== null && !signal.aborted; batch = await reader.next()) {
        await this.applyBatch(group, batch);
        this.batches += 1;
        this.messages += batch.length;
      }
    } finally {
      signal.removeEventListener('abort', wakeUp);
      stop.abort();
      reader.close();
    }
  }

  /** A batch that fails for its content is applied unit by unit, so that one bad message costs only itself. */
  private async applyBatch(group: Group<Content>, batch: readonly SourceMessage<Content>[]): Promise<void> {
    try {
      await group.apply(batch);
      this.poisonedInARow = 0;
    } catch (error) {
      if (isEnvironmental(error) || group.checkpoint.pendingTo !== null) throw error;
      for (const unit of unitsOf(this.options.source, batch)) await this.applyUnit(group, unit);
    }
  }

  private async applyUnit(group: Group<Content>, unit: readonly SourceMessage<Content>[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await group.apply(unit);
        this.poisonedInARow = 0;
        return;
      } catch (error) {
        if (isEnvironmental(error) || group.checkpoint.pendingTo !== null) throw error;
        if (attempt < attemptsMax && !(error instanceof PoisonMessage)) continue;
        await this.park(group, unit, error);
        return;
      }
    }
  }

  private async park(group: Group<Content>, unit: readonly SourceMessage<Content>[], error: unknown): Promise<void> {
    this.poisonedInARow += 1;
    if (this.poisonedInARow > poisonedInARowMax) {
      this.state = 'halted';
      this.fault = `${this.poisonedInARow} messages in a row cannot be applied; the last: ${messageOf(error)}`;
      logger.fatal({ group: this.options.group, err: error }, 'projection.halted');
      throw error;
    }
    const letters = unit.map(({ streamSequence, content }) => ({
      group: this.options.group,
      source: this.options.source.name,
      streamSequence,
      bytes: this.options.source.bytesOf(content),
      error,
    }));
    for (const letter of letters) {
      await this.options.deadLetters.park(letter);
      logger.error(
        { group: letter.group, source: letter.source, streamSequence: String(letter.streamSequence), err: error },
        'projection.dead-lettered',
      );
    }
    await group.pass(unit, async (client) => {
      for (const letter of letters) await recordDeadLetter(client, letter);
    });
  }
}
