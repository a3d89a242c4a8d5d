import type { ReadModel } from '../runner/read-model.js';
import { accountProfiles } from './account-profiles/account-profiles.js';
import { accounts } from './accounts/accounts.js';
import { balances } from './balances/balances.js';
import { book } from './book/book.js';
import { candles } from './candles/candles.js';
import { cashEntries } from './cash-entries/cash-entries.js';
import { executions } from './executions/executions.js';
import { instruments } from './instruments/instruments.js';
import { listings } from './listings/listings.js';
import { orderEvents } from './order-events/order-events.js';
import { orders } from './orders/orders.js';
import { portfolios } from './portfolios/portfolios.js';
import { positions } from './positions/positions.js';
import { riskRules } from './risk-rules/risk-rules.js';
import { trades } from './trades/trades.js';

/** Every read model of this release, in the order in which its group applies them. */
export const readModels: readonly ReadModel[] = [
  instruments,
  accounts,
  riskRules,
  orders,
  executions,
  positions,
  balances,
  cashEntries,
  book,
  listings,
  accountProfiles,
  portfolios,
  orderEvents,
  trades,
  candles,
];
