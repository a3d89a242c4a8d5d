import { ackAnswer, ackFields, cancelAllAnswer, cancelAllFields } from './answers.js';
import { field, request } from './http.js';

export interface OrderRequest {
  readonly accountId: string;
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  readonly orderType: 'MARKET' | 'LIMIT';
  readonly timeInForce: string;
  readonly quantity: string;
  readonly price: string | null;
  readonly postOnly: boolean;
  /** Names the order; the same id and content is the same order, however often it is sent. */
  readonly clientOrderId: string;
}

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

/** 24 random hexadecimal digits. Not randomUUID: it is missing where the page is served without TLS from another machine. */
export const newClientOrderId = (): string =>
  `web-${[...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
