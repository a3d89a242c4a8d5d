import type { AccountId } from '#contracts/ids/ids.js';
import type {
  AmendOrderInput,
  CancelAllOrdersInput,
  CancelOrderInput,
  CashInput,
  KeepAliveInput,
  PlaceOrderInput,
  PlaceOrderListInput,
} from '../graphql.generated.js';

/** Commands of the bus: what a caller may do with an account that has been checked to be his. */
export class PlaceOrderCommand {
  constructor(
    readonly accountId: AccountId,
    readonly input: PlaceOrderInput,
  ) {}
}

export class PlaceOrderListCommand {
  constructor(
    readonly accountId: AccountId,
    readonly input: PlaceOrderListInput,
  ) {}
}

export class KeepAliveCommand {
  constructor(
    readonly accountId: AccountId,
    readonly input: KeepAliveInput,
  ) {}
}

export class AmendOrderCommand {
  constructor(
    readonly accountId: AccountId,
    readonly input: AmendOrderInput,
  ) {}
}

export class CancelOrderCommand {
  constructor(
    readonly accountId: AccountId,
    readonly input: CancelOrderInput,
  ) {}
}

export class CancelAllOrdersCommand {
  constructor(
    readonly accountId: AccountId,
    readonly input: CancelAllOrdersInput,
  ) {}
}

export class MoveCashCommand {
  constructor(
    readonly accountId: AccountId,
    readonly direction: 'deposit' | 'withdraw',
    readonly input: CashInput,
  ) {}
}
