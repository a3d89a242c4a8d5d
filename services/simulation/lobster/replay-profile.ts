import type { EngineCommand } from '#contracts/commands/order-commands.js';
import { parseAccountId, parseInstrumentId } from '#contracts/ids/ids.js';
import { currencyIdOf } from '#contracts/money/currencies.js';
import { defaultMoneyExponent, unitsPerTickLot } from '#contracts/money/instrument-scale.js';
import { unwrap } from '#contracts/result/result.js';
import { AccountKind, AccountPermission, InstrumentKind, TradingState } from '#contracts/tape/codes.generated.js';
import type { ReplayParties } from './order-desk.js';

/** First instrument and account number of replays; far above what people define. */
const firstReplayId = 3_000_000_000;
/** Decimals of a LOBSTER price. */
const priceExponent = 4;

/**
 * Ids of one replay. `serial` tells replays of one tape apart: 0 on a tape of its own, so that the same day gives the same tape; the
 * number of the next command elsewhere.
 */
export const partiesOf = (serial: bigint): ReplayParties => {
  const offset = Number(serial % 600_000_000n);
  return {
    instrumentId: unwrap(parseInstrumentId(firstReplayId + offset)),
    makerAccountId: unwrap(parseAccountId(firstReplayId + offset * 2)),
    takerAccountId: unwrap(parseAccountId(firstReplayId + offset * 2 + 1)),
    run: `r${serial.toString(36)}`,
  };
};

/** Symbol on the platform: the file's, with the run behind it where the tape has other replays. */
export const replaySymbol = (symbol: string, serial: bigint): string => {
  const suffix = serial === 0n ? '' : `.R${serial.toString(36).toUpperCase()}`;
  const plain =
    symbol
      .toUpperCase()
      .replace(/[^A-Z0-9._/=-]/g, '-')
      .replace(/^[^A-Z0-9]+/, '') || 'REPLAY';
  return `${plain.slice(0, 32 - suffix.length)}${suffix}`;
};

/**
 * The profile of a replay: no fees, no limits, no collar, accounts with unlimited means that may sell short. Self-trade prevention is
 * off in every order. One tick is `priceUnit` ten-thousandths of a dollar, one lot is a share.
 */
export const profileCommands = (
  parties: ReplayParties,
  options: { readonly symbol: string; readonly priceUnit: bigint; readonly timeNanos: bigint },
): readonly EngineCommand[] => {
  const scale = {
    tickMantissa: options.priceUnit,
    tickExponent: priceExponent,
    lotMantissa: 1n,
    lotExponent: 0,
    moneyExponent: defaultMoneyExponent,
  };
  const { timeNanos } = options;
  const account = (accountId: ReplayParties['makerAccountId']): EngineCommand => ({
    type: 'DefineAccount',
    timeNanos,
    accountId,
    groupId: 0,
    accountKind: AccountKind.Replay,
    initialState: TradingState.Active,
    permissions: AccountPermission.Unlimited | AccountPermission.ShortSale | AccountPermission.FeesOff | AccountPermission.CollarOff,
  });
  return [
    {
      type: 'DefineInstrument',
      timeNanos,
      instrumentId: parties.instrumentId,
      underlyingId: 0,
      symbol: options.symbol,
      instrumentKind: InstrumentKind.Equity,
      currencyId: currencyIdOf('USD'),
      unitsPerTickLot: unwrap(unitsPerTickLot(scale)),
      tickMantissa: Number(options.priceUnit),
      tickExponent: priceExponent,
      lotMantissa: 1,
      lotExponent: 0,
      moneyExponent: defaultMoneyExponent,
      maxQuantityLots: 0n,
      minNotionalUnits: 0n,
      makerFeePpm: 0,
      takerFeePpm: 0,
      collarPpm: 0,
      initialState: TradingState.Active,
    },
    account(parties.makerAccountId),
    account(parties.takerAccountId),
  ];
};
