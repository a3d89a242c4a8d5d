import type { CommandRecordPlaceOrder, ReportRecord } from '#contracts/tape/layout.generated.js';

/** One effect on one account, as its subscriptions get it from the tape. */
export interface AccountEvent {
  readonly accountId: number;
  readonly commandNumber: bigint;
  /** Orders the effects of one command. */
  readonly recordIndex: number;
  readonly timeNanos: bigint;
  readonly report: ReportRecord;
  /** Record behind the report: the details of a trade. */
  readonly extension: ReportRecord | null;
  /** Which side of a trade the account is on; null for everything else. */
  readonly maker: boolean | null;
  /** The refused entry that a refusal is about; null for every other report. */
  readonly refused: CommandRecordPlaceOrder | null;
  /** Client order id of the command that caused it. */
  readonly clientOrderId: string | null;
}
