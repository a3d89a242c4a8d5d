/** Sends what a ticket means and says what became of it. */
import type { RefusalAnswer } from '../api/answers.js';
import { newClientOrderId, placeOrder, placeOrderList } from '../api/commands.js';
import { wordsOf } from '../model/format.js';
import { listWords } from '../model/order-words.js';
import type { FormResult } from './order-form.js';

export type TicketRequest = Extract<FormResult, { readonly type: 'order' | 'list' }>;

export type Sent =
  | { readonly type: 'taken'; readonly title: string; readonly detail: string }
  | { readonly type: 'refused'; readonly refusal: RefusalAnswer };

/** Client order ids of a ticket: as many as it has orders, kept while its outcome is not known. */
export const newTicketIds = (request: TicketRequest): readonly string[] =>
  Array.from({ length: request.type === 'order' ? 1 : request.request.legs.length }, newClientOrderId);

const sideWords = (side: string): string => (side === 'BUY' ? 'Buy' : 'Sell');

const statusText = (ack: { readonly orderStatus: string | null; readonly averagePrice: string | null }): string =>
  `${wordsOf(ack.orderStatus ?? 'NEW')}${ack.averagePrice === null ? '' : ` at ${ack.averagePrice}`}`;

export const sendTicket = async (token: string, accountId: string, ticket: TicketRequest, ids: readonly string[]): Promise<Sent> => {
  if (ticket.type === 'order') {
    const { request } = ticket;
    const ack = await placeOrder(token, { ...request, accountId, clientOrderId: ids[0] ?? '' });
    if (ack.refusal !== null) return { type: 'refused', refusal: ack.refusal };
    return { type: 'taken', title: `${sideWords(request.side)} ${request.quantity} ${request.symbol}`, detail: statusText(ack) };
  }
  const { request } = ticket;
  const legs = request.legs.map((leg, index) => ({ ...leg, clientOrderId: ids[index] ?? '' }));
  const ack = await placeOrderList(token, { ...request, accountId, legs });
  if (ack.refusal !== null) return { type: 'refused', refusal: ack.refusal };
  const [first] = request.legs;
  const { contingency } = request;
  const name = listWords({ list: { listId: '', contingency, role: null, index: 0, count: legs.length } })?.split(' ')[0] ?? '';
  return {
    type: 'taken',
    title: `${name}: ${sideWords(first?.side ?? 'BUY')} ${first?.quantity ?? ''} ${request.symbol}`,
    detail: ack.legs.map(statusText).join(', '),
  };
};
