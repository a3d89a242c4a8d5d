/**
 * The changes of one account's orders, each once and in order. A resumed client first gets what it missed from the read models, then
 * joins the live feed: events are collected from before the history is read, and the two meet at the last command that the feed had
 * begun to tell when collecting started.
 */
import { parsePriceTicks, parseQuantityLots } from '#contracts/money/instrument-scale.js';
import { formatPosition, tapePosition, type Position } from '#contracts/position/position.js';
import { FulltapeError, unwrap } from '#contracts/result/result.js';
import type { ExecutionRow, InstrumentRow, OrderEventRow, OrderRow, ReadSide, ReadSnapshot } from '#platform/read-side/index.js';
import { execTypeNames, orderStatusNames, orderTypeNames, timeInForceNames } from '../graphql/enum-names.js';
import type { InstrumentCatalogue } from '../instruments/instrument-catalogue.js';
import { averagePriceOf } from '../ordering/order-answer.js';
import { executionNodeOf, orderNodeOf, type ExecutionNode, type OrderNode } from '../ordering/order-node.js';
import { changingNodesOf, instructionNodesOf, reasonNodesOf } from '../ordering/order-terms-node.js';
import type { AccountEvent } from './account-event.js';
import { LosslessQueue } from './bounded-iterator.js';
import { closingStream } from './closing-stream.js';
import type { LiveFeed } from './live-feed.js';
import { OrderTracker } from './order-tracker.js';
import type { Revocation, Revocations } from './revocations.js';
import { revokedUpdate } from './revoked-update.js';

export interface OrderUpdateNode {
  readonly order: OrderNode;
  readonly execution: ExecutionNode | null;
  readonly position: string;
}

export interface OrderStreamPorts {
  readonly feed: Pick<LiveFeed, 'listenToAccount' | 'seenCommandNumber'>;
  readonly readSide: Pick<ReadSide, 'waitFor' | 'snapshot'>;
  readonly catalogue: Pick<InstrumentCatalogue, 'byId'>;
}

export interface OrderUpdatePorts extends OrderStreamPorts {
  readonly revocations: Pick<Revocations, 'of' | 'listen'>;
}

const shard = 0;
/** Events that one client may be behind: about 10 MB. */
const eventsQueuedMax = 10_000;
/** Lost commands that a resumed subscription begins with: the newest. */
const revocationsToldMax = 1_000;
const historyPageRows = 500;
const historyTimeoutMs = 5_000;
/** Fills of one order that its average price is computed from when the subscription did not see them; above it the price is not told. */
const executionsPerOrderMax = 500;

/** Where an event stands. Both sides of one trade have one record, so the maker's side comes second. */
interface Place {
  readonly commandNumber: bigint;
  readonly recordIndex: number;
  readonly maker: boolean;
}

/** Ordinal of an effect inside its command; 0 is kept for "all of the command" as in every position. */
const ordinalOf = (place: Place): number => 2 * place.recordIndex + (place.maker ? 2 : 1);

const positionAt = (place: Place): string => formatPosition(tapePosition(shard, place.commandNumber, ordinalOf(place)));

/** Whether an event lies behind the position that the client saw last. */
const isAfter = (place: Place, seen: { readonly commandNumber: bigint; readonly recordIndex: number }): boolean =>
  place.commandNumber > seen.commandNumber ||
  (place.commandNumber === seen.commandNumber && seen.recordIndex !== 0 && ordinalOf(place) > seen.recordIndex);

const placeOfRow = (row: OrderEventRow): Place => ({
  commandNumber: row.commandNumber,
  recordIndex: row.recordIndex,
  maker: row.execution?.maker === true,
});
const placeOfEvent = (event: AccountEvent): Place => ({
  commandNumber: event.commandNumber,
  recordIndex: event.recordIndex,
  maker: event.maker === true,
});

