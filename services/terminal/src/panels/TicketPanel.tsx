import { useEffect, useRef, useState, type FormEvent } from 'react';
import { parsePriceTicks, parseQuantityLots, formatQuantity } from '../../../../contracts/money/instrument-scale.js';
import type { RefusalAnswer } from '../api/answers.js';
import { ApiError } from '../api/http.js';
import { moneyText, priceInputText, priceText, quantityText, wordsOf } from '../model/format.js';
import { typeWords } from '../model/order-words.js';
import { moneyUnits, quantityLots, type Instrument, type OrderType, type PriceTicks, type Side } from '../model/values.js';
import { dispatch, useTerminal } from '../store/terminal-store.js';
import {
  emptyForm,
  fieldsOf,
  orderTypes,
  requestOf,
  timeInForceOf,
  timesInForceOf,
  type OrderForm,
  type TicketMode,
} from '../ticket/order-form.js';
import { affordableLots, previewTicket } from '../ticket/preview.js';
import { newTicketIds, sendTicket } from '../ticket/send-ticket.js';
import { Empty, Panel } from './Panel.js';
import { Stepped } from './Stepped.js';
import { Conditions, TypeFields } from './TicketFields.js';

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

const Line = ({ name, value, testId }: { readonly name: string; readonly value: string; readonly testId?: string }) => (
  <div className="flex justify-between">
    <dt className="text-faint">{name}</dt>
    <dd data-testid={testId}>{value}</dd>
  </div>
);

const Refusal = ({ problem }: { readonly problem: Problem }) => (
  <div role="alert" data-testid="ticket-refusal" className="rounded-md border border-down/50 bg-down-dim/60 p-2.5 text-xs">
    <p className="font-semibold text-down">{problem.code}</p>
    <p>
      {problem.message}
      {problem.numbers === null ? '' : ` (${problem.numbers})`}
    </p>
    {problem.remedy === null ? null : <p className="text-soft">{problem.remedy}</p>}
  </div>
);

/** Limit and market are a click away, every other type a choice. */
const TypeChoice = ({ form, change }: { readonly form: OrderForm; readonly change: (change: Partial<OrderForm>) => void }) => {
  const quick: readonly OrderType[] = ['LIMIT', 'MARKET'];
  const isQuick = quick.includes(form.orderType);
  return (
    <div className="flex items-center justify-between">
      <div role="radiogroup" aria-label="Order type" className="-ml-2 flex">
        {quick.map((choice) => (
          <button
            key={choice}
            type="button"
            role="radio"
            aria-checked={form.orderType === choice}
            data-testid={`ticket-${choice.toLowerCase()}`}
            onClick={() => change({ orderType: choice })}
            className={`rounded px-2 py-1 text-xs font-medium ${form.orderType === choice ? 'bg-raised text-ink' : 'text-faint hover:text-ink'}`}
          >
            {wordsOf(choice)}
          </button>
        ))}
      </div>
      <select
        aria-label="Other order types"
        data-testid="ticket-type"
        value={isQuick ? '' : form.orderType}
        onChange={(event) => change({ orderType: orderTypes.find((choice) => choice === event.target.value) ?? 'LIMIT' })}
        className={`h-7 max-w-36 rounded border px-1.5 text-xs ${isQuick ? 'border-line bg-panel text-faint' : 'border-edge bg-raised text-ink'}`}
      >
        <option value="">Stops and more</option>
        {orderTypes
          .filter((choice) => !quick.includes(choice) && (form.mode === 'order' || choice !== 'PEGGED'))
          .map((choice) => (
            <option key={choice} value={choice}>
              {typeWords(choice)}
            </option>
          ))}
      </select>
    </div>
  );
};

const useTicket = (instrument: Instrument, mode: TicketMode) => {
  const [form, setForm] = useState<OrderForm>({ ...emptyForm, mode });
  const change = (part: Partial<OrderForm>): void => setForm((before) => ({ ...before, ...part }));
  const picked = useTerminal((state) => state.picked);
  useEffect(() => setForm((before) => ({ ...before, mode, ...(mode === 'oco' ? { orderType: 'LIMIT' } : {}) })), [mode]);
  useEffect(() => {
    if (picked === null) return;
    const price = priceInputText(picked.priceTicks, instrument);
    setForm((before) => {
      const fields = fieldsOf(before);
      // A picked price is the limit; where the order has only a trigger, it is that.
      if (fields.includes('stopPrice') && !fields.includes('price')) return { ...before, stopPrice: price };
      return fields.includes('price') ? { ...before, price } : { ...before, orderType: 'LIMIT', price };
    });
  }, [picked, instrument]);
  return { form, change };
};

