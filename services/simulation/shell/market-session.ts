import { setTimeout as pause } from 'node:timers/promises';
import { formatPrice, formatQuantity, parsePriceTicks, type InstrumentScale } from '#contracts/money/instrument-scale.js';
import { decimalToSteps, parseDecimal } from '#contracts/money/decimal.js';
import { FulltapeError } from '#contracts/result/result.js';
import { logger } from '#platform/telemetry/logger.js';
import type { Intent } from '../flow/instrument.js';
import type { OrderFlow } from '../flow/order-flow.js';
import { cancelAllSchema, isOpenStatus, orderAckSchema, orderUpdateSchema, quoteSchema, type OrderAckAnswer } from './answers.js';
import type { GraphqlClient } from './graphql-client.js';
import { cancelAllDocument, intentsPerRequestMax, mutationFor, orderUpdatesDocument, quotesDocument } from './graphql-documents.js';

export interface MarketSessionOptions {
  readonly client: GraphqlClient;
  readonly flow: OrderFlow;
  readonly scales: ReadonlyMap<string, InstrumentScale>;
  readonly accounts: readonly string[];
  readonly commandsPerSecond: number;
  readonly signal: AbortSignal;
}

const stepMs = 100;
const backoffMinMs = 250;
const backoffMaxMs = 8_000;
/** Commands saved up while the flow was slower than it may be; bounds the burst after a pause to two seconds' worth. */
const savedSeconds = 2;
/** Refusals that say that the order is no longer in the book. */
const goneCodes = new Set(['UNKNOWN_ORDER', 'TOO_LATE_TO_CANCEL', 'REVOKED', 'QUANTITY_BELOW_FILLED']);
/** Refusals that ask for patience. */
const busyCodes = new Set([
  'BUSY',
  'ENGINE_POISONED',
  'NOT_LEADER',
  'FENCED',
  'SHUTTING_DOWN',
  'ORDER_BOOK_FULL',
  'DISK_FULL',
  'STORE_UNAVAILABLE',
  'TAPE_ROLLED_BACK',
]);
const unknownCodes = new Set(['UNKNOWN_OUTCOME', 'TIMED_OUT']);

/**
 * One life of the simulated market on a connection: put the accounts in order, follow quotes and own orders, then step the flow and
 * send what it wants, one request at a time. Returns when `signal` aborts; throws when the connection breaks, so that the caller starts
 * a new session: after a gap nothing is assumed about open orders, they are cancelled and quoted anew.
 */
export const runMarketSession = async (options: MarketSessionOptions): Promise<void> => {
  const { client, flow, scales, accounts, signal } = options;
  const broken = new AbortController();
  const stops: (() => void)[] = [];
  const ended = (reason: string): void => broken.abort(new FulltapeError('STORE_UNAVAILABLE', { reason }));
  try {
    for (const accountId of accounts) {
      stops.push(
        client.subscribe({
          document: orderUpdatesDocument,
          variables: { accountId },
          next: (data) => observeUpdate(flow, scales, data),
          ended,
        }),
      );
    }
    stops.push(
      client.subscribe({
        document: quotesDocument,
        variables: { symbols: [...scales.keys()] },
        next: (data) => observeQuote(flow, scales, data),
        ended,
      }),
    );
    for (const accountId of accounts) await cancelAll(client, flow, accountId);
    await sendSteps(options, broken.signal);
    if (!signal.aborted) throw broken.signal.reason;
  } finally {
    for (const stop of stops) stop();
  }
};

export const cancelAll = async (client: GraphqlClient, flow: OrderFlow, accountId: string): Promise<void> => {
  const answer = cancelAllSchema.parse(await client.request(cancelAllDocument, { input: { accountId, ackLevel: 'ENGINE' } }));
  const code = answer.cancelAllOrders.refusal?.code;
  if (code !== undefined && code !== 'UNKNOWN_ORDER')
    throw new FulltapeError(unknownCodes.has(code) ? 'UNKNOWN_OUTCOME' : 'BUSY', { accountId, code });
  flow.forgetAccount(accountId);
};

const sendSteps = async (options: MarketSessionOptions, broken: AbortSignal): Promise<void> => {
  const { flow, commandsPerSecond, signal } = options;
  const stop = AbortSignal.any([signal, broken]);
  let saved = 0;
  let backoffMs = 0;
  let previous = performance.now();
  while (!stop.aborted) {
    const now = performance.now();
    saved = Math.min(commandsPerSecond * savedSeconds, saved + (commandsPerSecond * (now - previous)) / 1000);
    previous = now;
    const intents = flow.step(now, Math.floor(saved));
    saved -= intents.length;
    let busy = false;
    for (let at = 0; at < intents.length && !stop.aborted; at += intentsPerRequestMax) {
      const batch = intents.slice(at, at + intentsPerRequestMax);
      if (busy) forgetBatch(flow, batch);
      else busy = await sendBatch(options, batch);
    }
    if (busy) {
      backoffMs = Math.min(backoffMaxMs, Math.max(backoffMinMs, backoffMs * 2));
      logger.warn({ backoffMs }, 'simulation.backing-off');
      saved = 0;
    } else backoffMs = 0;
    await pause(Math.max(5, stepMs - (performance.now() - now)) + backoffMs, undefined, { signal: stop }).catch(() => undefined);
  }
};