const orderIdOf = (event: AccountEvent): bigint | null => {
  const { report } = event;
  if (report.type === 'orderState') return report.orderId;
  if (report.type === 'trade') return event.maker === true ? report.makerOrderId : report.takerOrderId;
  return report.type === 'refusal' && event.placed !== null ? event.commandNumber : null;
};

/** Instrument of an event that is about an order. */
const instrumentIdOf = (event: AccountEvent): number | null => {
  const { report } = event;
  return report.type === 'orderState' || report.type === 'trade' || report.type === 'refusal' ? report.instrumentId : null;
};

const isBefore = (row: ExecutionRow, place: Place): boolean =>
  row.commandNumber < place.commandNumber || (row.commandNumber === place.commandNumber && ordinalOf(row) < ordinalOf(place));

/** Money units of one fill. */
const notionalOf = (row: { readonly lastPrice: string; readonly lastQuantity: string }, instrument: InstrumentRow): bigint =>
  unwrap(parsePriceTicks(row.lastPrice, instrument.scale)) *
  unwrap(parseQuantityLots(row.lastQuantity, instrument.scale)) *
  instrument.unitsPerTickLot;

/** Whether an order that the row shows as it is now had been triggered before an event; null for an order without a trigger. */
const wasTriggered = ({ triggerSource, triggeredAt }: OrderRow, place: Place): boolean | null =>
  triggerSource === null
    ? null
    : triggeredAt !== null &&
      (triggeredAt.commandNumber < place.commandNumber ||
        (triggeredAt.commandNumber === place.commandNumber && triggeredAt.recordIndex < place.recordIndex));

class OrderHistory {
  readonly tracker = new OrderTracker();

  constructor(
    private readonly ports: OrderStreamPorts,
    private readonly accountId: number,
  ) {}

  async instrument(instrumentId: number): Promise<InstrumentRow> {
    const row = await this.ports.catalogue.byId(instrumentId);
    if (row === null) throw new FulltapeError('UNKNOWN_INSTRUMENT_ID', { instrumentId: String(instrumentId) });
    return row;
  }

  /** Puts orders that began before their first event here, as they stood before it: two statements for any number of orders. */
  async load(firstEvents: ReadonlyMap<bigint, Place>, snapshot: ReadSnapshot): Promise<void> {
    const ids = [...firstEvents.keys()];
    if (ids.length === 0) return;
    const [rows, executions] = await Promise.all([
      snapshot.trading.ordersByIds(ids),
      snapshot.trading.executionsByOrderIds(ids, executionsPerOrderMax),
    ]);
    for (const [orderId, place] of firstEvents) {
      const row = rows.get(orderId);
      if (row === undefined || row.accountId !== this.accountId) continue;
      const page = executions.get(orderId) ?? { rows: [], hasNextPage: false };
      const instrument = await this.instrument(row.instrumentId);
      const earlier = page.rows.filter((execution) => isBefore(execution, place));
      this.tracker.put({
        node: { ...orderNodeOf(row), triggered: wasTriggered(row, place) },
        instrument,
        cumNotionalUnits: earlier.reduce((sum, execution) => sum + notionalOf(execution, instrument), 0n),
        isNotionalKnown: !page.hasNextPage,
      });
    }
  }

  /** Updates of one page of the history. */
  async *replay(rows: readonly OrderEventRow[], snapshot: ReadSnapshot): AsyncGenerator<OrderUpdateNode> {
    const unseen = new Map<bigint, Place>();
    for (const row of rows) if (!unseen.has(row.orderId) && !this.tracker.knows(row.orderId)) unseen.set(row.orderId, placeOfRow(row));
    await this.load(unseen, snapshot);
    for (const row of rows) {
      const order = await this.#orderAfter(row);
      if (order !== undefined)
        yield { order, execution: row.execution === null ? null : executionNodeOf(row.execution), position: positionAt(placeOfRow(row)) };
    }
  }

