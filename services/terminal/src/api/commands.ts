import type { OrderType, Side, TimeInForce } from '../model/values.js';
import {
  ackAnswer,
  ackFields,
  cancelAllAnswer,
  cancelAllFields,
  explanationAnswer,
  explanationFields,
  listAckAnswer,
  listAckFields,
} from './answers.js';
import { nullable } from './decode.js';
import { field, request } from './http.js';

/** Terms that few orders have; names and meanings are those of the API. */
export interface OrderTermsRequest {
  readonly price?: string;
  readonly stopPrice?: string;
  readonly triggerSource?: 'LAST' | 'BID_ASK' | 'MARK';
  readonly trailingOffset?: string;
  readonly trailingUnit?: 'PRICE' | 'BASIS_POINTS';
  readonly limitOffset?: string;
  readonly pegKind?: 'PRIMARY' | 'MID' | 'MARKET';
  readonly pegOffset?: string;
  readonly displayQuantity?: string;
  readonly minimumQuantity?: string;
  readonly expireTime?: string;
  readonly instructions?: readonly ('POST_ONLY' | 'POST_ONLY_REPRICE' | 'REDUCE_ONLY' | 'HIDDEN' | 'ALL_OR_NONE')[];
  readonly selfTradePrevention?: string;
}

interface OrderShape extends OrderTermsRequest {
  readonly side: Side;
  readonly orderType: OrderType;
  readonly timeInForce: TimeInForce;
  readonly quantity: string;
}

export interface OrderRequest extends OrderShape {
  readonly accountId: string;
  readonly symbol: string;
  /** Names the order; the same id and content is the same order, however often it is sent. */
  readonly clientOrderId: string;
}

export interface OrderListRequest {
  readonly accountId: string;
  readonly symbol: string;
  readonly contingency: 'ONE_CANCELS_OTHER' | 'ONE_TRIGGERS_OTHER' | 'BRACKET';
  readonly legs: readonly (OrderShape & { readonly clientOrderId?: string })[];
}

export const placeOrderList = (token: string, input: OrderListRequest) =>
  request(
    {
      document: `mutation PlaceList($input: PlaceOrderListInput!) { placeOrderList(input: $input) { ${listAckFields} } }`,
      variables: { input },
      answer: field('placeOrderList', listAckAnswer),
    },
    token,
  );

export const placeOrder = (token: string, input: OrderRequest) =>
  request(
    {
      document: `mutation Place($input: PlaceOrderInput!) { placeOrder(input: $input) { ${ackFields} } }`,
      variables: { input },
      answer: field('placeOrder', ackAnswer),
    },
    token,
  );

export const amendOrder = (
  token: string,
  input: {
    readonly accountId: string;
    readonly symbol: string;
    readonly orderId: string;
    readonly price?: string;
    readonly quantity?: string;
    readonly stopPrice?: string;
    readonly displayQuantity?: string;
  },
) =>
  request(
    {
      document: `mutation Amend($input: AmendOrderInput!) { amendOrder(input: $input) { ${ackFields} } }`,
      variables: { input },
      answer: field('amendOrder', ackAnswer),
    },
    token,
  );

export const cancelOrder = (token: string, input: { readonly accountId: string; readonly symbol: string; readonly orderId: string }) =>
  request(
    {
      document: `mutation Cancel($input: CancelOrderInput!) { cancelOrder(input: $input) { ${ackFields} } }`,
      variables: { input },
      answer: field('cancelOrder', ackAnswer),
    },
    token,
  );

export const cancelAllOrders = (token: string, input: { readonly accountId: string; readonly symbol?: string }) =>
  request(
    {
      document: `mutation CancelAll($input: CancelAllOrdersInput!) { cancelAllOrders(input: $input) { ${cancelAllFields} } }`,
      variables: { input },
      answer: field('cancelAllOrders', cancelAllAnswer),
    },
    token,
  );

/** The platform gives up after 20 s. */
const explainTimeoutMs = 25_000;

/** Why an order came out as it did; null for an order that is not there. */
export const explainOrder = (token: string, variables: { readonly accountId: string; readonly orderId: string }) =>
  request(
    {
      document: `query Explain($accountId: ID!, $orderId: ID!) { explainOrder(accountId: $accountId, orderId: $orderId) { ${explanationFields} } }`,
      variables,
      answer: field('explainOrder', nullable(explanationAnswer)),
      timeoutMs: explainTimeoutMs,
    },
    token,
  );

/** 24 random hexadecimal digits. Not randomUUID: it is missing where the page is served without TLS from another machine. */
export const newClientOrderId = (): string =>
  `web-${[...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
