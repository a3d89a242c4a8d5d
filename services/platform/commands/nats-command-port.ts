import { errors, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { encodeCommands, type EngineCommand } from '#contracts/commands/order-commands.js';
import type { BatchOutcome, CommandPort } from '#contracts/ports/command-gateway.js';
import { FulltapeError, ok, refuse, type Result } from '#contracts/result/result.js';
import { commandSubject } from '#contracts/subjects/registry.js';
import { BatchFlag, errorCodeOf, type AckLevel } from '#contracts/tape/codes.generated.js';
import {
  CommandBatchAnswerSize,
  decodeCommandBatchAnswer,
  recordBytes,
  type CommandBatchAnswer,
} from '#contracts/tape/layout.generated.js';
import {
  buildCommandBatch,
  messageDataAt,
  openCommandBatchAnswer,
  viewOf,
  type CommandBatchAnswerMessage,
} from '#contracts/tape/message.js';
import { systemClock, type Clock } from '#contracts/time/clock.js';

export interface SendOptions {
  readonly ackLevel: AckLevel;
  /** Default 0. */
  readonly shard?: number;
  /** How long to wait for the answer; the writer drops what it has not sequenced by then. Default 5,000 ms. */
  readonly timeoutMs?: number;
  /** The records carry their times (`orders.clock` is 'supplied'). */
  readonly timeSupplied?: boolean;
}

/** The answer to pre-encoded records. Decoding a thousand answers costs more than sending them, so it is left to the caller. */
export interface RecordsOutcome {
  readonly header: CommandBatchAnswer;
  /** The whole `CommandBatchAnswer` message. */
  readonly message: Uint8Array;
  /** Decodes every answer. @throws FulltapeError MALFORMED_COMMAND_MESSAGE */
  decode(): CommandBatchAnswerMessage['answers'];
}

const defaultTimeoutMs = 5_000;
/** The engine takes at most this many records in one message (`commandIndex` of an answer has 16 bits). */
const recordsMax = 65_535;

/** Bytes that a `CommandBatch` adds around its records. */
const framingBytes = 128;

const refusalOf = (error: unknown, timeoutMs: number): Result<never> => {
  const cause = error instanceof Error ? error.message : String(error);
  if (error instanceof errors.NoRespondersError || (error instanceof errors.RequestError && error.isNoResponders())) {
    // Nobody writes the shard at this moment (start, take-over, restart): nothing was sequenced.
    return refuse('BUSY', { reason: 'no writer serves the shard', retryAfterMs: '250' });
  }
  if (error instanceof errors.TimeoutError || (error instanceof errors.RequestError && error.cause instanceof errors.TimeoutError)) {
    return refuse('TIMED_OUT', { timeoutMs: String(timeoutMs) });
  }
  if (error instanceof errors.ClosedConnectionError || error instanceof errors.DrainingConnectionError)
    return refuse('STORE_UNAVAILABLE', { cause });
  // The request may have left before the connection broke.
  return refuse('UNKNOWN_OUTCOME', { cause });
};

/** The header alone where the message has this platform's own layout; any other correct layout is decoded whole. */
const answerHeaderOf = (bytes: Uint8Array): CommandBatchAnswer => {
  const view = viewOf(bytes);
  const isOwnLayout =
    bytes.byteLength >= messageDataAt + CommandBatchAnswerSize.dataBytes &&
    view.getUint32(0, true) === 0 &&
    view.getUint32(8, true) === 0 &&
    view.getUint16(12, true) * 8 === CommandBatchAnswerSize.dataBytes;
  return isOwnLayout ? decodeCommandBatchAnswer(view, messageDataAt) : openCommandBatchAnswer(bytes).header;
};

/** `CommandPort` over NATS request/reply to the writer of a shard. Keeps no state, so one instance serves any number of callers. */
export class NatsCommandPort implements CommandPort {
  readonly #connection: NatsConnection;
  readonly #clock: Clock;

  constructor(connection: NatsConnection, clock: Clock = systemClock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  async send(commands: readonly EngineCommand[], options: SendOptions): Promise<Result<BatchOutcome>> {
    const { records, commandCount } = encodeCommands(commands);
    const result = await this.sendRecords(records, commandCount, options);
    if (!result.ok) return result;
    const { header } = result.value;
    return ok({
      shard: header.shard,
      epoch: header.epoch,
      firstCommandNumber: header.firstCommandNumber,
      lastCommandNumber: header.lastCommandNumber,
      ackLevel: header.ackLevel,
      answers: result.value.decode(),
    });
  }

  /** For senders in bulk: records that are encoded already, `commandCount` of them primary. Refusals as for `send`. */
  async sendRecords(records: Uint8Array, commandCount: number, options: SendOptions): Promise<Result<RecordsOutcome>> {
    const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    const bytesMax = (this.#connection.info?.max_payload ?? 1_048_576) - framingBytes;
    if (records.byteLength > bytesMax || records.byteLength > recordsMax * recordBytes) {
      return refuse('BATCH_TOO_LARGE', { bytes: String(records.byteLength), bytesMax: String(bytesMax) });
    }
    const message = buildCommandBatch(
      {
        ackLevel: options.ackLevel,
        flags: options.timeSupplied === true ? BatchFlag.TimeSupplied : 0,
        commandCount,
        deadlineNanos: this.#clock.nowNanos() + BigInt(Math.ceil(timeoutMs)) * 1_000_000n,
      },
      records,
    );
    let reply: Msg;
    try {
      reply = await this.#connection.request(commandSubject(options.shard ?? 0), message, { timeout: timeoutMs });
    } catch (error) {
      return refusalOf(error, timeoutMs);
    }
    return this.#outcomeOf(reply.data);
  }

  #outcomeOf(bytes: Uint8Array): Result<RecordsOutcome> {
    let header: CommandBatchAnswer;
    try {
      header = answerHeaderOf(bytes);
    } catch (error) {
      // The batch reached something that answered; what it did is not known.
      return refuse('UNKNOWN_OUTCOME', { cause: error instanceof FulltapeError ? error.message : String(error) });
    }
    if (header.code !== 0) {
      const code = errorCodeOf[header.code] ?? 'INTERNAL';
      return header.retryAfterMs > 0 ? refuse(code, { retryAfterMs: String(header.retryAfterMs) }) : refuse(code);
    }
    return ok({ header, message: bytes, decode: () => openCommandBatchAnswer(bytes).answers });
  }
}