  async #orderAfter(row: OrderEventRow): Promise<OrderNode | undefined> {
    const known = this.tracker.get(row.orderId);
    if (known === undefined) return undefined;
    const { instrument, isNotionalKnown } = known;
    const cumNotionalUnits = known.cumNotionalUnits + (row.execution === null ? 0n : notionalOf(row.execution, instrument));
    const cumLots = row.cumQuantity === '0' ? 0n : unwrap(parseQuantityLots(row.cumQuantity, instrument.scale));
    const node: OrderNode = {
      ...known.node,
      ...(row.execution === null ? { price: row.price } : {}),
      ...(row.orderType === null ? {} : { orderType: orderTypeNames[row.orderType] }),
      ...(row.timeInForce === null ? {} : { timeInForce: timeInForceNames[row.timeInForce] }),
      ...(row.instructions === null ? {} : instructionNodesOf(row.instructions)),
      ...(row.terms === null ? {} : changingNodesOf(row.terms)),
      ...(row.execType === 'Triggered' && known.node.triggered === false ? { triggered: true } : {}),
      quantity: row.quantity,
      leavesQuantity: row.leavesQuantity,
      cumQuantity: row.cumQuantity,
      averagePrice: isNotionalKnown ? averagePriceOf(cumNotionalUnits, cumLots, instrument) : null,
      orderStatus: orderStatusNames[row.orderStatus],
      execType: execTypeNames[row.execType],
      ...reasonNodesOf(row.reason),
      refused: row.refused,
      updatedAt: row.eventTime,
    };
    // Kept even when closed: a page may hold more of the order, and the next page forgets nothing that it needs.
    this.tracker.put({ node, instrument, cumNotionalUnits, isNotionalKnown });
    return node;
  }
}

/** A view of the read models that has reached the position. @throws FulltapeError PROJECTION_LAG */
const reachedSnapshot = async (readSide: OrderStreamPorts['readSide'], commandNumber: bigint): Promise<ReadSnapshot> => {
  unwrap(await readSide.waitFor(tapePosition(shard, commandNumber), ['orders', 'executions', 'order-events'], historyTimeoutMs));
  return readSide.snapshot();
};

/** A whole command that was seen has no more to tell; inside one, begin before the record that was seen, because its other side may be missing. */
const historyStart = (seen: {
  readonly commandNumber: bigint;
  readonly recordIndex: number;
}): { commandNumber: bigint; recordIndex: number } => {
  const endOf = (commandNumber: bigint): { commandNumber: bigint; recordIndex: number } => ({ commandNumber, recordIndex: 0xffff_ffff });
  if (seen.recordIndex === 0) return endOf(seen.commandNumber);
  const record = Math.ceil(seen.recordIndex / 2) - 1; // ordinals 2r+1 and 2r+2 are of record r
  return record >= 1 ? { commandNumber: seen.commandNumber, recordIndex: record - 1 } : endOf(seen.commandNumber - 1n);
};

async function* missed(
  ports: OrderStreamPorts,
  history: OrderHistory,
  accountId: number,
  seen: { readonly commandNumber: bigint; readonly recordIndex: number },
  meeting: bigint,
): AsyncGenerator<OrderUpdateNode> {
  if (seen.commandNumber > meeting) return;
  const snapshot = await reachedSnapshot(ports.readSide, meeting);
  let from = historyStart(seen);
  let last: Place | null = null;
  for (;;) {
    const rows = await snapshot.history.orderEventsAfter(accountId, from, historyPageRows);
    const isNew = (row: OrderEventRow): boolean => {
      const place = placeOfRow(row);
      const isRepeated = last !== null && !isAfter(place, { commandNumber: last.commandNumber, recordIndex: ordinalOf(last) });
      return place.commandNumber <= meeting && isAfter(place, seen) && !isRepeated;
    };
    const news = rows.filter(isNew);
    yield* history.replay(news, snapshot);
    const end = rows.at(-1);
    if (end === undefined || rows.length < historyPageRows || end.commandNumber > meeting) return;
    last = placeOfRow(end);
    from = { commandNumber: end.commandNumber, recordIndex: end.recordIndex };
  }
}

