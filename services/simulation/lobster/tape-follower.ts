import type { EngineCommand } from '#contracts/commands/order-commands.js';
import type { ClientOrderId } from '#contracts/ids/ids.js';
import { errorCodeOf, ReportFlag } from '#contracts/tape/codes.generated.js';
import {
  CommandRecordOffset,
  CommandRecordTag,
  decodeReportRecord,
  recordBytes,
  ReportRecordOffset,
  ReportRecordTag,
  type ReportRecord,
} from '#contracts/tape/layout.generated.js';
import { openCommit, type CommitMessage } from '#contracts/tape/message.js';
import { readText } from '#contracts/tape/text-words.js';
import type { ReplayParties } from './order-desk.js';
import { foreignCommand, type RowChecker } from './row-checker.js';

const clientOrderTextBytes = 40;

/**
 * Follows the tape for one replay: finds its commands among all others, in the order in which they were sequenced, and passes their
 * reports to the checker. Also the replay's memory of what the tape holds: `sequenced` counts its commands there, so a sender whose
 * answer was lost knows where to go on.
 */
export class ReplayTapeFollower {
  readonly #parties: ReplayParties;
  readonly #checker: RowChecker;
  /** Client order ids of commands sent, null where a command has none (definitions, trading states). */
  readonly #expected: (ClientOrderId | null)[] = [];
  #nextExpected = 0;
  #sequenced = 0;
  #done = 0;
  #lastCommandNumber = 0n;
  #lastStreamSequence = 0n;
  /** Commands of this replay that have begun but not ended, by number: one commit's worth, or one that spans commits. */
  readonly #open = new Set<bigint>();
  readonly #clientIds = new Map<bigint, ClientOrderId>();

  constructor(parties: ReplayParties, checker: RowChecker) {
    this.#parties = parties;
    this.#checker = checker;
  }

  /** Commands of this replay on the tape. */
  get sequenced(): number {
    return this.#sequenced;
  }

  /** Commands of this replay whose reports have all been read. */
  get done(): number {
    return this.#done;
  }

  get lastCommandNumber(): bigint {
    return this.#lastCommandNumber;
  }

  get lastStreamSequence(): bigint {
    return this.#lastStreamSequence;
  }

  /** The next commands, in the order in which they will be sent. Called before they are. */
  expect(commands: readonly EngineCommand[]): void {
    for (const command of commands) this.#expected.push(command.clientOrderId ?? null);
  }

  /** @throws FulltapeError REPLAY_BOOK_DIFFERS when a command on these accounts is not the replay's; TAPE_CORRUPT */
  read(entry: { readonly streamSequence: bigint; readonly bytes: Uint8Array }): void {
    this.#lastStreamSequence = entry.streamSequence;
    const commit = openCommit(entry.bytes);
    this.#readCommands(commit);
    if (this.#open.size > 0) this.#readReports(commit);
    if (this.#nextExpected > 4_096) {
      this.#expected.splice(0, this.#nextExpected);
      this.#nextExpected = 0;
    }
  }

  #readCommands({ view, header, commands }: CommitMessage): void {
    let number = header.firstCommandNumber;
    for (let index = 0; index < commands.count; number += 1n) {
      const at = commands.at + index * recordBytes;
      const extensionCount = view.getUint8(at + CommandRecordOffset.extensionCount);
      index += 1 + extensionCount;
      if (!this.#isOwn(view, at)) continue;
      const clientOrderId = this.#clientOrderIdOf(view, at, extensionCount);
      const expected = this.#expected[this.#nextExpected];
      if (expected === undefined || expected !== clientOrderId) {
        throw foreignCommand(expected ?? (expected === null ? 'a definition' : 'nothing'), clientOrderId ?? `command ${number}`);
      }
      this.#nextExpected += 1;
      this.#sequenced += 1;
      this.#lastCommandNumber = number;
      this.#open.add(number);
      if (clientOrderId !== null && this.#isResting(view, at)) this.#clientIds.set(number, clientOrderId);
    }
  }

  #isOwn(view: DataView, at: number): boolean {
    switch (view.getUint16(at + CommandRecordOffset.kind, true)) {
      case CommandRecordTag.placeOrder:
      case CommandRecordTag.amendOrder:
      case CommandRecordTag.cancelOrder: {
        // The first field of each of these kinds is the account.
        const account = view.getUint32(at + CommandRecordOffset.placeOrder.accountId, true);
        return account === this.#parties.makerAccountId || account === this.#parties.takerAccountId;
      }
      case CommandRecordTag.setTradingState:
        return view.getUint32(at + CommandRecordOffset.setTradingState.targetId, true) === this.#parties.instrumentId;
      case CommandRecordTag.defineInstrument:
        return view.getUint32(at + CommandRecordOffset.defineInstrument.instrumentId, true) === this.#parties.instrumentId;
      case CommandRecordTag.defineAccount: {
        const account = view.getUint32(at + CommandRecordOffset.defineAccount.accountId, true);
        return account === this.#parties.makerAccountId || account === this.#parties.takerAccountId;
      }
      default:
        return false;
    }
  }

  /** Orders of the maker account are what trades name as the resting side. */
  #isResting(view: DataView, at: number): boolean {
    return (
      view.getUint16(at + CommandRecordOffset.kind, true) === CommandRecordTag.placeOrder &&
      view.getUint32(at + CommandRecordOffset.placeOrder.accountId, true) === this.#parties.makerAccountId
    );
  }

  #clientOrderIdOf(view: DataView, at: number, extensionCount: number): ClientOrderId | null {
    for (let step = 1; step <= extensionCount; step += 1) {
      const extensionAt = at + step * recordBytes;
      if (view.getUint16(extensionAt + CommandRecordOffset.kind, true) !== CommandRecordTag.clientOrder) continue;
      return readText(view, extensionAt + CommandRecordOffset.clientOrder.text0, clientOrderTextBytes) as ClientOrderId;
    }
    return null;
  }

  #readReports({ view, header, reports }: CommitMessage): void {
    for (let index = 0; index < reports.count;) {
      const at = reports.at + index * recordBytes;
      index += 1 + view.getUint8(at + ReportRecordOffset.extensionCount);
      const number = header.firstCommandNumber + BigInt(view.getUint32(at + ReportRecordOffset.commandIndex, true));
      if (!this.#open.has(number)) continue;
      const kind = view.getUint16(at + ReportRecordOffset.kind, true);
      if (kind === ReportRecordTag.bookLevel || kind === ReportRecordTag.trade || kind === ReportRecordTag.refusal) {
        const record = decodeReportRecord(view, at);
        if (record !== null) this.#apply(record);
      }
      if ((view.getUint8(at + ReportRecordOffset.flags) & ReportFlag.LastOfCommand) === 0) continue;
      this.#open.delete(number);
      this.#done += 1;
      this.#checker.commandDone();
    }
  }

  #apply(record: ReportRecord): void {
    switch (record.type) {
      case 'bookLevel':
        this.#checker.level(record);
        return;
      case 'trade':
        this.#checker.trade({ maker: this.#clientIds.get(record.makerOrderId) ?? null, quantity: record.quantityLots });
        return;
      case 'refusal':
        this.#checker.refusal(errorCodeOf[record.code] ?? String(record.code));
        return;
      default:
        return;
    }
  }
}
