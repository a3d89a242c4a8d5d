import { useState, type FormEvent } from 'react';
import { formatPrice, formatQuantity } from '../../../../contracts/money/instrument-scale.js';
import type { AckAnswer } from '../api/answers.js';
import { amendOrder, cancelOrder } from '../api/commands.js';
import { ApiError } from '../api/http.js';
import { priceText, quantityText, timeText, wordsOf } from '../model/format.js';
import { listWords, statusWords, termsWords, triggerWords } from '../model/order-words.js';
import type { Instrument } from '../model/values.js';
import type { OrderRow } from '../store/blotter.js';
import { dispatch, useTerminal } from '../store/terminal-store.js';
import { Empty } from './Panel.js';

export const sideTone = (side: string): string => (side === 'BUY' ? 'text-up' : 'text-down');

/** Sends a command about an order and tells what became of it. True when it was taken. */
export const runCommand = async (title: string, send: () => Promise<Pick<AckAnswer, 'refusal'>>): Promise<boolean> => {
  try {
    const { refusal } = await send();
    if (refusal === null) return true;
    dispatch({
      type: 'notice',
      notice: { tone: 'bad', title: `${title}: ${refusal.code} ${refusal.number}`, detail: `${refusal.message} ${refusal.remedy}` },
    });
  } catch (error) {
    const detail = error instanceof ApiError ? `${error.message} ${error.remedy ?? ''}` : 'The page met a fault.';
    dispatch({ type: 'notice', notice: { tone: 'bad', title, detail } });
  }
  return false;
};

const Amount = ({
  name,
  testId,
  value,
  change,
  focused = false,
}: {
  readonly name: string;
  readonly testId: string;
  readonly value: string;
  readonly change: (value: string) => void;
  readonly focused?: boolean;
}) => (
  <label className="flex items-center gap-1.5 text-faint">
    {name}
    <input
      autoFocus={focused}
      className="h-6 w-22 rounded border border-edge bg-ground px-1.5 text-right text-xs text-ink"
      inputMode="decimal"
      value={value}
      data-testid={testId}
      onChange={(event) => change(event.target.value)}
    />
  </label>
);

const Amend = ({
  order,
  instrument,
  token,
  done,
}: {
  readonly order: OrderRow;
  readonly instrument: Instrument;
  readonly token: string;
  readonly done: () => void;
}) => {
  const accountId = useTerminal((state) => state.accountId);
  const [price, setPrice] = useState(order.priceTicks === null ? '' : formatPrice(order.priceTicks, instrument.scale));
  const [quantity, setQuantity] = useState(formatQuantity(order.quantityLots, instrument.scale));
  const oldStop = order.stopTicks === null ? '' : formatPrice(order.stopTicks, instrument.scale);
  const [stopPrice, setStopPrice] = useState(oldStop);
  const oldDisplay = order.displayLots === null ? '' : formatQuantity(order.displayLots, instrument.scale);
  const [displayQuantity, setDisplayQuantity] = useState(oldDisplay);
  // The trigger of a trailing order follows the price, and one that has fired is past.
  const movesTrigger = order.triggered === false && order.trailing === null;
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const oldPrice = order.priceTicks === null ? '' : formatPrice(order.priceTicks, instrument.scale);
    const change = {
      ...(price === oldPrice ? {} : { price }),
      ...(quantity === formatQuantity(order.quantityLots, instrument.scale) ? {} : { quantity }),
      ...(stopPrice === oldStop ? {} : { stopPrice }),
      ...(displayQuantity === oldDisplay ? {} : { displayQuantity: displayQuantity === '' ? '0' : displayQuantity }),
    };
    if (
      Object.keys(change).length === 0 ||
      (await runCommand('Amend', () => amendOrder(token, { accountId, symbol: order.symbol, orderId: order.orderId, ...change })))
    )
      done();
  };
  return (
    <tr>
      <td colSpan={10} className="!text-left">
        <form
          className="flex flex-wrap items-center gap-2 py-1"
          onSubmit={(event) => void submit(event)}
          onKeyDown={(event) => event.key === 'Escape' && done()}
          aria-label={`Amend order ${order.orderId}`}
        >
          <span className="font-medium">{order.symbol}</span>
          {movesTrigger ? <Amount name="Trigger" testId="amend-stop-price" value={stopPrice} change={setStopPrice} /> : null}
          {order.priceTicks === null || order.trailing !== null ? null : (
            <Amount name="Price" testId="amend-price" value={price} change={setPrice} focused />
          )}
          <Amount name="Quantity" testId="amend-quantity" value={quantity} change={setQuantity} focused={order.priceTicks === null} />
          {order.displayLots === null ? null : (
            <Amount name="Shows" testId="amend-display-quantity" value={displayQuantity} change={setDisplayQuantity} />
          )}
          <button type="submit" data-testid="amend-submit" className="h-6 rounded bg-accent px-2.5 text-xs font-medium text-black">
            Amend
          </button>
          <button type="button" className="h-6 rounded px-2 text-xs text-faint hover:text-ink" onClick={done}>
            Keep
          </button>
        </form>
      </td>
    </tr>
  );
};

