import { expect } from 'vitest';
import { stateAfter, type Decider } from '#contracts/events/decider.js';
import type { ErrorCode } from '#contracts/tape/codes.generated.js';

/** Given events, when a command, then exactly these events in this order, nothing, or a refusal with its code. */
export const specificationOf = <Command, Event, State>(decider: Decider<Command, Event, State>) => ({
  given: (...events: readonly Event[]) => ({
    when: (command: Command) => {
      const decision = decider.decide(command, stateAfter(decider, events));
      return {
        then: (...expected: readonly Event[]) => expect(decision).toStrictEqual({ ok: true, value: expected }),
        thenNothing: () => expect(decision).toStrictEqual({ ok: true, value: [] }),
        thenRejected: (code: ErrorCode) => expect(decision).toMatchObject({ ok: false, problem: { code } }),
      };
    },
  }),
});
