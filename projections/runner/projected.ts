import type { InstrumentRegistry } from './instrument-registry.js';
import type { Build } from './generations.js';
import type { RowBlock, Statement, TableName } from './read-model.js';
import type { EventContent, SourceMessage, TapeContent } from './source.js';
import { decodeTapeBatch, PoisonMessage } from './tape-batch.js';

/** What a batch of messages means for the builds of a group: the same messages always mean the same. */
export interface Projected {
  readonly statements: readonly Statement[];
  readonly blocks: readonly { readonly build: Build; readonly block: RowBlock }[];
  /** Last whole command; null when the source has none or the batch completes none. */
  readonly lastCommand: bigint | null;
  readonly registry: InstrumentRegistry;
}

export type Project<Content> = (
  messages: readonly SourceMessage<Content>[],
  builds: readonly Build[],
  registry: InstrumentRegistry,
) => Projected;

const tableNames =
  (build: Build): TableName =>
  (table) => {
    const physical = build.tables[table];
    if (physical === undefined) throw new Error(`read model ${build.model.name} has no table ${table}`);
    return physical;
  };

/** @throws PoisonMessage for a message that is not a commit; any other error for effects that a model cannot turn into rows. */
export const projectTape: Project<TapeContent> = (messages, builds, registry) => {
  const batch = decodeTapeBatch(
    messages.map(({ streamSequence, content }) => ({ streamSequence, bytes: content })),
    registry,
    builds.flatMap(({ model }) => (model.source === 'tape' ? model.reads : [])),
  );
  const statements: Statement[] = [];
  const blocks: { build: Build; block: RowBlock }[] = [];
  for (const build of builds) {
    const { model } = build;
    if (model.source !== 'tape') continue;
    if (model.store === 'postgres') statements.push(...model.apply(batch, tableNames(build)));
    else blocks.push(...model.apply(batch, tableNames(build)).map((block) => ({ build, block })));
  }
  return { statements, blocks, lastCommand: batch.lastCommand, registry: batch.registry };
};

/** @throws PoisonMessage for an event whose type or version this release does not know. */
export const projectEvents: Project<EventContent> = (messages, builds, registry) => {
  const statements: Statement[] = [];
  for (const { streamSequence, content } of messages) {
    try {
      for (const build of builds) {
        const { model } = build;
        if (model.source === 'events') statements.push(...model.apply({ appends: [content] }, tableNames(build)));
      }
    } catch (error) {
      throw new PoisonMessage(streamSequence, error);
    }
  }
  return { statements, blocks: [], lastCommand: null, registry };
};
