/** What the flow knows of an instrument. */
export interface FlowInstrument {
  readonly symbol: string;
  readonly openingPriceTicks: bigint;
  /** Lots that are worth about one thousand units of the settlement currency at the opening price; at least 1. */
  readonly lotsPerThousand: number;
  readonly maxQuantityLots: bigint;
  /** Smallest order worth sending, in lots; at least 1. */
  readonly minQuantityLots: bigint;
  /** Standard deviation of the logarithm of the price over one minute in the ordinary regime. */
  readonly volatilityPerMinute: number;
}

export type FlowSide = 'BUY' | 'SELL';

/** Best prices that the public feed shows; null where a side is empty or nothing has traded. */
export interface ObservedQuote {
  readonly bidTicks: bigint | null;
  readonly askTicks: bigint | null;
  readonly lastTicks: bigint | null;
}

/** What the flow wants to send, in ticks and lots. */
export type Intent =
  | {
      readonly type: 'place';
      readonly accountId: string;
      readonly symbol: string;
      readonly clientOrderId: string;
      readonly side: FlowSide;
      readonly orderType: 'LIMIT' | 'MARKET';
      readonly timeInForce: 'GTC' | 'IOC';
      readonly postOnly: boolean;
      readonly quantityLots: bigint;
      /** Null for market orders. */
      readonly priceTicks: bigint | null;
    }
  | {
      readonly type: 'amend';
      readonly accountId: string;
      readonly symbol: string;
      readonly clientOrderId: string;
      readonly orderId: string;
      readonly priceTicks: bigint;
    }
  | {
      readonly type: 'cancel';
      readonly accountId: string;
      readonly symbol: string;
      readonly clientOrderId: string;
      readonly orderId: string;
    };
