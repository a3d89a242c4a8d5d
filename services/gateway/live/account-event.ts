import type { CommandRecord, CommandRecordPlaceOrder, ReportRecord } from '#contracts/tape/layout.generated.js';

/** The command that placed an order, with the extension records behind it. */
export interface PlacingCommand {
  readonly record: CommandRecordPlaceOrder;
  readonly extensions: readonly CommandRecord[];
}

/** One effect on one account, as its subscriptions get it from the tape. */
export interface AccountEvent {
  readonly accountId: number;
  readonly commandNumber: bigint;
  /** Orders the effects of one command. */
  readonly recordIndex: number;
  readonly timeNanos: bigint;
  readonly report: ReportRecord;
  /** Record behind the report: the details of a trade, or the terms of an order. */
  readonly extension: ReportRecord | null;
  /** Which side of a trade the account is on; null for everything else. */
  readonly maker: boolean | null;
  /** The placing itself, for the outcome of a new order, refused or taken; null for every other report. */
  readonly placed: PlacingCommand | null;
  /** Client order id of the command that caused it. */
  readonly clientOrderId: string | null;
}
