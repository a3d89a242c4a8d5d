import type { LobsterMessage } from './lobster-message.js';

/**
 * How much of each order the rest of the file still cancels or executes. It tells which quantity proves to be there when a level
 * comes back into view. An id that the file uses again begins another life.
 *
 * Filled by one pass over the file (`survey`), then read during a second pass that reports each message (`pass`).
 */
export class RemovalsAhead {
  readonly #totals = new Map<string, bigint>();
  readonly #livesOfReused = new Map<string, number>();
  readonly #currentLife = new Map<string, number>();

  survey(message: LobsterMessage): void {
    switch (message.type) {
      case 'submit':
        if (this.#totals.has(message.orderRef))
          this.#livesOfReused.set(message.orderRef, (this.#livesOfReused.get(message.orderRef) ?? 1) + 1);
        this.#totals.set(this.#surveyKey(message.orderRef), 0n);
        return;
      case 'cancelPart':
      case 'delete':
      case 'execute': {
        const key = this.#surveyKey(message.orderRef);
        this.#totals.set(key, (this.#totals.get(key) ?? 0n) + message.size);
        return;
      }
      case 'executeHidden':
      case 'crossTrade':
      case 'state':
        return;
    }
  }

  pass(message: LobsterMessage): void {
    switch (message.type) {
      case 'submit':
        if (this.#livesOfReused.has(message.orderRef))
          this.#currentLife.set(message.orderRef, (this.#currentLife.get(message.orderRef) ?? 0) + 1);
        return;
      case 'cancelPart':
      case 'delete':
      case 'execute': {
        if (this.#livesOfReused.has(message.orderRef) && !this.#currentLife.has(message.orderRef))
          this.#currentLife.set(message.orderRef, 1);
        const key = this.#key(message.orderRef);
        const left = (this.#totals.get(key) ?? 0n) - message.size;
        if (left > 0n) this.#totals.set(key, left);
        else this.#totals.delete(key);
        return;
      }
      case 'executeHidden':
      case 'crossTrade':
      case 'state':
        return;
    }
  }

  /** Quantity that the messages behind the last one passed take from the order in its present life. */
  remaining(orderRef: string): bigint {
    return this.#totals.get(this.#key(orderRef)) ?? 0n;
  }

  #surveyKey(orderRef: string): string {
    return this.#lifeKey(orderRef, this.#livesOfReused.get(orderRef));
  }

  #key(orderRef: string): string {
    return this.#lifeKey(orderRef, this.#currentLife.get(orderRef));
  }

  #lifeKey(orderRef: string, life: number | undefined): string {
    return life === undefined || life === 1 ? orderRef : `${orderRef}#${life}`;
  }
}
