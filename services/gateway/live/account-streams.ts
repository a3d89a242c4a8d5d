/** Positions and balances of one account. Their events carry absolute values, so a resumed client needs the newest value alone. */
import { averageCostOf } from '#contracts/money/average-cost.js';
import { currencyCodeOf } from '#contracts/money/currencies.js';
import { formatMoney, formatQuantity } from '#contracts/money/instrument-scale.js';
import { formatPosition, tapePosition, type Position } from '#contracts/position/position.js';
import { FulltapeError, unwrap } from '#contracts/result/result.js';
import { wideOf } from '#contracts/tape/walk.js';
import { nanosToIso } from '#contracts/time/clock.js';
import type { InstrumentRow } from '#platform/read-side/index.js';
import { positionNodeOf, type PositionNode } from '../accounts/account-nodes.js';
import type { Balance } from '../graphql.generated.js';
import type { AccountEvent } from './account-event.js';
import { LosslessQueue } from './bounded-iterator.js';
import { closingStream } from './closing-stream.js';
import type { OrderStreamPorts } from './order-stream.js';

export interface PositionUpdateNode {
  readonly positionAfter: PositionNode;
  readonly position: string;
}

export interface BalanceUpdateNode {
  readonly balance: Balance;
  readonly position: string;
}

const shard = 0;
const eventsQueuedMax = 10_000;
const historyRowsMax = 5_000;
const historyTimeoutMs = 5_000;

const listen = (feed: OrderStreamPorts['feed'], accountId: number, type: AccountEvent['report']['type']): LosslessQueue<AccountEvent> => {
  const queue: LosslessQueue<AccountEvent> = new LosslessQueue({ capacity: eventsQueuedMax, onEnd: () => leave() });
  const leave = feed.listenToAccount(accountId, {
    onEvent: (event) => {
      if (event.report.type === type) queue.push(event);
    },
    onGap: () => queue.fail(new FulltapeError('BUSY', { reason: 'the live feed began again; subscribe again' })),
  });
  return queue;
};

const positionNodeOfEvent = (event: AccountEvent, instrument: InstrumentRow): PositionNode => {
  const { report } = event;
  if (report.type !== 'positionChanged') throw new FulltapeError('INTERNAL', { fault: `a ${report.type} among positions` });
  const { scale } = instrument;
  const costUnits = wideOf(report.costLow, report.costHigh);
  return {
    accountId: String(report.accountId),
    instrumentId: report.instrumentId,
    quantity: formatQuantity(report.quantityLots, scale),
    reservedQuantity: formatQuantity(report.reservedSellLots, scale),
    averageCost: averageCostOf({ costUnits, quantityLots: report.quantityLots }, scale),
    cost: formatMoney(costUnits, scale.moneyExponent),
    realizedPnl: formatMoney(wideOf(report.realizedLow, report.realizedHigh), scale.moneyExponent),
    updatedAt: nanosToIso(event.timeNanos),
  };
};

const eventPosition = (event: AccountEvent): string => formatPosition(tapePosition(shard, event.commandNumber, event.recordIndex + 1));

/** Positions that changed behind `resumeFrom`, each as it is now, then every change. */
export const positionStream = (
  ports: OrderStreamPorts,
  accountId: number,
  resumeFrom: Position | null,
): AsyncIterableIterator<PositionUpdateNode, void> => {
  const queue = listen(ports.feed, accountId, 'positionChanged');
  const meeting = ports.feed.seenCommandNumber;
  return closingStream(positionUpdates(ports, { accountId, resumeFrom, meeting, queue }), () => queue.close());
};

interface Collecting {
  readonly accountId: number;
  readonly resumeFrom: Position | null;
  /** Every event behind it is in the queue; all others are in the read models or will be soon. */
  readonly meeting: bigint;
  readonly queue: LosslessQueue<AccountEvent>;
}

async function* positionUpdates(
  { readSide, catalogue }: OrderStreamPorts,
  { accountId, resumeFrom, meeting, queue }: Collecting,
): AsyncGenerator<PositionUpdateNode, void> {
  /** Command that the client's value of an instrument already shows. */
  const shown = new Map<number, bigint>();
  const seen = resumeFrom?.tape.get(shard) ?? { commandNumber: resumeFrom === null ? meeting : 0n, recordIndex: 0 };
  try {
    if (resumeFrom !== null && seen.commandNumber <= meeting) {
      unwrap(await readSide.waitFor(tapePosition(shard, meeting), ['positions'], historyTimeoutMs));
      const snapshot = await readSide.snapshot();
      // Inside a command that was seen in part, all of it is told again: a value told twice is the same value.
      const behind = seen.recordIndex === 0 ? seen.commandNumber : seen.commandNumber - 1n;
      const rows = await snapshot.trading.positionsChangedAfter(accountId, behind, historyRowsMax);
      for (const [index, row] of rows.entries()) {
        shown.set(row.instrumentId, row.lastCommand);
        // Rows of one command are told one by one; only the last of them lets a client go on behind the command.
        const isLastOfCommand = rows[index + 1]?.lastCommand !== row.lastCommand;
        yield {
          positionAfter: positionNodeOf(row),
          position: formatPosition(tapePosition(shard, isLastOfCommand ? row.lastCommand : row.lastCommand - 1n)),
        };
      }
    }
    for await (const event of queue) {
      const { report } = event;
      if (report.type !== 'positionChanged' || event.commandNumber <= meeting) continue;
      const known = shown.get(report.instrumentId) ?? 0n;
      const isSeen =
        event.commandNumber < seen.commandNumber ||
        (event.commandNumber === seen.commandNumber && (seen.recordIndex === 0 || event.recordIndex + 1 <= seen.recordIndex));
      if (event.commandNumber <= known || isSeen) continue;
      const instrument = await catalogue.byId(report.instrumentId);
      if (instrument !== null) yield { positionAfter: positionNodeOfEvent(event, instrument), position: eventPosition(event) };
    }
  } finally {
    queue.close();
  }
}

/** Every change of the account's balances from now on. */
export const balanceStream = (feed: OrderStreamPorts['feed'], accountId: number): AsyncIterableIterator<BalanceUpdateNode, void> => {
  const queue = listen(feed, accountId, 'balanceChanged');
  return closingStream(balanceUpdates(queue), () => queue.close());
};

async function* balanceUpdates(queue: LosslessQueue<AccountEvent>): AsyncGenerator<BalanceUpdateNode, void> {
  try {
    for await (const event of queue) {
      const { report } = event;
      if (report.type !== 'balanceChanged') continue;
      const total = wideOf(report.totalLow, report.totalHigh);
      const reserved = wideOf(report.reservedLow, report.reservedHigh);
      yield {
        balance: {
          accountId: String(report.accountId),
          currency: currencyCodeOf(report.currencyId),
          total: formatMoney(total),
          reserved: formatMoney(reserved),
          available: formatMoney(total - reserved),
          updatedAt: nanosToIso(event.timeNanos),
        },
        position: eventPosition(event),
      };
    }
  } finally {
    queue.close();
  }
}
