import type { InstrumentScale } from '#contracts/money/instrument-scale.js';

/** Terms of an instrument as the tape defined them last: what turns ticks, lots and money units into decimals. */
export interface InstrumentTerms {
  readonly instrumentId: number;
  readonly symbol: string;
  readonly currencyId: number;
  readonly scale: InstrumentScale;
}

interface StoredTerms {
  readonly id: number;
  readonly symbol: string;
  readonly currency: number;
  readonly tick: readonly [number, number];
  readonly lot: readonly [number, number];
  readonly money: number;
}

/** Content of a checkpoint's context column: what a projector must know to go on in the middle of the tape. */
export interface StoredContext {
  readonly instruments?: readonly StoredTerms[];
}

/** Instruments known up to a point of the tape. Stored with the checkpoint, so a restart goes on with the same terms. */
export class InstrumentRegistry {
  private changed = false;

  private constructor(private readonly terms: Map<number, InstrumentTerms>) {}

  static from(context: StoredContext): InstrumentRegistry {
    const entries = (context.instruments ?? []).map(({ id, symbol, currency, tick, lot, money }): [number, InstrumentTerms] => [
      id,
      {
        instrumentId: id,
        symbol,
        currencyId: currency,
        scale: {
          tickMantissa: BigInt(tick[0]),
          tickExponent: tick[1],
          lotMantissa: BigInt(lot[0]),
          lotExponent: lot[1],
          moneyExponent: money,
        },
      },
    ]);
    return new InstrumentRegistry(new Map(entries));
  }

  /** A copy to decode a batch with; it replaces the original when the batch is stored. */
  fork(): InstrumentRegistry {
    return new InstrumentRegistry(new Map(this.terms));
  }

  get(instrumentId: number): InstrumentTerms | undefined {
    return this.terms.get(instrumentId);
  }

  define(terms: InstrumentTerms): void {
    this.terms.set(terms.instrumentId, terms);
    this.changed = true;
  }

  /** Whether a definition arrived since the fork. */
  get hasChanged(): boolean {
    return this.changed;
  }

  toContext(): StoredContext {
    const instruments = [...this.terms.values()]
      .sort((a, b) => a.instrumentId - b.instrumentId)
      .map(({ instrumentId, symbol, currencyId, scale }): StoredTerms => ({
        id: instrumentId,
        symbol,
        currency: currencyId,
        tick: [Number(scale.tickMantissa), scale.tickExponent],
        lot: [Number(scale.lotMantissa), scale.lotExponent],
        money: scale.moneyExponent,
      }));
    return { instruments };
  }
}
