import { memo, useCallback, useState } from 'react';
import { formatFixed, priceText, quantityText } from '../model/format.js';
import { priceTicks, type Instrument, type PriceTicks, type QuantityLots, type Side } from '../model/values.js';
import { withDepth } from '../store/book.js';
import { dispatch, useTerminal } from '../store/terminal-store.js';
import { Empty, Panel } from './Panel.js';

const rowsMax = 24;
const rowHeight = 19;

/** How many whole rows fit into each half: a cut price would be misread. */
const useRowsThatFit = () => {
  const [rows, setRows] = useState(12);
  const half = useCallback((element: HTMLDivElement | null) => {
    if (element === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setRows(Math.min(rowsMax, Math.floor(entry.contentRect.height / rowHeight)));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { half, rows };
};

interface LevelProps {
  readonly side: Side;
  readonly index: number;
  readonly price: PriceTicks;
  readonly lots: QuantityLots;
  readonly total: QuantityLots;
  /** Share of the deepest total, in percent. */
  readonly depthPercent: number;
  readonly own: boolean;
  readonly instrument: Instrument;
}

const Level = memo(({ side, index, price, lots, total, depthPercent, own, instrument }: LevelProps) => (
  <button
    type="button"
    data-testid={`book-${side === 'BUY' ? 'bid' : 'ask'}-${index}`}
    aria-label={`${side === 'BUY' ? 'Bid' : 'Ask'} ${priceText(price, instrument)}, quantity ${quantityText(lots, instrument)}: use this price`}
    onClick={() => dispatch({ type: 'price-picked', priceTicks: price })}
    className="relative grid h-[19px] w-full flex-none grid-cols-[1.1fr_1fr_1fr] items-center px-3 text-right hover:bg-hover"
  >
    <span
      aria-hidden="true"
      className={`absolute inset-y-0 right-0 ${side === 'BUY' ? 'bg-up-dim' : 'bg-down-dim'} opacity-70`}
      style={{ width: `${depthPercent}%` }}
    />
    <span className={`relative text-left ${side === 'BUY' ? 'text-up' : 'text-down'}`}>
      {own ? (
        <span className="absolute -left-2 top-1/2 size-1 -translate-y-1/2 rounded-full bg-accent" title="Your order rests here" />
      ) : null}
      {priceText(price, instrument)}
    </span>
    <span className="relative">{quantityText(lots, instrument)}</span>
    <span className="relative text-faint">{quantityText(total, instrument)}</span>
  </button>
));

const percentOf = (part: bigint, whole: bigint): number => (whole === 0n ? 0 : Number((part * 1_000n) / whole) / 10);

export const BookPanel = () => {
  const book = useTerminal((state) => state.book);
  const instrument = useTerminal((state) => state.instruments.get(state.symbol));
  const quote = useTerminal((state) => state.quotes.get(state.symbol));
  const orders = useTerminal((state) => state.blotter.orders);
  const { half, rows } = useRowsThatFit();
  if (instrument === undefined)
    return (
      <Panel place="book" label="Order book">
        <Empty>No instrument</Empty>
      </Panel>
    );
  const bids = withDepth(book.bids, rows);
  const asks = withDepth(book.asks, rows);
  const bidTotal: bigint = bids.at(-1)?.totalLots ?? 0n;
  const askTotal: bigint = asks.at(-1)?.totalLots ?? 0n;
  const deepest = bidTotal > askTotal ? bidTotal : askTotal;
  const own = new Set<bigint>();
  for (const order of orders.values())
    if (
      order.symbol === instrument.symbol &&
      order.priceTicks !== null &&
      order.triggered !== false && // what waits for its trigger is in no book
      order.leavesLots > 0n &&
      (order.orderStatus === 'NEW' || order.orderStatus === 'PARTIALLY_FILLED')
    )
      own.add(order.priceTicks);
  const bestBid = book.bids[0]?.priceTicks;
  const bestAsk = book.asks[0]?.priceTicks;
  const spread = bestBid === undefined || bestAsk === undefined ? null : bestAsk - bestBid;
  const spreadPoints = spread === null || bestBid === undefined ? null : (spread * 1_000_000n) / bestBid;
  const bidShare = percentOf(bidTotal, bidTotal + askTotal);
  return (
    <Panel
      place="book"
      label="Order book"
      title="Order book"
      actions={
        book.status === 'gap' ? (
          <span className="text-2xs text-warn">resyncing</span>
        ) : (
          <span className="text-2xs text-faint" data-testid="book-spread">
            {spread === null
              ? ''
              : `spread ${priceText(priceTicks(spread), instrument)}${spreadPoints === null ? '' : ` · ${formatFixed(spreadPoints, 2, 1)} bp`}`}
          </span>
        )
      }
    >
      <div className="grid h-6 flex-none grid-cols-[1.1fr_1fr_1fr] items-center px-3 text-right text-2xs text-faint">
        <span className="text-left">Price</span>
        <span>Quantity</span>
        <span>Total</span>
      </div>
      {book.status === 'empty' ? (
        <Empty>Waiting for the book</Empty>
      ) : (
        <div className="flex min-h-0 flex-1 flex-col" data-testid="book-levels">
          <div ref={half} className="flex min-h-0 flex-1 basis-0 flex-col-reverse overflow-hidden">
            {asks.map(({ level, totalLots }, index) => (
              <Level
                key={level.priceTicks}
                side="SELL"
                index={index}
                price={level.priceTicks}
                lots={level.quantityLots}
                total={totalLots}
                depthPercent={percentOf(totalLots, deepest)}
                own={own.has(level.priceTicks)}
                instrument={instrument}
              />
            ))}
          </div>
          <div className="my-px flex h-8 flex-none items-center justify-between border-y border-line px-3">
            <span data-testid="book-last" className={`text-base font-semibold ${quote?.direction === 'down' ? 'text-down' : 'text-up'}`}>
              {quote?.last === null || quote === undefined ? '–' : priceText(quote.last, instrument)}
              <span aria-hidden="true" className="ml-1 text-xs">
                {quote?.direction === 'down' ? '↓' : quote?.direction === 'up' ? '↑' : ''}
              </span>
            </span>
            <span className="flex w-24 items-center gap-1.5 text-2xs" aria-label={`Bids are ${bidShare} percent of the visible quantity`}>
              <span className="text-up">{Math.round(bidShare)}</span>
              <span className="flex h-1 flex-1 overflow-hidden rounded-full bg-down-dim">
                <span className="bg-up opacity-80" style={{ width: `${bidShare}%` }} />
                <span className="flex-1 bg-down opacity-80" />
              </span>
              <span className="text-down">{100 - Math.round(bidShare)}</span>
            </span>
          </div>
          <div className="flex min-h-0 flex-1 basis-0 flex-col overflow-hidden">
            {bids.map(({ level, totalLots }, index) => (
              <Level
                key={level.priceTicks}
                side="BUY"
                index={index}
                price={level.priceTicks}
                lots={level.quantityLots}
                total={totalLots}
                depthPercent={percentOf(totalLots, deepest)}
                own={own.has(level.priceTicks)}
                instrument={instrument}
              />
            ))}
          </div>
        </div>
      )}
    </Panel>
  );
};