/** Opens the explanation of an order. */
export const Why = ({ order, explain }: { readonly order: OrderRow; readonly explain: (orderId: string) => void }) => (
  <button
    type="button"
    className="px-1 text-soft hover:text-ink hover:underline md:px-1.5"
    onClick={() => explain(order.orderId)}
    aria-label={`Why order ${order.orderId} is as it is`}
    data-testid="explain-order"
  >
    Why
  </button>
);

const Row = ({
  order,
  instrument,
  explain,
}: {
  readonly order: OrderRow;
  readonly instrument: Instrument;
  readonly explain: (orderId: string) => void;
}) => {
  const [amending, setAmending] = useState(false);
  const [canceling, setCanceling] = useState(false);
  const accountId = useTerminal((state) => state.accountId);
  const token = useTerminal((state) => state.accounts.find(({ id }) => id === state.accountId)?.token ?? '');
  if (amending) return <Amend order={order} instrument={instrument} token={token} done={() => setAmending(false)} />;
  const trigger = triggerWords(order, instrument);
  const list = listWords(order);
  const cancel = async (): Promise<void> => {
    setCanceling(true);
    await runCommand('Cancel', () => cancelOrder(token, { accountId, symbol: order.symbol, orderId: order.orderId }));
    setCanceling(false);
  };
  return (
    <tr data-testid="open-order" data-order-id={order.orderId}>
      <td className="left wide widest text-faint">{timeText(order.createdAt)}</td>
      <td className="left font-medium">{order.symbol}</td>
      <td className={`left ${sideTone(order.side)}`}>{wordsOf(order.side)}</td>
      <td className="left wide text-soft">
        {termsWords(order, instrument)}
        {list === null ? null : (
          <span
            className="ml-1.5 rounded border border-accent/40 px-1 text-2xs text-accent"
            data-testid="order-list"
            data-list-id={order.list?.listId}
          >
            {list}
          </span>
        )}
      </td>
      <td>
        {order.priceTicks === null ? (order.triggerSource === null ? '–' : 'Market') : priceText(order.priceTicks, instrument)}
        {trigger === null ? null : (
          <span className="block max-w-24 whitespace-normal pb-1 text-2xs text-faint md:max-w-none md:whitespace-nowrap xl:hidden">
            {trigger}
          </span>
        )}
      </td>
      <td className={`wide wider ${order.triggered === true ? 'text-up' : 'text-soft'}`} data-testid="order-trigger">
        {trigger ?? '–'}
      </td>
      <td>
        <span className={order.cumLots === 0n ? 'text-faint' : ''}>{quantityText(order.cumLots, instrument)}</span>
        <span className="text-faint"> / </span>
        {quantityText(order.quantityLots, instrument)}
      </td>
      <td className="left wide text-soft" title={order.reasonText ?? undefined}>
        {statusWords(order)}
      </td>
      <td className="actions">
        <Why order={order} explain={explain} />
        <button
          type="button"
          className="px-1 text-accent hover:underline md:px-1.5"
          onClick={() => setAmending(true)}
          aria-label={`Amend order ${order.orderId}`}
          data-testid="amend-order"
        >
          Amend
        </button>
        <button
          type="button"
          className="px-1 text-down hover:underline disabled:opacity-40 md:px-1.5"
          disabled={canceling}
          onClick={() => void cancel()}
          aria-label={`Cancel order ${order.orderId}`}
          data-testid="cancel-order"
        >
          Cancel
        </button>
      </td>
    </tr>
  );
};

export const OpenOrders = ({ orders, explain }: { readonly orders: readonly OrderRow[]; readonly explain: (orderId: string) => void }) => {
  const instruments = useTerminal((state) => state.instruments);
  if (orders.length === 0) return <Empty>No open orders. Pick a price in the book to begin one.</Empty>;
  return (
    <table className="rows" data-testid="open-orders">
      <thead>
        <tr>
          <th className="left wide widest">Time</th>
          <th className="left">Symbol</th>
          <th className="left">Side</th>
          <th className="left wide">Type</th>
          <th>Price</th>
          <th className="wide wider">Trigger</th>
          <th>Filled</th>
          <th className="left wide">Status</th>
          <th className="actions" aria-label="Actions" />
        </tr>
      </thead>
      <tbody>
        {orders.map((order) => {
          const instrument = instruments.get(order.symbol);
          return instrument === undefined ? null : <Row key={order.orderId} order={order} instrument={instrument} explain={explain} />;
        })}
      </tbody>
    </table>
  );
};
