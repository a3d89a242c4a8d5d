import { useEffect, useId, useRef, useState, type FormEvent, type KeyboardEvent } from 'react';
import { parsePriceTicks, parseQuantityLots, formatPrice, formatQuantity } from '../../../../contracts/money/instrument-scale.js';
import type { RefusalAnswer } from '../api/answers.js';
import { newClientOrderId, placeOrder } from '../api/commands.js';
import { ApiError } from '../api/http.js';
import { moneyText, priceInputText, priceText, quantityText, wordsOf } from '../model/format.js';
import {
  moneyUnits,
  priceTicks,
  quantityLots,
  type Instrument,
  type OrderType,
  type PriceTicks,
  type Side,
  type TimeInForce,
} from '../model/values.js';
import { dispatch, useTerminal } from '../store/terminal-store.js';
import { affordableLots, previewTicket } from '../ticket/preview.js';
import { Empty, Panel } from './Panel.js';

const timesInForce: readonly TimeInForce[] = ['GTC', 'DAY', 'IOC', 'FOK'];

type Problem = { readonly code: string; readonly message: string; readonly remedy: string | null; readonly numbers: string | null };

const problemOf = ({ code, number, message, remedy, observed, limit }: RefusalAnswer): Problem => ({
  code: `${code} ${number}`,
  message,
  remedy,
  numbers:
    observed === null && limit === null
      ? null
      : [observed === null ? '' : `observed ${observed}`, limit === null ? '' : `limit ${limit}`].filter((part) => part !== '').join(', '),
});

const Stepped = (props: {
  readonly label: string;
  readonly unit: string;
  readonly value: string;
  readonly invalid: boolean;
  readonly testId: string;
  readonly step: (up: boolean) => string | null;
  readonly change: (value: string) => void;
}) => {
  const id = useId();
  const onKey = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
    event.preventDefault();
    const next = props.step(event.key === 'ArrowUp');
    if (next !== null) props.change(next);
  };
  return (
    <div className="field" data-invalid={props.invalid}>
      <label htmlFor={id} className="text-xs text-faint">
        {props.label}
      </label>
      <input
        id={id}
        data-testid={props.testId}
        inputMode="decimal"
        autoComplete="off"
        aria-invalid={props.invalid}
        value={props.value}
        onKeyDown={onKey}
        onChange={(event) => props.change(event.target.value.replaceAll(',', '').trim())}
      />
      <span className="text-2xs text-faint">{props.unit}</span>
    </div>
  );
};

const Line = ({ name, value, testId }: { readonly name: string; readonly value: string; readonly testId?: string }) => (
  <div className="flex justify-between">
    <dt className="text-faint">{name}</dt>
    <dd data-testid={testId}>{value}</dd>
  </div>
);

