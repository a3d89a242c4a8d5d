import { useCallback, useMemo, useState } from 'react';
import { cancelAllOrders } from '../api/commands.js';
import { dateTimeText, moneyText, priceText, quantityText, signedMoneyText, timeText, wordsOf } from '../model/format.js';
import { closedOrdersOf, openOrdersOf, type ExecutionRow, type OrderRow } from '../store/blotter.js';
import { listWords, termsWords } from '../model/order-words.js';
import { marketValue, unrealizedPnl } from '../store/portfolio.js';
import { dispatch, useTerminal } from '../store/terminal-store.js';
import { ExplainPanel } from './ExplainPanel.js';
import { OpenOrders, runCommand, sideTone, Why } from './OpenOrders.js';
import { Empty, Panel, toneOf } from './Panel.js';

const tabs = ['positions', 'orders', 'executions', 'history'] as const;
type Tab = (typeof tabs)[number];
const tabNames: Readonly<Record<Tab, string>> = {
  positions: 'Positions',
  orders: 'Open orders',
  executions: 'Executions',
  history: 'Order history',
};

const Positions = () => {
  const positions = useTerminal((state) => state.positions);
  const quotes = useTerminal((state) => state.quotes);
  const instruments = useTerminal((state) => state.instruments);
  const held = [...positions.values()].filter(({ quantityLots, realizedUnits }) => quantityLots !== 0n || realizedUnits !== 0n);
  if (held.length === 0) return <Empty>No positions</Empty>;
  return (
    <table className="rows" data-testid="positions">
      <thead>
        <tr>
          <th className="left">Symbol</th>
          <th>Quantity</th>
          <th className="wide">Average cost</th>
          <th>Last</th>
          <th className="wide">Market value</th>
          <th>Open P&amp;L</th>
          <th className="wide">Realised P&amp;L</th>
        </tr>
      </thead>
      <tbody>
        {held.map((position) => {
          const instrument = instruments.get(position.symbol);
          if (instrument === undefined) return null;
          const last = quotes.get(position.symbol)?.last ?? null;
          const pnl = last === null ? null : unrealizedPnl(position, last, instrument);
          return (
            <tr key={position.symbol} data-testid={`position-${position.symbol}`}>
              <td className="left font-medium">
                <button
                  type="button"
                  className="hover:underline"
                  onClick={() => dispatch({ type: 'symbol-chosen', symbol: position.symbol })}
                >
                  {position.symbol}
                </button>
              </td>
              <td data-testid={`position-quantity-${position.symbol}`} className={position.quantityLots < 0n ? 'text-down' : ''}>
                {quantityText(position.quantityLots, instrument)}
              </td>
              <td className="wide">{moneyText(position.averageCostUnits, Math.max(2, instrument.scale.tickExponent))}</td>
              <td>{last === null ? '–' : priceText(last, instrument)}</td>
              <td className="wide">{last === null ? '–' : moneyText(marketValue(position, last, instrument))}</td>
              <td className={toneOf(pnl)}>{pnl === null ? '–' : signedMoneyText(pnl)}</td>
              <td className={`wide ${toneOf(position.realizedUnits)}`}>{signedMoneyText(position.realizedUnits)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
};

const Executions = ({ executions }: { readonly executions: readonly ExecutionRow[] }) => {
  const instruments = useTerminal((state) => state.instruments);
  if (executions.length === 0) return <Empty>No executions yet</Empty>;
  return (
    <table className="rows" data-testid="executions">
      <thead>
        <tr>
          <th className="left">Time</th>
          <th className="left">Symbol</th>
          <th className="left">Side</th>
          <th>Price</th>
          <th>Quantity</th>
          <th className="wide">Fee</th>
          <th className="left wide">Role</th>
          <th className="wide">Order</th>
        </tr>
      </thead>
      <tbody>
        {executions.map((execution) => {
          const instrument = instruments.get(execution.symbol);
          if (instrument === undefined) return null;
          return (
            <tr key={execution.executionId} data-testid="execution" data-order-id={execution.orderId}>
              <td className="left text-faint">{timeText(execution.executedAt)}</td>
              <td className="left font-medium">{execution.symbol}</td>
              <td className={`left ${sideTone(execution.side)}`}>{wordsOf(execution.side)}</td>
              <td>{priceText(execution.priceTicks, instrument)}</td>
              <td>{quantityText(execution.quantityLots, instrument)}</td>
              <td className="wide text-soft">{moneyText(execution.feeUnits, 4)}</td>
              <td className="left wide text-soft">
                {execution.tradeKind === 'CONTINUOUS' ? (execution.maker ? 'Maker' : 'Taker') : wordsOf(execution.tradeKind)}
              </td>
              <td className="wide text-faint">{execution.orderId}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
};

const History = ({ orders, explain }: { readonly orders: readonly OrderRow[]; readonly explain: (orderId: string) => void }) => {
  const instruments = useTerminal((state) => state.instruments);
  if (orders.length === 0) return <Empty>No closed orders</Empty>;
  return (
    <table className="rows" data-testid="history">
      <thead>
        <tr>
          <th className="left wide">Time</th>
          <th className="left">Symbol</th>
          <th className="left">Side</th>
          <th className="left wide">Type</th>
          <th className="wide">Price</th>
          <th>Quantity</th>
          <th className="wide">Filled</th>
          <th>Average</th>
          <th className="left">Status</th>
          <th className="actions" aria-label="Actions" />
        </tr>
      </thead>
      <tbody>
        {orders.map((order) => {
          const instrument = instruments.get(order.symbol);
          if (instrument === undefined) return null;
          return (
            <tr key={order.orderId} data-testid="history-order" data-order-id={order.orderId}>
              <td className="left wide text-faint">{dateTimeText(order.createdAt)}</td>
              <td className="left font-medium">{order.symbol}</td>
              <td className={`left ${sideTone(order.side)}`}>{wordsOf(order.side)}</td>
              <td className="left wide text-soft">
                {termsWords(order, instrument)}
                {listWords(order) === null ? null : <span className="ml-1.5 text-2xs text-accent">{listWords(order)}</span>}
              </td>
              <td className="wide">{order.priceTicks === null ? '–' : priceText(order.priceTicks, instrument)}</td>
              <td>{quantityText(order.quantityLots, instrument)}</td>
              <td className="wide">{quantityText(order.cumLots, instrument)}</td>
              <td>{order.averageUnits === null ? '–' : moneyText(order.averageUnits, Math.max(2, instrument.scale.tickExponent))}</td>
              <td className="left text-soft" title={order.reason ?? undefined} data-testid="history-status">
                {wordsOf(order.orderStatus)}
                {order.reasonText === null ? null : <span className="text-faint max-md:hidden">: {order.reasonText}</span>}
              </td>
              <td className="actions">{order.orderId === '0' ? null : <Why order={order} explain={explain} />}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
};

export const BlotterPanel = () => {
  const blotter = useTerminal((state) => state.blotter);
  const positionCount = useTerminal((state) => [...state.positions.values()].filter(({ quantityLots }) => quantityLots !== 0n).length);
  const accountId = useTerminal((state) => state.accountId);
  const token = useTerminal((state) => state.accounts.find(({ id }) => id === state.accountId)?.token ?? '');
  const [tab, setTab] = useState<Tab>('positions');
  const [asked, setAsked] = useState<string | null>(null);
  const explained = asked === null ? undefined : blotter.orders.get(asked);
  const instrument = useTerminal((state) => (explained === undefined ? undefined : state.instruments.get(explained.symbol)));
  const close = useCallback(() => setAsked(null), []);
  const open = useMemo(() => openOrdersOf(blotter), [blotter]);
  const closed = useMemo(() => closedOrdersOf(blotter), [blotter]);
  const counts: Readonly<Record<Tab, number>> = { positions: positionCount, orders: open.length, executions: 0, history: 0 };
  const move = (step: number): void => setTab(tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length] ?? tab);
  return (
    <Panel
      place="blotter"
      label="Account activity"
      title={
        <div
          role="tablist"
          aria-label="Account activity"
          className="-ml-1 flex h-9 gap-4 overflow-x-auto overflow-y-hidden"
          onKeyDown={(event) => (event.key === 'ArrowRight' ? move(1) : event.key === 'ArrowLeft' ? move(-1) : undefined)}
        >
          {tabs.map((name) => (
            <button
              key={name}
              type="button"
              role="tab"
              aria-selected={tab === name}
              tabIndex={tab === name ? 0 : -1}
              data-testid={`tab-${name}`}
              onClick={() => setTab(name)}
              className={`flex-none whitespace-nowrap border-b-2 px-1 text-xs font-medium ${tab === name ? 'border-accent text-ink' : 'border-transparent text-faint hover:text-soft'}`}
            >
              {tabNames[name]}
              {counts[name] > 0 ? <span className="ml-1.5 text-faint">{counts[name]}</span> : null}
            </button>
          ))}
        </div>
      }
      actions={
        open.length > 0 && tab === 'orders' ? (
          <button
            type="button"
            data-testid="cancel-all"
            className="flex-none text-2xs text-down hover:underline"
            onClick={() => void runCommand('Cancel all', () => cancelAllOrders(token, { accountId }))}
          >
            Cancel all
          </button>
        ) : null
      }
    >
      <div role="tabpanel" aria-label={tabNames[tab]} className="flex min-h-0 flex-1 flex-col overflow-auto">
        {tab === 'positions' ? (
          <Positions />
        ) : tab === 'orders' ? (
          <OpenOrders orders={open} explain={setAsked} />
        ) : tab === 'executions' ? (
          <Executions executions={blotter.executions} />
        ) : (
          <History orders={closed} explain={setAsked} />
        )}
      </div>
      {explained === undefined || instrument === undefined ? null : (
        <ExplainPanel key={explained.orderId} order={explained} instrument={instrument} close={close} />
      )}
    </Panel>
  );
};
