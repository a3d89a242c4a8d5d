/** A made-up market for looking at the page: seeded, without matching rules worth the name. Nothing here says anything about the engine. */

export interface FakeInstrument {
  readonly symbol: string;
  readonly name: string;
  readonly kind: 'EQUITY' | 'CRYPTO_SPOT';
  readonly sector: string;
  readonly tick: readonly [mantissa: bigint, exponent: number];
  readonly lot: readonly [mantissa: bigint, exponent: number];
  readonly openingTicks: bigint;
  readonly typicalLots: bigint;
  readonly stepTicks: number;
}

export const fakeInstruments: readonly FakeInstrument[] = [
  {
    symbol: 'NOVA',
    name: 'Nova Semiconductors (simulated)',
    kind: 'EQUITY',
    sector: 'Technology',
    tick: [1n, 2],
    lot: [1n, 0],
    openingTicks: 18_240n,
    typicalLots: 60n,
    stepTicks: 2,
  },
  {
    symbol: 'ATLAS',
    name: 'Atlas Logistics (simulated)',
    kind: 'EQUITY',
    sector: 'Industrials',
    tick: [1n, 2],
    lot: [1n, 0],
    openingTicks: 6_475n,
    typicalLots: 150n,
    stepTicks: 1,
  },
  {
    symbol: 'ORBIT',
    name: 'Orbit Energy (simulated)',
    kind: 'EQUITY',
    sector: 'Energy',
    tick: [1n, 2],
    lot: [1n, 0],
    openingTicks: 2_718n,
    typicalLots: 300n,
    stepTicks: 1,
  },
  {
    symbol: 'BTC-USD',
    name: 'Bitcoin / US dollar (simulated)',
    kind: 'CRYPTO_SPOT',
    sector: 'Crypto',
    tick: [5n, 1],
    lot: [1n, 4],
    openingTicks: 128_500n,
    typicalLots: 900n,
    stepTicks: 7,
  },
  {
    symbol: 'ETH-USD',
    name: 'Ether / US dollar (simulated)',
    kind: 'CRYPTO_SPOT',
    sector: 'Crypto',
    tick: [5n, 2],
    lot: [1n, 3],
    openingTicks: 63_600n,
    typicalLots: 1_400n,
    stepTicks: 5,
  },
];

export const decimalText = (steps: bigint, [mantissa, exponent]: readonly [bigint, number]): string => {
  const value = steps * mantissa;
  const digits = (value < 0n ? -value : value).toString().padStart(exponent + 1, '0');
  const fraction = exponent === 0 ? '' : digits.slice(digits.length - exponent).replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${digits.slice(0, digits.length - exponent)}${fraction === '' ? '' : `.${fraction}`}`;
};

export const stepsOf = (text: string, [mantissa, exponent]: readonly [bigint, number]): bigint => {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(exponent, '0').slice(0, exponent)) / mantissa;
};

export interface FakePrint {
  readonly tradeId: string;
  readonly ticks: bigint;
  readonly lots: bigint;
  readonly aggressorSide: 'BUY' | 'SELL';
  readonly atMs: number;
}

const seeded = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

type Level = readonly [ticks: bigint, lots: bigint];

/** One instrument that wanders. */
export class FakeBook {
  bids: Level[] = [];
  asks: Level[] = [];
  readonly prints: FakePrint[] = [];
  sequence = 1n;
  volumeLots = 0n;
  highTicks: bigint;
  lowTicks: bigint;
  private mid: number;
  private drift = 0;
  private readonly random: () => number;

  readonly instrument: FakeInstrument;

  constructor(instrument: FakeInstrument, seed: number) {
    this.instrument = instrument;
    this.random = seeded(seed);
    this.mid = Number(instrument.openingTicks);
    this.highTicks = instrument.openingTicks;
    this.lowTicks = instrument.openingTicks;
  }

  get lastTicks(): bigint {
    return this.prints.at(-1)?.ticks ?? this.instrument.openingTicks;
  }

  /** Moves the price and the levels on, and perhaps trades; returns what traded. */
  step(atMs: number): FakePrint[] {
    const { random, instrument } = this;
    if (random() < 0.02) this.drift = (random() - 0.5) * instrument.stepTicks * 0.35;
    this.mid += this.drift + (random() + random() + random() - 1.5) * instrument.stepTicks;
    const spread = 1 + Math.floor(random() * Math.max(1, instrument.stepTicks * 0.7));
    const best = BigInt(Math.round(this.mid - spread / 2));
    const gap = BigInt(Math.max(1, Math.round(instrument.stepTicks * 0.6)));
    const lots = (level: number): bigint =>
      BigInt(Math.max(1, Math.round(Number(instrument.typicalLots) * (0.4 + random() * 1.8) * (1 + level * 0.16))));
    this.bids = Array.from({ length: 24 }, (_, level) => [best - BigInt(level) * gap, lots(level)] as const);
    this.asks = Array.from({ length: 24 }, (_, level) => [best + BigInt(spread) + BigInt(level) * gap, lots(level)] as const);
    const traded: FakePrint[] = [];
    while (random() < 0.45 && traded.length < 6) {
      const buys = random() < 0.5 + this.drift / instrument.stepTicks;
      traded.push(
        this.print(
          buys ? (this.asks[0]?.[0] ?? best) : best,
          BigInt(Math.max(1, Math.round(Number(instrument.typicalLots) * -Math.log(random() + 1e-9) * 0.5))),
          buys ? 'BUY' : 'SELL',
          atMs,
        ),
      );
    }
    return traded;
  }

  print(ticks: bigint, lots: bigint, aggressorSide: 'BUY' | 'SELL', atMs: number): FakePrint {
    const print = { tradeId: `${this.instrument.symbol}-${this.prints.length + 1}`, ticks, lots, aggressorSide, atMs };
    this.prints.push(print);
    if (this.prints.length > 20_000) this.prints.splice(0, 5_000);
    this.volumeLots += lots;
    if (ticks > this.highTicks) this.highTicks = ticks;
    if (ticks < this.lowTicks) this.lowTicks = ticks;
    return print;
  }
}
