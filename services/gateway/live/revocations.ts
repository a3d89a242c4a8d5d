/**
 * Commands whose ENGINE answer was lost, as the orders service tells of them: watched in key-value, remembered for 24 h. What a client
 * sent again and got onto the tape is not revoked any more; whoever asks here looks into the read models first.
 */
import { Kvm, type KvWatchEntry } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { formatPrice, formatQuantity } from '#contracts/money/instrument-scale.js';
import { revokedBucket } from '#contracts/subjects/registry.js';
import { OrderTypeName, SideName, TimeInForceName } from '#contracts/tape/codes.generated.js';
import { askedTermsOf, noTerms } from '#contracts/tape/order-terms.js';
import { nanosToIso } from '#contracts/time/clock.js';
import { pause } from '#contracts/time/pause.js';
import type { InstrumentRow } from '#platform/read-side/index.js';
import { askedTermsOfRevoked, revocationMemoryMs, revocationNoticeSchema, type RevokedCommand } from '#platform/tape/revocations.js';
import { logger } from '#platform/telemetry/logger.js';
import { orderTypeNames, sideNames, timeInForceNames } from '../graphql/enum-names.js';
import type { OrderNode } from '../ordering/order-node.js';
import { instructionNodesOf, reasonNodesOf, termNodesOf } from '../ordering/order-terms-node.js';

/** One revoked command with the time at which it was set aside. */
export interface Revocation {
  readonly command: RevokedCommand;
  /** ISO 8601. */
  readonly revokedAt: string;
}

export type RevocationListener = (revocation: Revocation) => void;

/** Commands that are remembered: about 50 MB. The oldest are forgotten first. */
const rememberedMax = 100_000;
const retryDelayMs = 1_000;

const keyOf = ({ kind, accountId, clientOrderId }: RevokedCommand): string => `${accountId} ${kind} ${clientOrderId}`;

export class Revocations {
  readonly #connection: NatsConnection;
  readonly #nowMs: () => number;
  readonly #byKey = new Map<string, Revocation>();
  readonly #byAccount = new Map<number, Set<string>>();
  readonly #listeners = new Map<number, Set<RevocationListener>>();
  readonly #stopping = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  constructor(connection: NatsConnection, nowMs: () => number = Date.now) {
    this.#connection = connection;
    this.#nowMs = nowMs;
  }

  /** Begins to watch; notices that are there arrive as if they were new. */
  start(): void {
    this.#loop = this.#run();
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  /** The lost entry of an order, or undefined. */
  orderNamed(accountId: number, clientOrderId: string): Revocation | undefined {
    const found = this.#byKey.get(`${accountId} placeOrder ${clientOrderId}`);
    return found === undefined || this.#isOld(found) ? undefined : found;
  }

  /** Everything of an account that is remembered, oldest first. */
  of(accountId: number): readonly Revocation[] {
    const keys = this.#byAccount.get(accountId) ?? [];
    return [...keys].flatMap((key) => this.#byKey.get(key) ?? []).filter((one) => !this.#isOld(one));
  }

  listen(accountId: number, listener: RevocationListener): () => void {
    const members = this.#listeners.get(accountId) ?? new Set<RevocationListener>();
    this.#listeners.set(accountId, members.add(listener));
    return () => {
      members.delete(listener);
      if (members.size === 0 && this.#listeners.get(accountId) === members) this.#listeners.delete(accountId);
    };
  }

  /** Takes one notice as it was stored. What is no notice is passed over: nothing that a client could be told is in it. */
  take(value: unknown): void {
    const parsed = revocationNoticeSchema.safeParse(value);
    if (!parsed.success) {
      logger.warn({ err: parsed.error }, 'gateway.revocations.unreadable');
      return;
    }
    for (const command of parsed.data.commands) this.#remember({ command, revokedAt: parsed.data.revokedAt });
  }

  #isOld({ revokedAt }: Revocation): boolean {
    return this.#nowMs() - Date.parse(revokedAt) > revocationMemoryMs;
  }

  #remember(revocation: Revocation): void {
    const { command } = revocation;
    const key = keyOf(command);
    // A watch that begins again tells everything again.
    if (this.#isOld(revocation) || this.#byKey.get(key)?.command.commandNumber === command.commandNumber) return;
    this.#byKey.delete(key);
    this.#byKey.set(key, revocation);
    this.#byAccount.set(command.accountId, (this.#byAccount.get(command.accountId) ?? new Set<string>()).add(key));
    this.#forgetOldest();
    for (const listener of [...(this.#listeners.get(command.accountId) ?? [])]) listener(revocation);
  }

  #forgetOldest(): void {
    for (const [key, revocation] of this.#byKey) {
      if (this.#byKey.size <= rememberedMax && !this.#isOld(revocation)) return;
      this.#byKey.delete(key);
      const keys = this.#byAccount.get(revocation.command.accountId);
      keys?.delete(key);
      if (keys?.size === 0) this.#byAccount.delete(revocation.command.accountId);
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const watch = await (await new Kvm(this.#connection).open(revokedBucket.name)).watch();
        const stop = (): void => watch.stop();
        signal.addEventListener('abort', stop, { once: true });
        if (signal.aborted) stop();
        try {
          for await (const entry of watch) this.#takeEntry(entry);
        } finally {
          signal.removeEventListener('abort', stop);
          watch.stop();
        }
      } catch (error) {
        if (!signal.aborted) logger.warn({ err: error }, 'gateway.revocations.restart');
      }
      await pause(retryDelayMs, signal);
    }
  }

  #takeEntry(entry: KvWatchEntry): void {
    if (entry.operation !== 'PUT') return;
    try {
      this.take(entry.json());
    } catch (error) {
      logger.warn({ key: entry.key, err: error }, 'gateway.revocations.unreadable');
    }
  }
}

/** Names no order: the number that the client was told belongs to another command on the tape. The client order id names this one. */
const noOrderId = '0';

/** A lost entry as an order: refused, with the reason REVOKED. Null for an amend or a cancel. */
export const revokedOrderNode = ({ command, revokedAt }: Revocation, { scale }: InstrumentRow): OrderNode | null => {
  const { order } = command;
  if (order === null) return null;
  const priceTicks = BigInt(order.priceTicks);
  return {
    orderId: noOrderId,
    clientOrderId: command.clientOrderId,
    accountId: String(command.accountId),
    instrumentId: command.instrumentId,
    side: sideNames[SideName[order.side] ?? 'Buy'],
    orderType: orderTypeNames[OrderTypeName[order.orderType] ?? 'Limit'],
    timeInForce: timeInForceNames[TimeInForceName[order.timeInForce] ?? 'Day'],
    quantity: formatQuantity(BigInt(order.quantityLots), scale),
    price: priceTicks === 0n ? null : formatPrice(priceTicks, scale),
    ...termNodesOf(order.terms === undefined ? noTerms : askedTermsOf(askedTermsOfRevoked(order.orderType, order.terms), scale), false),
    ...instructionNodesOf(order.instructions),
    leavesQuantity: '0',
    cumQuantity: '0',
    averagePrice: null,
    orderStatus: 'REJECTED',
    execType: 'REJECTED',
    ...reasonNodesOf('REVOKED'),
    refused: null,
    createdAt: nanosToIso(BigInt(order.timeNanos)),
    updatedAt: revokedAt,
  };
};
