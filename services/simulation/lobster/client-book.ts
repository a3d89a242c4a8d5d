import { Side } from '#contracts/tape/codes.generated.js';
import type { ReportRecordBookLevel } from '#contracts/tape/layout.generated.js';
import { FulltapeError } from '#contracts/result/result.js';
import { PriceLadder } from './price-ladder.js';

/** The book of one instrument as a client sees it: built from the tape's level reports and from nothing else. Prices in ticks. */
export class ClientBook {
  readonly #buy = new PriceLadder<bigint>(Side.Buy);
  readonly #sell = new PriceLadder<bigint>(Side.Sell);
  #sequence = 0n;

  /** @throws FulltapeError TAPE_CORRUPT when a level report is missing or comes twice. */
  apply(report: ReportRecordBookLevel): void {
    if (report.bookSequence !== this.#sequence + 1n) {
      throw new FulltapeError('TAPE_CORRUPT', { bookSequence: String(report.bookSequence), expected: String(this.#sequence + 1n) });
    }
    this.#sequence = report.bookSequence;
    const ladder = report.side === Side.Buy ? this.#buy : this.#sell;
    if (report.quantityLots === 0n) ladder.delete(report.priceTicks);
    else ladder.set(report.priceTicks, report.quantityLots);
  }

  quantityAt(side: Side, priceTicks: bigint): bigint {
    return (side === Side.Buy ? this.#buy : this.#sell).get(priceTicks) ?? 0n;
  }

  /** Occupied prices, best first. */
  prices(side: Side): readonly bigint[] {
    return (side === Side.Buy ? this.#buy : this.#sell).prices;
  }
}