/**
 * Collects from the moment of the call.
 * @throws FulltapeError from the stream: PROJECTION_LAG when the history is not there in time, BUSY when the client reads too slowly
 */
export const orderStream = (
  ports: OrderUpdatePorts,
  accountId: number,
  resumeFrom: Position | null,
): AsyncIterableIterator<OrderUpdateNode, void> => {
  const { feed } = ports;
  const queue: LosslessQueue<AccountEvent | Revocation> = new LosslessQueue({ capacity: eventsQueuedMax, onEnd: () => leaveBoth() });
  // A client that goes on from a position may have been away when its commands were lost, so it is told of all that is remembered.
  if (resumeFrom !== null) for (const revocation of ports.revocations.of(accountId).slice(-revocationsToldMax)) queue.push(revocation);
  const leaveRevocations = ports.revocations.listen(accountId, (revocation) => queue.push(revocation));
  const leaveBoth = (): void => {
    leave();
    leaveRevocations();
  };
  const leave = feed.listenToAccount(accountId, {
    onEvent: (event) => {
      if (orderIdOf(event) !== null) queue.push(event);
    },
    onGap: () => queue.fail(new FulltapeError('BUSY', { reason: 'the live feed began again; subscribe again with resumeFrom' })),
  });
  // Every event behind `meeting` is collected; all others are in the read models or will be soon.
  const meeting = feed.seenCommandNumber;
  return closingStream(updates(ports, { accountId, resumeFrom, meeting, queue }), () => queue.close());
};

interface Collecting {
  readonly accountId: number;
  readonly resumeFrom: Position | null;
  readonly meeting: bigint;
  readonly queue: LosslessQueue<AccountEvent | Revocation>;
}

async function* updates(
  ports: OrderUpdatePorts,
  { accountId, resumeFrom, meeting, queue }: Collecting,
): AsyncGenerator<OrderUpdateNode, void> {
  try {
    const history = new OrderHistory(ports, accountId);
    const seen =
      resumeFrom === null
        ? { commandNumber: meeting, recordIndex: 0 }
        : (resumeFrom.tape.get(shard) ?? { commandNumber: 0n, recordIndex: 0 });
    // What is not on the tape has no place of its own: it is told at the place that the client has reached.
    let reached = resumeFrom === null ? formatPosition(tapePosition(shard, meeting)) : formatPosition(resumeFrom);
    if (resumeFrom !== null) {
      for await (const update of missed(ports, history, accountId, seen, meeting)) {
        reached = update.position;
        yield update;
      }
    }
    history.tracker.forgetClosed();
    for await (const event of queue) {
      if ('revokedAt' in event) {
        const order = await revokedUpdate(ports, event);
        if (order !== null) yield { order, execution: null, position: reached };
        continue;
      }
      const place = placeOfEvent(event);
      const orderId = orderIdOf(event);
      const instrumentId = instrumentIdOf(event);
      if (place.commandNumber <= meeting || !isAfter(place, seen) || orderId === null || instrumentId === null) continue;
      const instrument = await ports.catalogue.byId(instrumentId);
      if (instrument === null) continue; // an entry that was refused because there is no such instrument
      // An order that was placed before this subscription began: once, its terms and earlier fills.
      if (!history.tracker.knows(orderId) && orderId !== event.commandNumber) {
        await history.load(new Map([[orderId, place]]), await reachedSnapshot(ports.readSide, meeting));
      }
      const change = history.tracker.apply(event, instrument);
      if (change === undefined) continue;
      reached = positionAt(place);
      yield { ...change, position: reached };
    }
  } finally {
    queue.close();
  }
}
