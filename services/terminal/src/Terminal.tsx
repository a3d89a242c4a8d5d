import { useEffect, useState } from 'react';
import { feedAccount } from './api/account-feed.js';
import { connectLive, type Live } from './api/live.js';
import { feedCandles, feedQuotes, feedSymbol } from './api/market-feed.js';
import { loadMarket, type SessionChoice } from './api/session-choice.js';
import { ApiError } from './api/http.js';
import { instrumentOf } from './model/values.js';
import { BlotterPanel } from './panels/BlotterPanel.js';
import { BookPanel } from './panels/BookPanel.js';
import { ChartPanel } from './panels/ChartPanel.js';
import { FundsPanel } from './panels/FundsPanel.js';
import { Header } from './panels/Header.js';
import { Notices } from './panels/Notices.js';
import { TicketPanel } from './panels/TicketPanel.js';
import { TradesPanel } from './panels/TradesPanel.js';
import { Watchlist } from './panels/Watchlist.js';
import { dispatch, stream, useTerminal } from './store/terminal-store.js';

const views = [
  ['chart', 'Chart'],
  ['book', 'Book'],
  ['trade', 'Trade'],
  ['account', 'Account'],
] as const;

const marketRetryMs = 1_500;

/** Feeds the store for as long as the page is open. Each effect owns one stream and ends it. */
const useFeeds = (choice: SessionChoice, refused: (reason: string) => void): void => {
  const token = choice.accounts.find(({ id }) => id === choice.accountId)?.token ?? '';
  const [live, setLive] = useState<Live | null>(null);
  const symbol = useTerminal((state) => state.symbol);
  const timeframe = useTerminal((state) => state.timeframe);
  useEffect(() => dispatch({ type: 'accounts-known', accounts: choice.accounts, accountId: choice.accountId }), [choice]);
  useEffect(() => {
    let stopped = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const connection = connectLive({
      token,
      link: (link) => stream({ type: 'link', link }),
      roundTrip: (ms) => stream({ type: 'round-trip', ms }),
    });
    const load = async (): Promise<void> => {
      try {
        const market = await loadMarket(token);
        if (stopped) return;
        dispatch({ type: 'market-loaded', instruments: market.instruments.map(instrumentOf), quotes: market.quotes });
        setLive(connection);
      } catch (error) {
        if (stopped) return;
        if (error instanceof ApiError && (error.code === 'UNAUTHENTICATED' || error.code === 'FORBIDDEN'))
          refused(`${error.code}: ${error.message}`);
        else timer = setTimeout(() => void load(), marketRetryMs);
      }
    };
    void load();
    return () => {
      stopped = true;
      clearTimeout(timer);
      setLive(null);
      connection.close();
    };
  }, [token, refused]);
  useEffect(() => (live === null ? undefined : feedQuotes(live)), [live]);
  useEffect(() => (live === null || symbol === '' ? undefined : feedSymbol(live, token, symbol)), [live, token, symbol]);
  useEffect(
    () => (live === null || symbol === '' ? undefined : feedCandles(live, token, { symbol, timeframe })),
    [live, token, symbol, timeframe],
  );
  useEffect(() => (live === null ? undefined : feedAccount(live, token, choice.accountId)), [live, token, choice.accountId]);
};

export const Terminal = ({
  choice,
  choose,
  leave,
}: {
  readonly choice: SessionChoice;
  readonly choose: (choice: SessionChoice) => void;
  readonly leave: (reason: string | null) => void;
}) => {
  const [view, setView] = useState<string>('chart');
  useFeeds(choice, leave);
  const picked = useTerminal((state) => state.picked);
  useEffect(() => {
    if (picked !== null) setView('trade'); // on a narrow screen the ticket is another view
  }, [picked]);
  return (
    <div className="flex h-full flex-col">
      <Header chooseAccount={(accountId) => choose({ ...choice, accountId })} leave={() => leave(null)} />
      <main className="desk flex-1" data-view={view}>
        <Watchlist />
        <ChartPanel />
        <BookPanel />
        <TradesPanel />
        <TicketPanel />
        <BlotterPanel />
        <FundsPanel />
      </main>
      <nav aria-label="Views" className="flex h-12 flex-none border-t border-line bg-panel md:hidden">
        {views.map(([name, label]) => (
          <button
            key={name}
            type="button"
            aria-pressed={view === name}
            data-testid={`view-${name}`}
            onClick={() => setView(name)}
            className={`flex-1 text-xs font-medium ${view === name ? 'text-accent' : 'text-faint'}`}
          >
            {label}
          </button>
        ))}
      </nav>
      <Notices />
    </div>
  );
};
