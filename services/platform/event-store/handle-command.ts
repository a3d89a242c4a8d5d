import { stateAfter, type Decider } from '#contracts/events/decider.js';
import type { EventCodec } from '#contracts/events/event-catalog.js';
import type { EventMetadata, EventStore } from '#contracts/ports/event-store.js';
import { ok, refuse, type Result } from '#contracts/result/result.js';

/** Where an accepted command left its stream. A command that changed nothing has no position of its own. */
export interface CommandReceipt {
  readonly streamName: string;
  readonly streamVersion: bigint;
  readonly globalPosition: bigint | null;
  readonly events: number;
}

/** How often a command is decided again because another writer was faster. */
export const conflictAttemptsMax = 5;

/** Reads the stream, decides, appends under the version that was read; a lost race is decided again, a bounded number of times. */
export const handleCommand = async <Command, Event extends { readonly type: string }, State>(
  {
    store,
    decider,
    codec,
  }: { readonly store: EventStore; readonly decider: Decider<Command, Event, State>; readonly codec: EventCodec<Event> },
  streamName: string,
  command: Command,
  metadata: EventMetadata = {},
): Promise<Result<CommandReceipt>> => {
  for (let attempt = 1; attempt <= conflictAttemptsMax; attempt += 1) {
    const recorded = await store.readStream(streamName);
    const version = recorded.at(-1)?.streamVersion ?? 0n;
    const state = stateAfter(
      decider,
      recorded.map((event) => codec.decode(event)),
    );
    const decision = decider.decide(command, state);
    if (!decision.ok) return decision;
    const events = decision.value.map((event) => codec.encode(event));
    if (events.length === 0) return ok({ streamName, streamVersion: version, globalPosition: null, events: 0 });
    const appended = await store.append(streamName, events, { expected: version === 0n ? 'noStream' : { version }, metadata });
    if (appended.ok) return ok({ streamName, ...appended.value, events: events.length });
    if (appended.problem.code !== 'WRONG_EXPECTED_VERSION') return appended;
  }
  return refuse('WRONG_EXPECTED_VERSION', { streamName, attempts: String(conflictAttemptsMax) });
};
