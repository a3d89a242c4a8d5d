/**
 * The market that a fresh installation opens with: simulated instruments of two asset classes and accounts to trade them.
 * It is data for the ordinary commands, so nothing here is special to the engine.
 */
import type { CurrencyCode } from '../money/currencies.js';

export interface DemoInstrument {
  readonly id: number;
  readonly symbol: string;
  readonly name: string;
  readonly kind: 'Equity' | 'CryptoSpot';
  readonly sector: string;
  readonly currency: CurrencyCode;
  /** Decimal strings. */
  readonly tickSize: string;
  readonly lotSize: string;
  readonly openingPrice: string;
  readonly maxQuantity: string;
  readonly minNotional: string;
  readonly makerFeePpm: number;
  readonly takerFeePpm: number;
  readonly collarPpm: number;
}

export const demoInstruments: readonly DemoInstrument[] = [
  {
    id: 1,
    symbol: 'NOVA',
    name: 'Nova Semiconductors (simulated)',
    kind: 'Equity',
    sector: 'Technology',
    currency: 'USD',
    tickSize: '0.01',
    lotSize: '1',
    openingPrice: '182.40',
    maxQuantity: '100000',
    minNotional: '0',
    makerFeePpm: 0,
    takerFeePpm: 300,
    collarPpm: 200_000,
  },
  {
    id: 2,
    symbol: 'ATLAS',
    name: 'Atlas Logistics (simulated)',
    kind: 'Equity',
    sector: 'Industrials',
    currency: 'USD',
    tickSize: '0.01',
    lotSize: '1',
    openingPrice: '64.75',
    maxQuantity: '100000',
    minNotional: '0',
    makerFeePpm: 0,
    takerFeePpm: 300,
    collarPpm: 200_000,
  },
  {
    id: 3,
    symbol: 'ORBIT',
    name: 'Orbit Energy (simulated)',
    kind: 'Equity',
    sector: 'Energy',
    currency: 'USD',
    tickSize: '0.01',
    lotSize: '1',
    openingPrice: '27.18',
    maxQuantity: '100000',
    minNotional: '0',
    makerFeePpm: 0,
    takerFeePpm: 300,
    collarPpm: 200_000,
  },
  {
    id: 4,
    symbol: 'BTC-USD',
    name: 'Bitcoin / US dollar (simulated)',
    kind: 'CryptoSpot',
    sector: 'Crypto',
    currency: 'USD',
    tickSize: '0.5',
    lotSize: '0.0001',
    openingPrice: '64250.0',
    maxQuantity: '500',
    minNotional: '5',
    makerFeePpm: 100,
    takerFeePpm: 500,
    collarPpm: 300_000,
  },
  {
    id: 5,
    symbol: 'ETH-USD',
    name: 'Ether / US dollar (simulated)',
    kind: 'CryptoSpot',
    sector: 'Crypto',
    currency: 'USD',
    tickSize: '0.05',
    lotSize: '0.001',
    openingPrice: '3180.00',
    maxQuantity: '5000',
    minNotional: '5',
    makerFeePpm: 100,
    takerFeePpm: 500,
    collarPpm: 300_000,
  },
];

export interface DemoAccount {
  readonly id: number;
  readonly name: string;
  readonly role: 'trader' | 'maker' | 'taker';
  readonly depositUsd: string;
  /** Position per equity and per crypto instrument, decimal strings. */
  readonly equityQuantity: string;
  readonly cryptoQuantity: string;
  readonly shortSale: boolean;
}

/** Makers and takers are the simulation's; traders are whose tokens a newcomer gets. */
export const demoAccounts: readonly DemoAccount[] = [
  {
    id: 1001,
    name: 'Demo account 1',
    role: 'trader',
    depositUsd: '1000000',
    equityQuantity: '1000',
    cryptoQuantity: '5',
    shortSale: false,
  },
  { id: 1002, name: 'Demo account 2', role: 'trader', depositUsd: '250000', equityQuantity: '0', cryptoQuantity: '0', shortSale: false },
  ...[2001, 2002, 2003].map((id): DemoAccount => ({
    id,
    name: `Market maker ${id - 2000}`,
    role: 'maker',
    depositUsd: '50000000000',
    equityQuantity: '100000000',
    cryptoQuantity: '1000000',
    shortSale: true,
  })),
  ...[3001, 3002, 3003, 3004].map((id): DemoAccount => ({
    id,
    name: `Flow account ${id - 3000}`,
    role: 'taker',
    depositUsd: '50000000000',
    equityQuantity: '100000000',
    cryptoQuantity: '1000000',
    shortSale: true,
  })),
];
