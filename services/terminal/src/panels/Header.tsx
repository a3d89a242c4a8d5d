import { useEffect, type ReactNode } from 'react';
import { compactText, percentText, priceText, quantityText, wordsOf } from '../model/format.js';
import { priceTicks, quantityLots, type QuantityLots } from '../model/values.js';
import { useTerminal } from '../store/terminal-store.js';
import { toneOf } from './Panel.js';

const Mark = () => (
  <svg
    viewBox="0 0 22 22"
    width="20"
    height="20"
    aria-hidden="true"
    fill="none"
    strokeWidth="2.6"
    strokeLinecap="round"
    strokeLinejoin="round"
  >
    <path d="M2.5 19V3h9.5M2.5 11h7" stroke="#7aa2ff" />
    <path d="M15.5 6v12M19.5 10v5" stroke="#2fbf8f" />
  </svg>
);

const Figure = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <div className="flex-none max-lg:hidden">
    <dt className="text-2xs text-faint">{name}</dt>
    <dd className="text-xs">{children}</dd>
  </div>
);

const magnitude = (lots: QuantityLots): QuantityLots => quantityLots(lots < 0n ? -lots : lots);

/** Said only where it is not the ordinary state: everything is allowed, and trading is continuous. */
const MarketPhase = ({ phase, tradingState }: { readonly phase: string | null; readonly tradingState: string }) => {
  const isHalted = tradingState !== 'ACTIVE';
  const text = isHalted ? wordsOf(tradingState) : phase === null || phase === 'CONTINUOUS' ? null : wordsOf(phase);
  return text === null ? null : (
    <span
      data-testid="market-phase"
      className={`flex-none rounded border px-1.5 py-0.5 text-2xs ${isHalted ? 'border-down/50 text-down' : 'border-warn/50 text-warn'}`}
    >
      {text}
    </span>
  );
};

const LinkStatus = () => {
  const link = useTerminal((state) => state.link);
  const roundTripMs = useTerminal((state) => state.roundTripMs);
  const live = link.type === 'live';
  const text = live ? 'Live' : link.type === 'connecting' ? 'Connecting' : 'Reconnecting';
  return (
    <span
      role="status"
      data-testid="link-status"
      data-link={link.type}
      className="flex flex-none items-center gap-1.5 text-2xs text-soft"
      title={live ? 'Round trip to the gateway' : 'What is shown may be old'}
    >
      <span aria-hidden="true" className={`size-1.5 rounded-full ${live ? 'bg-up' : 'bg-warn'}`} />
      {text}
      {live && roundTripMs !== null ? <span className="text-faint max-md:hidden">{Math.max(1, Math.round(roundTripMs))} ms</span> : null}
    </span>
  );
};

export const Header = ({ chooseAccount, leave }: { readonly chooseAccount: (accountId: string) => void; readonly leave: () => void }) => {
  const instrument = useTerminal((state) => state.instruments.get(state.symbol));
  const quote = useTerminal((state) => state.quotes.get(state.symbol));
  const accounts = useTerminal((state) => state.accounts);
  const accountId = useTerminal((state) => state.accountId);
  const change = quote?.changeBasisPoints ?? null;
  const last = quote?.last ?? null;
  useEffect(() => {
    if (instrument !== undefined && last !== null) document.title = `${priceText(last, instrument)} ${instrument.symbol} · Fulltape`;
  }, [instrument, last]);
  return (
    <header className="flex h-13 flex-none items-center gap-5 border-b border-line bg-panel px-3 max-md:gap-3">
      <h1 className="flex flex-none items-center gap-2 text-sm font-semibold tracking-tight xl:w-[203px]">
        <Mark />
        <span className="max-md:hidden">Fulltape</span>
      </h1>
      {instrument === undefined ? null : (
        <div className="flex min-w-0 flex-1 items-center gap-6 max-md:gap-3">
          <div className="min-w-0 max-md:hidden">
            <p className="text-base font-semibold leading-5">{instrument.symbol}</p>
            <p className="truncate text-2xs text-faint">{instrument.name}</p>
          </div>
          <p className="flex-none">
            <span
              data-testid="last-price"
              className={`block text-xl font-semibold leading-6 ${quote?.direction === 'down' ? 'text-down' : quote?.direction === 'up' ? 'text-up' : ''}`}
            >
              {quote?.last == null ? '–' : priceText(quote.last, instrument)}
            </span>
            <span className={`block text-2xs ${toneOf(change)}`}>
              {quote?.changeTicks == null
                ? ''
                : `${quote.changeTicks > 0n ? '+' : ''}${priceText(priceTicks(quote.changeTicks), instrument)}  `}
              {change === null ? '' : percentText(change)}
            </span>
          </p>
          <MarketPhase phase={quote?.phase ?? null} tradingState={quote?.tradingState ?? instrument.tradingState} />
          <dl className="flex min-w-0 gap-6 overflow-hidden">
            <Figure name="Bid">{quote?.bid == null ? '–' : priceText(quote.bid, instrument)}</Figure>
            <Figure name="Ask">{quote?.ask == null ? '–' : priceText(quote.ask, instrument)}</Figure>
            <Figure name="High">{quote?.high == null ? '–' : priceText(quote.high, instrument)}</Figure>
            <Figure name="Low">{quote?.low == null ? '–' : priceText(quote.low, instrument)}</Figure>
            <Figure name="Volume">
              {quote?.volumeLots == null ? '–' : compactText(quote.volumeLots * instrument.scale.lotMantissa, instrument.scale.lotExponent)}
            </Figure>
            {quote?.auction == null ? null : (
              <Figure name="Auction would trade">
                <span data-testid="auction-indication">
                  {quantityText(quote.auction.lots, instrument)} at {priceText(quote.auction.priceTicks, instrument)}
                </span>
                {quote.auction.imbalanceLots === 0n ? null : (
                  <span className={`ml-1.5 ${toneOf(quote.auction.imbalanceLots)}`}>
                    {quote.auction.imbalanceLots > 0n ? 'more to buy ' : 'more to sell '}
                    {quantityText(magnitude(quote.auction.imbalanceLots), instrument)}
                  </span>
                )}
              </Figure>
            )}
          </dl>
        </div>
      )}
      <div className="ml-auto flex flex-none items-center gap-4 max-md:gap-2.5">
        <LinkStatus />
        <label className="flex items-center gap-2">
          <span className="sr-only">Account</span>
          <select
            data-testid="account"
            value={accountId}
            onChange={(event) => chooseAccount(event.target.value)}
            className="h-8 max-w-44 rounded-md border border-edge bg-ground px-2 text-xs max-md:max-w-32"
          >
            {accounts.map((account) => (
              <option key={account.id} value={account.id}>
                {account.name}
              </option>
            ))}
          </select>
        </label>
        <button type="button" onClick={leave} className="text-2xs text-faint hover:text-ink max-lg:hidden">
          Sign out
        </button>
      </div>
    </header>
  );
};
