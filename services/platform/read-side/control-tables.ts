/**
 * Control tables of the read models, in the Postgres schema `control`. TypeORM owns their migrations and maps them.
 * `read_model_generation` has one row: the only switch between versions of read models, in both stores.
 */
import { EntitySchema, type MigrationInterface, type QueryRunner } from 'typeorm';

/** Physical tables of one read model in one generation. */
export interface LiveModel {
  readonly version: number;
  readonly store: 'postgres' | 'clickhouse';
  readonly source: 'tape' | 'events';
  /** Generation that its tables were built in; tables outlive generations that did not rebuild them. */
  readonly builtIn: string;
  /** Logical name to physical, schema-qualified name. */
  readonly tables: Readonly<Record<string, string>>;
}

export interface GenerationRow {
  readonly singleton: boolean;
  readonly generation: string;
  readonly models: Readonly<Record<string, LiveModel>>;
  readonly switchedAt: Date;
}

export const generationEntity = new EntitySchema<GenerationRow>({
  name: 'ReadModelGeneration',
  schema: 'control',
  tableName: 'read_model_generation',
  columns: {
    singleton: { type: 'boolean', primary: true },
    generation: { type: 'bigint' },
    models: { type: 'jsonb' },
    switchedAt: { type: 'timestamptz', name: 'switched_at' },
  },
});

/** Checkpoint of one built read model. Tape positions are (stream sequence, command number); event positions use the sequence alone. */
export interface CheckpointRow {
  readonly model: string;
  readonly builtIn: string;
  readonly version: number;
  readonly groupName: string;
  readonly state: 'live' | 'candidate' | 'retired';
  readonly streamSequence: string;
  readonly commandNumber: string;
  readonly pendingTo: string | null;
  readonly updatedAt: Date;
}

export const checkpointEntity = new EntitySchema<CheckpointRow>({
  name: 'ReadModelCheckpoint',
  schema: 'control',
  tableName: 'read_model_checkpoints',
  columns: {
    model: { type: 'text', primary: true },
    builtIn: { type: 'bigint', primary: true, name: 'built_in' },
    version: { type: 'int' },
    groupName: { type: 'text', name: 'group_name' },
    state: { type: 'text' },
    streamSequence: { type: 'bigint', name: 'stream_sequence' },
    commandNumber: { type: 'bigint', name: 'command_number' },
    pendingTo: { type: 'bigint', name: 'pending_to', nullable: true },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
  },
});

export interface DeadLetterRow {
  readonly id: string;
  readonly groupName: string;
  readonly source: string;
  readonly streamSequence: string;
  readonly code: string;
  readonly error: string;
  readonly parkedAt: Date;
}

export const deadLetterEntity = new EntitySchema<DeadLetterRow>({
  name: 'DeadLetter',
  schema: 'control',
  tableName: 'dead_letters',
  columns: {
    id: { type: 'bigint', primary: true, generated: 'increment' },
    groupName: { type: 'text', name: 'group_name' },
    source: { type: 'text' },
    streamSequence: { type: 'bigint', name: 'stream_sequence' },
    code: { type: 'text' },
    error: { type: 'text' },
    parkedAt: { type: 'timestamptz', name: 'parked_at' },
  },
});

export const controlEntities = [generationEntity, checkpointEntity, deadLetterEntity];

/** First form of the control tables. */
export class CreateControlTables1767225600000 implements MigrationInterface {
  readonly name = 'CreateControlTables1767225600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE control.read_model_generation (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        generation bigint NOT NULL,
        models jsonb NOT NULL,
        switched_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE control.read_model_checkpoints (
        model text NOT NULL,
        built_in bigint NOT NULL,
        version int NOT NULL,
        group_name text NOT NULL,
        state text NOT NULL CHECK (state IN ('live', 'candidate', 'retired')),
        stream_sequence bigint NOT NULL DEFAULT 0,
        command_number bigint NOT NULL DEFAULT 0,
        pending_to bigint,
        pending_command bigint,
        context jsonb NOT NULL DEFAULT '{}',
        tables jsonb NOT NULL,
        retired_at timestamptz,
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (model, built_in)
      ) WITH (fillfactor = 50);
      CREATE TABLE control.dead_letters (
        id bigserial PRIMARY KEY,
        group_name text NOT NULL,
        source text NOT NULL,
        stream_sequence bigint NOT NULL,
        code text NOT NULL,
        error text NOT NULL,
        parked_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (group_name, source, stream_sequence)
      );
      CREATE TABLE control.reactor_checkpoints (
        reactor text PRIMARY KEY,
        global_position bigint NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now()
      );`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE control.reactor_checkpoints, control.dead_letters, control.read_model_checkpoints, control.read_model_generation',
    );
  }
}

export const controlMigrations = [CreateControlTables1767225600000];
