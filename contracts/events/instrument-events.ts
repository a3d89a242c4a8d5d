import { z } from 'zod';
import { EventCodec, eventShape, type EventOf } from './event-catalog.js';
import { decimalText, nameText, ppm, tapeId } from './event-fields.js';

const terms = {
  tickSize: decimalText,
  lotSize: decimalText,
  /** 0 = no limit. */
  maxQuantity: decimalText,
  minNotional: decimalText,
  makerFeePpm: ppm,
  takerFeePpm: ppm,
  /** 0 = no collar. */
  collarPpm: z.number().int().min(0).max(1_000_000),
};

const listed = z.object({
  instrumentId: tapeId,
  symbol: z.string().min(1).max(32),
  name: nameText,
  kind: z.enum(['Equity', 'CryptoSpot']),
  sector: z.string().max(64),
  currency: z.string().min(3).max(8),
  openingPrice: decimalText,
  ...terms,
});
const termsChanged = z.object({ instrumentId: tapeId, ...terms });
const stateChanged = z.object({ instrumentId: tapeId, reason: z.string().min(1).max(255) });

export type InstrumentListed = EventOf<'InstrumentListed', z.output<typeof listed>>;
export type InstrumentTermsChanged = EventOf<'InstrumentTermsChanged', z.output<typeof termsChanged>>;
export type InstrumentHalted = EventOf<'InstrumentHalted', z.output<typeof stateChanged>>;
export type InstrumentResumed = EventOf<'InstrumentResumed', z.output<typeof stateChanged>>;
export type InstrumentEvent = InstrumentListed | InstrumentTermsChanged | InstrumentHalted | InstrumentResumed;

/** Terms of an instrument as people write them. */
export type InstrumentTermsText = Omit<z.output<typeof termsChanged>, 'instrumentId'>;

export const instrumentEventShapes = [
  eventShape({ type: 'InstrumentListed', schemaVersion: 1, schema: listed, upcasters: [] }),
  eventShape({ type: 'InstrumentTermsChanged', schemaVersion: 1, schema: termsChanged, upcasters: [] }),
  eventShape({ type: 'InstrumentHalted', schemaVersion: 1, schema: stateChanged, upcasters: [] }),
  eventShape({ type: 'InstrumentResumed', schemaVersion: 1, schema: stateChanged, upcasters: [] }),
] as const;

export const instrumentEvents = new EventCodec<InstrumentEvent>(instrumentEventShapes);

export const instrumentStream = (instrumentId: number): string => `instrument-${instrumentId}`;