const Ticket = ({ instrument }: { readonly instrument: Instrument }) => {
  const book = useTerminal((state) => state.book);
  const quote = useTerminal((state) => state.quotes.get(instrument.symbol));
  const balance = useTerminal((state) => state.balances.get(instrument.currency));
  const position = useTerminal((state) => state.positions.get(instrument.symbol));
  const picked = useTerminal((state) => state.picked);
  const accountId = useTerminal((state) => state.accountId);
  const token = useTerminal((state) => state.accounts.find(({ id }) => id === state.accountId)?.token ?? '');
  const [side, setSide] = useState<Side>('BUY');
  const [orderType, setOrderType] = useState<OrderType>('LIMIT');
  const [timeInForce, setTimeInForce] = useState<TimeInForce>('GTC');
  const [postOnly, setPostOnly] = useState(false);
  const [quantity, setQuantity] = useState('');
  const [price, setPrice] = useState('');
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  // Kept while the outcome of the same ticket is unknown: sent again, it is the same order and not a second one.
  const unanswered = useRef<{ readonly key: string; readonly clientOrderId: string } | null>(null);

  useEffect(() => {
    if (picked === null) return;
    setOrderType('LIMIT');
    setPrice(priceInputText(picked.priceTicks, instrument));
  }, [picked, instrument]);

  const result = previewTicket({ side, orderType, quantityText: quantity, priceText: price }, instrument, book);
  const preview = result.type === 'ready' ? result.preview : null;
  const touch: PriceTicks | null =
    (side === 'BUY' ? (book.asks[0]?.priceTicks ?? quote?.ask) : (book.bids[0]?.priceTicks ?? quote?.bid)) ?? null;
  const availableUnits = balance?.availableUnits ?? moneyUnits(0n);
  const heldLots = quantityLots((position?.quantityLots ?? 0n) - (position?.reservedLots ?? 0n));
  const typedPrice = orderType === 'LIMIT' ? parsePriceTicks(price, instrument.scale) : null;
  const sizingPrice = typedPrice?.ok === true ? (typedPrice.value as PriceTicks) : touch;
  const affordable =
    sizingPrice === null ? quantityLots(0n) : affordableLots({ side, priceTicks: sizingPrice, availableUnits, heldLots }, instrument);
  const base = instrument.kind === 'CRYPTO_SPOT' ? (instrument.symbol.split('-')[0] ?? 'units') : 'shares';

  const stepPrice = (up: boolean): string | null => {
    const current = parsePriceTicks(price, instrument.scale);
    const ticks = current.ok ? current.value + (up ? 1n : -1n) : touch;
    return ticks === null || ticks < 1n ? null : priceInputText(priceTicks(ticks), instrument);
  };
  const stepQuantity = (up: boolean): string | null => {
    const current = parseQuantityLots(quantity, instrument.scale);
    const lots = (current.ok ? current.value : 0n) + (up ? 1n : -1n);
    return lots < 1n ? null : formatQuantity(lots, instrument.scale);
  };

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (preview === null || sending) return;
    const input = {
      accountId,
      symbol: instrument.symbol,
      side,
      orderType,
      timeInForce: orderType === 'MARKET' ? 'IOC' : timeInForce,
      quantity: formatQuantity(preview.quantityLots, instrument.scale),
      price: orderType === 'LIMIT' && preview.priceTicks !== null ? formatPrice(preview.priceTicks, instrument.scale) : null,
      postOnly: orderType === 'LIMIT' && postOnly,
    } as const;
    const key = JSON.stringify(input);
    const clientOrderId = unanswered.current?.key === key ? unanswered.current.clientOrderId : newClientOrderId();
    unanswered.current = { key, clientOrderId };
    setSending(true);
    setProblem(null);
    try {
      const ack = await placeOrder(token, { ...input, clientOrderId });
      unanswered.current = null;
      if (ack.refusal !== null) setProblem(problemOf(ack.refusal));
      else
        dispatch({
          type: 'notice',
          notice: {
            tone: 'good',
            title: `${side === 'BUY' ? 'Buy' : 'Sell'} ${input.quantity} ${instrument.symbol}`,
            detail: `${wordsOf(ack.orderStatus ?? 'NEW')}${ack.averagePrice === null ? '' : ` at ${ack.averagePrice}`}`,
          },
        });
    } catch (error) {
      const known =
        error instanceof ApiError
          ? error
          : new ApiError('PAGE_FAULT', error instanceof Error ? error.message : 'The page met a fault.', null, true);
      if (!known.outcomeUnknown) unanswered.current = null;
      setProblem({ code: known.code, message: known.message, remedy: known.remedy, numbers: null });
    } finally {
      setSending(false);
    }
  };

  const sideButton = (choice: Side, text: string) => (
    <button
      type="button"
      role="radio"
      aria-checked={side === choice}
      data-testid={`ticket-${choice.toLowerCase()}`}
      onClick={() => setSide(choice)}
      className={`h-8 rounded-[4px] text-sm font-semibold ${side === choice ? (choice === 'BUY' ? 'bg-up text-black' : 'bg-down text-black') : 'text-faint hover:text-ink'}`}
    >
      {text}
    </button>
  );
  return (
    <form
      className="flex min-h-0 flex-1 flex-col gap-2.5 overflow-y-auto p-3 max-xl:gap-2"
      onSubmit={(event) => void submit(event)}
      aria-label="Order ticket"
    >
      <div role="radiogroup" aria-label="Side" className="grid grid-cols-2 rounded-md border border-line bg-ground p-0.5">
        {sideButton('BUY', 'Buy')}
        {sideButton('SELL', 'Sell')}
      </div>
      <div className="flex items-center justify-between">
        <div role="radiogroup" aria-label="Order type" className="-ml-2 flex">
          {(['LIMIT', 'MARKET'] as const).map((choice) => (
            <button
              key={choice}
              type="button"
              role="radio"
              aria-checked={orderType === choice}
              data-testid={`ticket-${choice.toLowerCase()}`}
              onClick={() => setOrderType(choice)}
              className={`rounded px-2 py-1 text-xs font-medium ${orderType === choice ? 'bg-raised text-ink' : 'text-faint hover:text-ink'}`}
            >
              {wordsOf(choice)}
            </button>
          ))}
        </div>
        <span className="text-2xs text-faint" data-testid="ticket-available">
          {side === 'BUY' ? `${moneyText(availableUnits)} ${instrument.currency}` : `${quantityText(heldLots, instrument)} ${base}`}
        </span>
      </div>
      <div className="grid grid-cols-2 gap-1">
        {(
          [
            ['Bid', book.bids[0]?.priceTicks ?? quote?.bid ?? null, 'text-up'],
            ['Ask', book.asks[0]?.priceTicks ?? quote?.ask ?? null, 'text-down'],
          ] as const
        ).map(([name, ticks, tone]) => (
          <button
            key={name}
            type="button"
            disabled={ticks === null}
            data-testid={`ticket-use-${name.toLowerCase()}`}
            aria-label={`Use the ${name.toLowerCase()} price`}
            onClick={() => ticks !== null && dispatch({ type: 'price-picked', priceTicks: ticks })}
            className="flex h-7 items-center justify-between rounded border border-line px-2.5 text-xs hover:border-edge disabled:opacity-40"
          >
            <span className="text-faint">{name}</span>
            <span className={tone}>{ticks === null ? '–' : priceText(ticks, instrument)}</span>
          </button>
        ))}
      </div>
      {orderType === 'LIMIT' ? (
        <Stepped
          label="Price"
          unit={instrument.currency}
          testId="ticket-price"
          value={price}
          invalid={result.type === 'invalid' && result.field === 'price'}
          step={stepPrice}
          change={setPrice}
        />
      ) : (
        <div className="field opacity-70">
          <span className="text-xs text-faint">Price</span>
          <span className="flex-1 text-right text-sm">Best available</span>
        </div>
      )}
      <Stepped
        label="Quantity"
        unit={base}
        testId="ticket-quantity"
        value={quantity}
        invalid={result.type === 'invalid' && result.field === 'quantity'}
        step={stepQuantity}
        change={setQuantity}
      />
      <div className="grid grid-cols-4 gap-1">
        {[10n, 25n, 50n, 100n].map((percent) => (
          <button
            key={percent}
            type="button"
            disabled={affordable < 1n}
            onClick={() => setQuantity(formatQuantity((affordable * percent) / 100n || 1n, instrument.scale))}
            className="h-6 rounded border border-line text-2xs text-soft hover:border-edge hover:text-ink disabled:opacity-40"
          >
            {percent === 100n ? 'Max' : `${percent}%`}
          </button>
        ))}
      </div>
      <div className={`flex items-center justify-between ${orderType === 'MARKET' ? 'pointer-events-none opacity-35' : ''}`}>
        <label className="flex items-center gap-2 text-xs text-faint">
          In force
          <select
            data-testid="ticket-tif"
            disabled={orderType === 'MARKET'}
            value={orderType === 'MARKET' ? 'IOC' : timeInForce}
            onChange={(event) => setTimeInForce(timesInForce.find((choice) => choice === event.target.value) ?? 'GTC')}
            className="h-7 rounded border border-edge bg-ground px-1.5 text-xs text-ink"
          >
            {timesInForce.map((choice) => (
              <option key={choice} value={choice}>
                {wordsOf(choice)}
              </option>
            ))}
          </select>
        </label>
        <label className="flex items-center gap-2 text-xs text-faint">
          <input
            type="checkbox"
            data-testid="ticket-post-only"
            disabled={orderType === 'MARKET'}
            checked={postOnly}
            onChange={(event) => setPostOnly(event.target.checked)}
            className="size-3.5 accent-accent"
          />
          Post only
        </label>
      </div>
      <dl className="flex flex-col gap-1 border-t border-line pt-2.5 text-xs" aria-live="off">
        <Line
          name={orderType === 'MARKET' ? 'Estimated value' : 'Value'}
          value={preview === null ? '–' : moneyText(preview.notionalUnits)}
          testId="ticket-notional"
        />
        <Line name="Fee, at most" value={preview === null ? '–' : moneyText(preview.feeUnits, 4)} />
        <Line
          name={side === 'BUY' ? 'Total cost' : 'Proceeds'}
          value={preview === null ? '–' : `${moneyText(preview.totalUnits)} ${instrument.currency}`}
          testId="ticket-total"
        />
      </dl>
      {result.type === 'invalid' ? <p className="text-2xs text-down">{result.message}</p> : null}
      {preview?.beyondBook === true ? (
        <p className="text-2xs text-warn">Larger than the visible book: the last part may fill worse or not at all.</p>
      ) : null}
      {side === 'BUY' && preview !== null && preview.totalUnits > availableUnits ? (
        <p className="text-2xs text-warn">More than the available cash.</p>
      ) : null}
      <button
        type="submit"
        data-testid="ticket-submit"
        disabled={preview === null || sending || token === ''}
        className={`h-10 flex-none rounded-md text-sm font-semibold text-black disabled:opacity-40 ${side === 'BUY' ? 'bg-up hover:brightness-110' : 'bg-down hover:brightness-110'}`}
      >
        {sending
          ? 'Sending'
          : `${side === 'BUY' ? 'Buy' : 'Sell'} ${instrument.symbol}${orderType === 'LIMIT' && preview?.priceTicks != null ? ` at ${priceText(preview.priceTicks, instrument)}` : ''}`}
      </button>
      {problem === null ? null : (
        <div role="alert" data-testid="ticket-refusal" className="rounded-md border border-down/50 bg-down-dim/60 p-2.5 text-xs">
          <p className="font-semibold text-down">{problem.code}</p>
          <p>
            {problem.message}
            {problem.numbers === null ? '' : ` (${problem.numbers})`}
          </p>
          {problem.remedy === null ? null : <p className="text-soft">{problem.remedy}</p>}
        </div>
      )}
    </form>
  );
};

export const TicketPanel = () => {
  const instrument = useTerminal((state) => state.instruments.get(state.symbol));
  return (
    <Panel place="ticket" label="Order ticket" title={instrument === undefined ? 'Order' : `Order ${instrument.symbol}`}>
      {instrument === undefined ? <Empty>No instrument</Empty> : <Ticket key={instrument.symbol} instrument={instrument} />}
    </Panel>
  );
};