/** The batch was never sent: its places do not exist, its amends and cancels may be asked for again. */
const forgetBatch = (flow: OrderFlow, batch: readonly Intent[]): void => {
  for (const intent of batch) flow.observeRefusal(intent.clientOrderId, intent.type, false);
};

/** Sends one request. True when the platform asks for patience; throws when it is not known what became of the batch. */
const sendBatch = async ({ client, flow, scales }: MarketSessionOptions, batch: readonly Intent[]): Promise<boolean> => {
  const variables = Object.fromEntries(batch.map((intent, index) => [`v${index}`, inputOf(intent, scales)]));
  let data: Readonly<Record<string, unknown>>;
  try {
    data = await client.request(mutationFor(batch.map(({ type }) => type)), variables);
  } catch (error) {
    if (!(error instanceof FulltapeError) || error.code !== 'BUSY') throw error;
    forgetBatch(flow, batch);
    return true;
  }
  let busy = false;
  for (const [index, intent] of batch.entries()) {
    const answer = orderAckSchema.safeParse(data[`i${index}`]);
    if (!answer.success) throw new FulltapeError('UNKNOWN_OUTCOME', { clientOrderId: intent.clientOrderId });
    const code = answer.data.refusal?.code;
    if (code !== undefined && unknownCodes.has(code)) throw new FulltapeError('UNKNOWN_OUTCOME', { clientOrderId: intent.clientOrderId });
    if (code !== undefined && busyCodes.has(code)) busy = true;
    observeAnswer(flow, scales, intent, answer.data);
  }
  return busy;
};

const observeAnswer = (flow: OrderFlow, scales: ReadonlyMap<string, InstrumentScale>, intent: Intent, answer: OrderAckAnswer): void => {
  if (answer.refusal !== null) {
    const { code } = answer.refusal;
    // Somebody quoted there first, or the order was filled meanwhile: the ordinary losses of a race. Others are worth a line.
    if (!goneCodes.has(code) && !busyCodes.has(code) && code !== 'POST_ONLY_WOULD_TRADE' && code !== 'NO_LIQUIDITY')
      logger.debug({ code, intent: intent.type, symbol: intent.symbol }, 'simulation.refused');
    flow.observeRefusal(intent.clientOrderId, intent.type, goneCodes.has(code));
    return;
  }
  if (intent.type === 'amend') flow.observeAmend(intent.clientOrderId, intent.priceTicks);
  const { orderId, orderStatus, leavesQuantity, cumQuantity } = answer;
  const scale = scales.get(intent.symbol);
  if (orderId === null || orderStatus === null || scale === undefined) return;
  flow.observeOrder({
    orderId,
    clientOrderId: intent.clientOrderId,
    leavesLots: lotsOf(leavesQuantity ?? '0', scale),
    cumLots: lotsOf(cumQuantity ?? '0', scale),
    open: isOpenStatus(orderStatus),
  });
};

const inputOf = (intent: Intent, scales: ReadonlyMap<string, InstrumentScale>): Readonly<Record<string, unknown>> => {
  const scale = scales.get(intent.symbol);
  if (scale === undefined) throw new FulltapeError('UNKNOWN_INSTRUMENT', { symbol: intent.symbol });
  const { accountId, symbol } = intent;
  const base = { accountId, symbol, ackLevel: 'ENGINE' };
  if (intent.type === 'cancel') return { ...base, orderId: intent.orderId };
  if (intent.type === 'amend') return { ...base, orderId: intent.orderId, price: formatPrice(intent.priceTicks, scale) };
  const { side, orderType, timeInForce, postOnly, clientOrderId, quantityLots, priceTicks } = intent;
  const order = { ...base, side, orderType, timeInForce, postOnly, clientOrderId, quantity: formatQuantity(quantityLots, scale) };
  return priceTicks === null ? order : { ...order, price: formatPrice(priceTicks, scale) };
};

/** Lots of a quantity that may be zero. A quantity off the lot is a broken API, not an answer. */
const lotsOf = (text: string, scale: InstrumentScale): bigint => {
  const decimal = parseDecimal(text);
  const lots = decimal.ok ? decimalToSteps(decimal.value, scale.lotMantissa, scale.lotExponent) : null;
  if (lots === null) throw new FulltapeError('QUANTITY_OFF_LOT', { value: text });
  return lots;
};

const observeUpdate = (flow: OrderFlow, scales: ReadonlyMap<string, InstrumentScale>, data: unknown): void => {
  const { order } = orderUpdateSchema.parse(data).orderUpdates;
  const scale = scales.get(order.instrument.symbol);
  if (scale === undefined) return;
  const { orderId, clientOrderId, orderStatus } = order;
  flow.observeOrder({
    orderId,
    clientOrderId,
    leavesLots: lotsOf(order.leavesQuantity, scale),
    cumLots: lotsOf(order.cumQuantity, scale),
    open: isOpenStatus(orderStatus),
  });
};

const observeQuote = (flow: OrderFlow, scales: ReadonlyMap<string, InstrumentScale>, data: unknown): void => {
  const { symbol, bidPrice, askPrice, lastPrice } = quoteSchema.parse(data).quotes;
  const scale = scales.get(symbol);
  if (scale === undefined) return;
  const ticks = (price: string | null): bigint | null => {
    if (price === null) return null;
    const parsed = parsePriceTicks(price, scale);
    return parsed.ok ? parsed.value : null;
  };
  flow.observeQuote(symbol, { bidTicks: ticks(bidPrice), askTicks: ticks(askPrice), lastTicks: ticks(lastPrice) });
};
