import type { Intent } from '../flow/instrument.js';

/** Aliases per request: few enough for any limit on the size of a query, many enough that a burst needs few round trips. */
export const intentsPerRequestMax = 12;

const fields = {
  place: 'placeOrder(input: $INPUT) { orderId orderStatus leavesQuantity cumQuantity refusal { code } }',
  amend: 'amendOrder(input: $INPUT) { orderId orderStatus leavesQuantity cumQuantity refusal { code } }',
  cancel: 'cancelOrder(input: $INPUT) { orderId orderStatus leavesQuantity cumQuantity refusal { code } }',
} as const;
const inputTypes = { place: 'PlaceOrderInput', amend: 'AmendOrderInput', cancel: 'CancelOrderInput' } as const;

/** One mutation for several intents, in their order: `i0` answers the first. Values travel as variables, so few texts exist. */
export const mutationFor = (kinds: readonly Intent['type'][]): string => {
  const variables = kinds.map((kind, index) => `$v${index}: ${inputTypes[kind]}!`).join(', ');
  const selections = kinds.map((kind, index) => `i${index}: ${fields[kind].replace('$INPUT', `$v${index}`)}`).join('\n');
  return `mutation Flow(${variables}) {\n${selections}\n}`;
};

export const cancelAllDocument =
  'mutation CancelAll($input: CancelAllOrdersInput!) { cancelAllOrders(input: $input) { canceledCount refusal { code } } }';
export const accountsDocument = '{ accounts { id } }';
export const quotesDocument =
  'subscription Quotes($symbols: [String!]) { quotes(symbols: $symbols) { symbol bidPrice askPrice lastPrice } }';
export const orderUpdatesDocument =
  'subscription Orders($accountId: ID!) { orderUpdates(accountId: $accountId) { order { orderId clientOrderId leavesQuantity cumQuantity orderStatus instrument { symbol } } } }';
