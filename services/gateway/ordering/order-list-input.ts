/** An order list as the legs of one batch: pure. Which lists there are is the engine's to say; here legs get their places and roles. */
import { createHash } from 'node:crypto';
import type { ListLink, PlaceOrder } from '#contracts/commands/order-commands.js';
import type { AccountId, ClientOrderId } from '#contracts/ids/ids.js';
import { ok, refuse, type Result } from '#contracts/result/result.js';
import { Contingency, LegRole } from '#contracts/tape/codes.generated.js';
import { contingencyOf, legRoleOf } from '../graphql/enum-names.js';
import type { LegRole as LegRoleInput, OrderLegInput, PlaceOrderListInput } from '../graphql.generated.js';
import type { InstrumentTerms } from './order-input.js';
import { toPlaceOrder, waitsForTrigger } from './place-order-input.js';

const legsMin = 2;
const legsMax = 4;
const listIdMax = 0x7fff_ffff_ffff_ffffn;

/** The same list for the same client order id, so that a list that is sent again is the same one; 63 bits of a hash. */
const derivedListId = (accountId: AccountId, first: ClientOrderId): bigint => {
  const bits = createHash('sha256').update(`${accountId} ${first}`).digest().readBigUInt64BE() & listIdMax;
  return bits === 0n ? 1n : bits;
};

const listIdOf = (given: string | null | undefined, accountId: AccountId, first: ClientOrderId): Result<bigint> => {
  if (given === null || given === undefined) return ok(derivedListId(accountId, first));
  const value = /^[0-9]{1,19}$/.test(given) ? BigInt(given) : 0n;
  return value >= 1n && value <= listIdMax
    ? ok(value)
    : refuse('INVALID_ARGUMENT', { argument: 'listId', value: given.slice(0, 32), expected: `1 to ${listIdMax}` });
};

/** The role of a leg that names none. */
const roleOf = (contingency: PlaceOrderListInput['contingency'], leg: OrderLegInput, index: number): LegRoleInput => {
  switch (contingency) {
    case 'ONE_CANCELS_OTHER':
      return 'SIBLING';
    case 'ONE_TRIGGERS_OTHER':
      return index === 0 ? 'ENTRY' : 'CHILD';
    case 'BRACKET':
      if (index === 0) return 'ENTRY';
      return isProtective(leg) ? 'STOP_LOSS' : 'TAKE_PROFIT';
  }
};

/** Stops cut losses; limits and if-touched orders take profits. */
const isProtective = ({ orderType }: OrderLegInput): boolean =>
  waitsForTrigger(orderType) && orderType !== 'MARKET_IF_TOUCHED' && orderType !== 'LIMIT_IF_TOUCHED';

export interface OrderListCommands {
  readonly listId: bigint;
  readonly commands: readonly PlaceOrder[];
}

/** A refusal names the leg that it is about. */
const ofLeg = <Value>(result: Result<Value>, index: number): Result<Value> =>
  result.ok ? result : refuse(result.problem.code, { leg: String(index), ...result.problem.details });

export const toOrderList = (
  input: PlaceOrderListInput,
  accountId: AccountId,
  instrument: InstrumentTerms,
  clientOrderIds: readonly ClientOrderId[],
  sessionId: number,
): Result<OrderListCommands> => {
  const [first] = clientOrderIds;
  const { legs } = input;
  if (legs.length < legsMin || legs.length > legsMax || first === undefined)
    return refuse('LIST_INVALID', { legs: String(legs.length), expected: `${legsMin} to ${legsMax}` });
  const listId = listIdOf(input.listId, accountId, first);
  if (!listId.ok) return listId;
  const commands: PlaceOrder[] = [];
  for (const [index, leg] of legs.entries()) {
    const clientOrderId = clientOrderIds[index] ?? first;
    const quantity = leg.quantity ?? (input.contingency === 'BRACKET' ? legs[0]?.quantity : null) ?? null;
    if (quantity === null) return refuse('QUANTITY_NOT_POSITIVE', { leg: String(index), missing: 'quantity' });
    const list: ListLink = {
      listId: listId.value,
      contingency: Contingency[contingencyOf[input.contingency]],
      legRole: LegRole[legRoleOf[leg.role ?? roleOf(input.contingency, leg, index)]],
      legCount: legs.length,
      legIndex: index,
    };
    const command = ofLeg(toPlaceOrder({ ...leg, quantity }, accountId, instrument, clientOrderId, { sessionId, list }), index);
    if (!command.ok) return command;
    commands.push(command.value);
  }
  return ok({ listId: listId.value, commands });
};
