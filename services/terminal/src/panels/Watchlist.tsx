import { memo } from 'react';
import { percentText, priceText } from '../model/format.js';
import type { Instrument } from '../model/values.js';
import { dispatch, useTerminal } from '../store/terminal-store.js';
import { Panel, toneOf } from './Panel.js';
import { Sparkline } from './Sparkline.js';

const kindNames: Readonly<Record<string, string>> = { EQUITY: 'Equities', CRYPTO_SPOT: 'Crypto' };

const Row = memo(({ instrument }: { readonly instrument: Instrument }) => {
  const quote = useTerminal((state) => state.quotes.get(instrument.symbol));
  const chosen = useTerminal((state) => state.symbol === instrument.symbol);
  const change = quote?.changeBasisPoints ?? null;
  const last = quote?.last ?? null;
  return (
    <button
      type="button"
      aria-pressed={chosen}
      aria-label={`Show ${instrument.name}`}
      data-testid={`watch-${instrument.symbol}`}
      onClick={() => dispatch({ type: 'symbol-chosen', symbol: instrument.symbol })}
      className={`relative flex w-full flex-none items-center gap-2 px-3 text-left hover:bg-hover max-xl:w-auto max-xl:gap-3 max-xl:border-r max-xl:border-line xl:h-[50px] max-xl:h-[46px] ${chosen ? 'bg-raised' : ''}`}
    >
      {chosen ? (
        <span className="absolute inset-y-0 left-0 w-0.5 bg-accent max-xl:inset-x-0 max-xl:top-auto max-xl:h-0.5 max-xl:w-auto" />
      ) : null}
      <span className="flex min-w-0 flex-1 flex-col gap-0.5 max-xl:flex-row max-xl:items-center max-xl:gap-3">
        <span className="flex items-center justify-between gap-2 max-xl:contents">
          <span className="text-sm font-semibold max-xl:flex-none">
            {instrument.symbol}
            <span className={`hidden text-2xs font-normal max-xl:block ${toneOf(change)}`}>
              {change === null ? '–' : percentText(change)}
            </span>
          </span>
          <span className="ml-auto max-xl:ml-0 max-md:hidden">
            <Sparkline prices={quote?.trail ?? []} tone={change === null || change === 0n ? 'flat' : change > 0n ? 'up' : 'down'} />
          </span>
          <span
            key={quote?.changes}
            className={`-mr-1 min-w-[66px] flex-none rounded-sm px-1 text-right text-sm max-xl:min-w-0 ${quote?.direction === 'up' ? 'flash-up' : quote?.direction === 'down' ? 'flash-down' : ''}`}
            data-testid={`watch-last-${instrument.symbol}`}
          >
            {last === null ? '–' : priceText(last, instrument)}
          </span>
        </span>
        <span className="flex items-center justify-between gap-2 text-2xs max-xl:hidden">
          <span className="truncate text-faint">{instrument.name.replace(' (simulated)', '')}</span>
          <span className={`flex-none ${toneOf(change)}`}>{change === null ? '–' : percentText(change)}</span>
        </span>
      </span>
    </button>
  );
});

export const Watchlist = () => {
  const instruments = useTerminal((state) => state.instruments);
  const kinds = [...new Set([...instruments.values()].map(({ kind }) => kind))];
  return (
    <Panel place="watch" label="Watchlist">
      <div className="flex min-h-0 flex-1 flex-col overflow-auto max-xl:flex-row max-xl:overflow-y-hidden">
        {kinds.map((kind) => (
          <div key={kind} className="flex flex-none flex-col max-xl:flex-row">
            <h2 className="flex h-9 flex-none items-center border-b border-line px-3 text-xs font-medium text-soft max-xl:hidden xl:not-first:mt-2">
              {kindNames[kind] ?? kind}
            </h2>
            {[...instruments.values()]
              .filter((instrument) => instrument.kind === kind)
              .map((instrument) => (
                <Row key={instrument.symbol} instrument={instrument} />
              ))}
          </div>
        ))}
      </div>
    </Panel>
  );
};
