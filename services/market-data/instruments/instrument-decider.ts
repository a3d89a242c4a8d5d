/** Rules of instruments: what may be listed, what may change, when trading stops. Pure. */
import type { Decider } from '#contracts/events/decider.js';
import type { InstrumentEvent, InstrumentListed, InstrumentTermsText } from '#contracts/events/instrument-events.js';
import { sameData } from '#contracts/events/same-data.js';
import { parseInstrumentId, parseSymbol } from '#contracts/ids/ids.js';
import { parseCurrency } from '#contracts/money/currencies.js';
import { parsePriceTicks } from '#contracts/money/instrument-scale.js';
import { assertNever, ok, refuse, type Result } from '#contracts/result/result.js';
import { engineTermsOf } from './engine-terms.js';

export type ListInstrument = { readonly type: 'ListInstrument' } & Omit<InstrumentListed, 'type'>;
export type ChangeInstrumentTerms = { readonly type: 'ChangeInstrumentTerms'; readonly instrumentId: number } & InstrumentTermsText;
export interface HaltInstrument {
  readonly type: 'HaltInstrument';
  readonly instrumentId: number;
  readonly reason: string;
}
export interface ResumeInstrument {
  readonly type: 'ResumeInstrument';
  readonly instrumentId: number;
  readonly reason: string;
}
export type InstrumentCommand = ListInstrument | ChangeInstrumentTerms | HaltInstrument | ResumeInstrument;

export type InstrumentState =
  { readonly status: 'Unlisted' } | { readonly status: 'Listed' | 'Halted'; readonly listing: Omit<InstrumentListed, 'type'> };

const termsOf = ({
  tickSize,
  lotSize,
  maxQuantity,
  minNotional,
  makerFeePpm,
  takerFeePpm,
  collarPpm,
}: InstrumentTermsText): InstrumentTermsText => ({
  tickSize,
  lotSize,
  maxQuantity,
  minNotional,
  makerFeePpm,
  takerFeePpm,
  collarPpm,
});

const sameTerms = (a: InstrumentTermsText, b: InstrumentTermsText): boolean => sameData(termsOf(a), termsOf(b));

const list = (command: ListInstrument, state: InstrumentState): Result<readonly InstrumentEvent[]> => {
  const { type: _type, ...listing } = command;
  if (state.status !== 'Unlisted') {
    // The same listing again is the same fact; another one under the id is a mistake.
    return sameData(state.listing, listing) ? ok([]) : refuse('INSTRUMENT_EXISTS', { instrumentId: String(command.instrumentId) });
  }
  const id = parseInstrumentId(command.instrumentId);
  if (!id.ok) return id;
  const symbol = parseSymbol(command.symbol);
  if (!symbol.ok) return symbol;
  if (command.name.trim() === '') return refuse('INVALID_ARGUMENT', { argument: 'name', expected: 'text' });
  const currency = parseCurrency(command.currency);
  if (!currency.ok) return currency;
  const terms = engineTermsOf(command);
  if (!terms.ok) return terms;
  const openingPrice = parsePriceTicks(command.openingPrice, terms.value.scale);
  if (!openingPrice.ok) return openingPrice;
  return ok([{ type: 'InstrumentListed', ...listing }]);
};

const changeTerms = (command: ChangeInstrumentTerms, state: InstrumentState): Result<readonly InstrumentEvent[]> => {
  if (state.status === 'Unlisted') return refuse('UNKNOWN_INSTRUMENT', { instrumentId: String(command.instrumentId) });
  if (sameTerms(command, state.listing)) return ok([]);
  const terms = engineTermsOf(command);
  if (!terms.ok) return terms;
  return ok([{ type: 'InstrumentTermsChanged', instrumentId: command.instrumentId, ...termsOf(command) }]);
};

const setState = (command: HaltInstrument | ResumeInstrument, state: InstrumentState): Result<readonly InstrumentEvent[]> => {
  const { instrumentId, reason } = command;
  if (state.status === 'Unlisted') return refuse('UNKNOWN_INSTRUMENT', { instrumentId: String(instrumentId) });
  if (reason.trim() === '') return refuse('INVALID_ARGUMENT', { argument: 'reason', expected: 'text' });
  const wanted = command.type === 'HaltInstrument' ? 'Halted' : 'Listed';
  if (state.status === wanted) return ok([]);
  return ok([{ type: wanted === 'Halted' ? 'InstrumentHalted' : 'InstrumentResumed', instrumentId, reason }]);
};

export const instrumentDecider: Decider<InstrumentCommand, InstrumentEvent, InstrumentState> = {
  initialState: { status: 'Unlisted' },
  decide: (command, state) => {
    switch (command.type) {
      case 'ListInstrument':
        return list(command, state);
      case 'ChangeInstrumentTerms':
        return changeTerms(command, state);
      case 'HaltInstrument':
      case 'ResumeInstrument':
        return setState(command, state);
      default:
        return assertNever(command);
    }
  },
  evolve: (state, event) => {
    switch (event.type) {
      case 'InstrumentListed': {
        const { type: _type, ...listing } = event;
        return { status: 'Listed', listing };
      }
      case 'InstrumentTermsChanged':
        return state.status === 'Unlisted' ? state : { ...state, listing: { ...state.listing, ...termsOf(event) } };
      case 'InstrumentHalted':
        return state.status === 'Unlisted' ? state : { ...state, status: 'Halted' };
      case 'InstrumentResumed':
        return state.status === 'Unlisted' ? state : { ...state, status: 'Listed' };
      default:
        return assertNever(event);
    }
  },
};
