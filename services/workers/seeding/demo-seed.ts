/** The demo world as ordinary commands. Pure. */
import type { EngineCommand } from '#contracts/commands/order-commands.js';
import type { DemoAccount, DemoInstrument } from '#contracts/demo/demo-world.js';
import { defaultPortfolioId } from '#contracts/events/portfolio-events.js';
import { parseAccountId, parseClientOrderId, parseInstrumentId } from '#contracts/ids/ids.js';
import { currencyIdOf } from '#contracts/money/currencies.js';
import { parseAmountUnits, parsePriceTicks, parseQuantityLots } from '#contracts/money/instrument-scale.js';
import { unwrap } from '#contracts/result/result.js';
import { CashReason, PositionReason } from '#contracts/tape/codes.generated.js';
import { engineTermsOf } from '../../market-data/instruments/engine-terms.js';
import type { ListInstrument } from '../../market-data/instruments/instrument-decider.js';
import type { OpenAccount } from '../../portfolio/accounts/account-decider.js';
import type { CreatePortfolio } from '../../portfolio/portfolios/portfolio-decider.js';

export const listingOf = ({ id, ...instrument }: DemoInstrument): ListInstrument => ({
  type: 'ListInstrument',
  instrumentId: id,
  ...instrument,
});

export const openingOf = ({ id, name, shortSale }: DemoAccount): OpenAccount => ({
  type: 'OpenAccount',
  accountId: id,
  name,
  kind: 'Cash',
  groupId: 0,
  permissions: shortSale ? ['ShortSale'] : [],
});

export const portfolioOf = ({ id, name }: DemoAccount): CreatePortfolio => ({
  type: 'CreatePortfolio',
  portfolioId: defaultPortfolioId(id),
  accountId: id,
  userId: null,
  name,
});

/** Cash and positions of an account. Positions cost what they are worth at the opening price. The client order ids make a repetition harmless. */
export const endowmentOf = (account: DemoAccount, instruments: readonly DemoInstrument[]): EngineCommand[] => {
  const accountId = unwrap(parseAccountId(account.id));
  const cash: EngineCommand = {
    type: 'MoveCash',
    accountId,
    currencyId: currencyIdOf('USD'),
    reason: CashReason.Seed,
    amountUnits: unwrap(parseAmountUnits(account.depositUsd)),
    clientOrderId: unwrap(parseClientOrderId(`seed.cash.${account.id}`)),
  };
  const positions = instruments.flatMap((instrument): EngineCommand[] => {
    const quantity = instrument.kind === 'Equity' ? account.equityQuantity : account.cryptoQuantity;
    if (quantity === '0') return [];
    const terms = unwrap(engineTermsOf(instrument));
    const quantityLots = unwrap(parseQuantityLots(quantity, terms.scale));
    const priceTicks = unwrap(parsePriceTicks(instrument.openingPrice, terms.scale));
    return [
      {
        type: 'MovePosition',
        accountId,
        instrumentId: unwrap(parseInstrumentId(instrument.id)),
        quantityLots,
        costUnits: priceTicks * quantityLots * terms.unitsPerTickLot,
        reason: PositionReason.Seed,
        clientOrderId: unwrap(parseClientOrderId(`seed.position.${account.id}.${instrument.id}`)),
      },
    ];
  });
  return [cash, ...positions];
};
