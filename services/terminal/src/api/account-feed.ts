import { stream } from '../store/terminal-store.js';
import {
  accountStateAnswer,
  accountStateDocument,
  balanceAnswer,
  balanceFields,
  executionAnswer,
  executionFields,
  orderAnswer,
  orderFields,
  positionAnswer,
  positionFields,
} from './answers.js';
import { nullable, object, text } from './decode.js';
import { field, request } from './http.js';
import type { Live } from './live.js';

const loadRetryMs = 1_500;

/**
 * One account: its state is loaded with the position that it shows, then the streams go on from there, and after an outage from the
 * last update that was seen. Where the server cannot resume, the state is loaded again.
 */
export const feedAccount = (live: Live, token: string, accountId: string): (() => void) => {
  const stops: (() => void)[] = [];
  let stopped = false;
  let ordersFrom: string | null = null;
  let positionsFrom: string | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const load = async (): Promise<boolean> => {
    try {
      const state = await request({ document: accountStateDocument, variables: { accountId }, answer: accountStateAnswer }, token);
      if (stopped) return false;
      ordersFrom = state.open.position;
      positionsFrom = state.open.position;
      stream({
        type: 'account-loaded',
        accountId,
        orders: [...state.recentOrders, ...state.openOrders],
        executions: state.executions,
        positions: state.positions,
        balances: state.balances,
      });
      return true;
    } catch {
      if (!stopped) timer = setTimeout(() => void start(), loadRetryMs);
      return false;
    }
  };

  const start = async (): Promise<void> => {
    if (!(await load())) return;
    const reload = (): void => {
      ordersFrom = null;
      positionsFrom = null;
      void load();
    };
    const orders = live.subscribe({
      document: `subscription Orders($accountId: ID!, $resumeFrom: Position) { orderUpdates(accountId: $accountId, resumeFrom: $resumeFrom) { order { ${orderFields} } execution { ${executionFields} } position } }`,
      variables: () => ({ accountId, resumeFrom: ordersFrom }),
      answer: field('orderUpdates', object({ order: orderAnswer, execution: nullable(executionAnswer), position: text })),
      next: ({ order, execution, position }) => {
        ordersFrom = position;
        stream({ type: 'order', accountId, order, execution });
      },
      refused: reload,
    });
    const positions = live.subscribe({
      document: `subscription Positions($accountId: ID!, $resumeFrom: Position) { positionUpdates(accountId: $accountId, resumeFrom: $resumeFrom) { positionAfter { ${positionFields} } position } }`,
      variables: () => ({ accountId, resumeFrom: positionsFrom }),
      answer: field('positionUpdates', object({ positionAfter: positionAnswer, position: text })),
      next: ({ positionAfter, position }) => {
        positionsFrom = position;
        stream({ type: 'position', accountId, position: positionAfter });
      },
      refused: reload,
    });
    const balances = live.subscribe({
      document: `subscription Balances($accountId: ID!) { balanceUpdates(accountId: $accountId) { balance { ${balanceFields} } } }`,
      variables: () => ({ accountId }),
      answer: field('balanceUpdates', object({ balance: balanceAnswer })),
      next: ({ balance }) => stream({ type: 'balance', accountId, balance }),
    });
    stops.push(orders.stop, positions.stop, balances.stop);
  };

  void start();
  return () => {
    stopped = true;
    clearTimeout(timer);
    for (const stop of stops) stop();
  };
};