const Ticket = ({ instrument, mode }: { readonly instrument: Instrument; readonly mode: TicketMode }) => {
  const book = useTerminal((state) => state.book);
  const quote = useTerminal((state) => state.quotes.get(instrument.symbol));
  const balance = useTerminal((state) => state.balances.get(instrument.currency));
  const position = useTerminal((state) => state.positions.get(instrument.symbol));
  const accountId = useTerminal((state) => state.accountId);
  const token = useTerminal((state) => state.accounts.find(({ id }) => id === state.accountId)?.token ?? '');
  const { form, change } = useTicket(instrument, mode);
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  // Kept while the outcome of the same ticket is unknown: sent again, it is the same order and not a second one.
  const unanswered = useRef<{ readonly key: string; readonly ids: readonly string[] } | null>(null);

  const { side, orderType } = form;
  const hasPrice = fieldsOf(form).includes('price');
  const result = requestOf(form, instrument);
  const priced = previewTicket(
    {
      side,
      orderType: form.mode === 'oco' ? 'LIMIT' : orderType,
      quantityText: form.quantity,
      priceText: hasPrice ? form.price : '',
      stopText: form.stopPrice,
    },
    instrument,
    book,
  );
  const preview = priced.type === 'ready' ? priced.preview : null;
  const touch: PriceTicks | null =
    (side === 'BUY' ? (book.asks[0]?.priceTicks ?? quote?.ask) : (book.bids[0]?.priceTicks ?? quote?.bid)) ?? null;
  const availableUnits = balance?.availableUnits ?? moneyUnits(0n);
  const heldLots = quantityLots((position?.quantityLots ?? 0n) - (position?.reservedLots ?? 0n));
  const typedPrice = hasPrice ? parsePriceTicks(form.price, instrument.scale) : null;
  const sizingPrice = typedPrice?.ok === true ? (typedPrice.value as PriceTicks) : touch;
  const affordable =
    sizingPrice === null ? quantityLots(0n) : affordableLots({ side, priceTicks: sizingPrice, availableUnits, heldLots }, instrument);
  const base = instrument.kind === 'CRYPTO_SPOT' ? (instrument.symbol.split('-')[0] ?? 'units') : 'shares';

  const stepQuantity = (up: boolean): string | null => {
    const current = parseQuantityLots(form.quantity, instrument.scale);
    const lots = (current.ok ? current.value : 0n) + (up ? 1n : -1n);
    return lots < 1n ? null : formatQuantity(lots, instrument.scale);
  };

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if ((result.type !== 'order' && result.type !== 'list') || sending) return;
    const key = JSON.stringify(result.request);
    const ids = unanswered.current?.key === key ? unanswered.current.ids : newTicketIds(result);
    unanswered.current = { key, ids };
    setSending(true);
    setProblem(null);
    try {
      const sent = await sendTicket(token, accountId, result, ids);
      unanswered.current = null;
      if (sent.type === 'refused') setProblem(problemOf(sent.refusal));
      else dispatch({ type: 'notice', notice: { tone: 'good', title: sent.title, detail: sent.detail } });
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
      onClick={() => change({ side: choice })}
      className={`h-8 rounded-[4px] text-sm font-semibold ${side === choice ? (choice === 'BUY' ? 'bg-up text-black' : 'bg-down text-black') : 'text-faint hover:text-ink'}`}
    >
      {text}
    </button>
  );
  const timeInForce = timeInForceOf(form);
  const message = result.type === 'invalid' ? result.message : priced.type === 'invalid' ? priced.message : null;
  const isReady = result.type === 'order' || result.type === 'list';
  return (
    <form
      className="flex min-h-0 flex-1 flex-col gap-2 overflow-y-auto p-3"
      onSubmit={(event) => void submit(event)}
      aria-label="Order ticket"
    >
      <div role="radiogroup" aria-label="Side" className="grid flex-none grid-cols-2 rounded-md border border-line bg-ground p-0.5">
        {sideButton('BUY', 'Buy')}
        {sideButton('SELL', 'Sell')}
      </div>
      {form.mode === 'oco' ? (
        <p className="text-2xs text-faint">A limit and a stop on one side; whichever fills first cancels the other.</p>
      ) : (
        <TypeChoice form={form} change={change} />
      )}
      {form.mode === 'bracket' ? (
        <p className="text-2xs text-faint">As the entry fills, two exits follow it; one cancels the other.</p>
      ) : null}
      <div className="grid flex-none grid-cols-2 gap-1">
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
      <TypeFields form={form} instrument={instrument} result={result} touch={touch} change={change} />
      <Stepped
        label="Quantity"
        unit={base}
        testId="ticket-quantity"
        value={form.quantity}
        invalid={result.type === 'invalid' && result.field === 'quantity'}
        step={stepQuantity}
        change={(quantity) => change({ quantity })}
      />
      <div className="grid flex-none grid-cols-4 gap-1">
        {[10n, 25n, 50n, 100n].map((percent) => (
          <button
            key={percent}
            type="button"
            disabled={affordable < 1n}
            onClick={() => change({ quantity: formatQuantity((affordable * percent) / 100n || 1n, instrument.scale) })}
            className="h-6 rounded border border-line text-2xs text-soft hover:border-edge hover:text-ink disabled:opacity-40"
          >
            {percent === 100n ? 'Max' : `${percent}%`}
          </button>
        ))}
      </div>
      <div className="flex flex-none items-center justify-between gap-2">
        <label className="flex items-center gap-2 text-xs text-faint">
          In force
          <select
            data-testid="ticket-tif"
            value={timeInForce}
            onChange={(event) =>
              change({ timeInForce: timesInForceOf(form).find((choice) => choice === event.target.value) ?? timeInForce })
            }
            className="h-7 rounded border border-edge bg-ground px-1.5 text-xs text-ink"
          >
            {timesInForceOf(form).map((choice) => (
              <option key={choice} value={choice}>
                {wordsOf(choice)}
              </option>
            ))}
          </select>
        </label>
        {timeInForce === 'GTD' ? (
          <input
            type="datetime-local"
            aria-label="Expires"
            data-testid="ticket-expires"
            value={form.expires}
            onChange={(event) => change({ expires: event.target.value })}
            className="h-7 min-w-0 rounded border border-edge bg-ground px-1.5 text-2xs text-ink"
          />
        ) : null}
      </div>
      <Conditions form={form} instrument={instrument} result={result} touch={touch} change={change} />
      <dl className="flex flex-none flex-col gap-1 border-t border-line pt-2 text-xs" aria-live="off">
        <Line
          name="Available"
          value={side === 'BUY' ? `${moneyText(availableUnits)} ${instrument.currency}` : `${quantityText(heldLots, instrument)} ${base}`}
          testId="ticket-available"
        />
        <Line
          name={hasPrice ? 'Value' : 'Estimated value'}
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
      {message === null ? null : <p className="text-2xs text-down">{message}</p>}
      {preview?.beyondBook === true ? (
        <p className="text-2xs text-warn">Larger than the visible book: the last part may fill worse or not at all.</p>
      ) : null}
      {side === 'BUY' && preview !== null && preview.totalUnits > availableUnits ? (
        <p className="text-2xs text-warn">More than the available cash.</p>
      ) : null}
      <div className="sticky -bottom-3 -mx-3 mt-auto flex flex-none flex-col gap-2 bg-panel px-3 pb-3 pt-1">
        {problem === null ? null : <Refusal problem={problem} />}
        <button
          type="submit"
          data-testid="ticket-submit"
          disabled={!isReady || sending || token === ''}
          className={`h-10 flex-none rounded-md text-sm font-semibold text-black disabled:opacity-40 ${side === 'BUY' ? 'bg-up hover:brightness-110' : 'bg-down hover:brightness-110'}`}
        >
          {sending
            ? 'Sending'
            : `${side === 'BUY' ? 'Buy' : 'Sell'} ${instrument.symbol}${orderType === 'LIMIT' && preview?.priceTicks != null ? ` at ${priceText(preview.priceTicks, instrument)}` : ''}`}
        </button>
      </div>
    </form>
  );
};

const modes: readonly (readonly [TicketMode, string])[] = [
  ['order', 'Order'],
  ['bracket', 'Bracket'],
  ['oco', 'OCO'],
];

export const TicketPanel = () => {
  const instrument = useTerminal((state) => state.instruments.get(state.symbol));
  const [mode, setMode] = useState<TicketMode>('order');
  return (
    <Panel
      place="ticket"
      label="Order ticket"
      title={instrument === undefined ? 'Order' : `Order ${instrument.symbol}`}
      actions={
        <div role="radiogroup" aria-label="What to place" className="flex flex-none">
          {modes.map(([name, label]) => (
            <button
              key={name}
              type="button"
              role="radio"
              aria-checked={mode === name}
              data-testid={`ticket-mode-${name}`}
              onClick={() => setMode(name)}
              className={`rounded px-1.5 py-0.5 text-2xs font-medium ${mode === name ? 'bg-raised text-ink' : 'text-faint hover:text-ink'}`}
            >
              {label}
            </button>
          ))}
        </div>
      }
    >
      {instrument === undefined ? <Empty>No instrument</Empty> : <Ticket key={instrument.symbol} instrument={instrument} mode={mode} />}
    </Panel>
  );
};
