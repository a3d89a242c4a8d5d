import type { Refusal, Result } from '../result/result.js';

/** Rules of one aggregate as pure functions. Times and ids arrive inside the command. */
export interface Decider<Command, Event, State> {
  /** Events that the command causes in this state, none when it changes nothing, or why it is refused. */
  decide(command: Command, state: State): Result<readonly Event[], Refusal>;
  evolve(state: State, event: Event): State;
  readonly initialState: State;
}

export const stateAfter = <Command, Event, State>(decider: Decider<Command, Event, State>, events: readonly Event[]): State =>
  events.reduce((state, event) => decider.evolve(state, event), decider.initialState);
