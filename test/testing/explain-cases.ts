import { describe, expect, it } from 'vitest';
import { connectGateway, type GatewayClient } from '../../services/gateway/testing/gateway-client.js';
import { runCli } from './run-cli.js';
import { maker, owner, taker, type Running } from './order-desk.js';

interface Note {
  readonly kind: string;
  readonly text: string;
  readonly check: {
    readonly code: string;
    readonly number: number | null;
    readonly passed: boolean;
    readonly observed: string | null;
    readonly limit: string | null;
  } | null;
  readonly queue: { readonly ordersAhead: string; readonly quantityAhead: string; readonly betterQuantity: string } | null;
  readonly match: {
    readonly price: string;
    readonly quantity: string;
    readonly maker: boolean | null;
    readonly otherOrderId: string | null;
  } | null;
}
interface Explanation {
  readonly symbol: string;
  readonly filledQuantity: string;
  readonly fees: string;
  readonly droppedNotes: number;
  readonly commands: readonly { readonly command: string; readonly executedAt: string; readonly notes: readonly Note[] }[];
}

const document = `query($a: ID!, $o: ID!, $p: Position) { explainOrder(accountId: $a, orderId: $o, atLeast: $p) {
  orderId symbol filledQuantity fees droppedNotes
  commands { commandNumber command executedAt notes { kind text
    check { code number name passed relation observed limit } queue { ordersAhead quantityAhead betterQuantity }
    match { price quantity tradeKind maker otherOrderId } } } } }`;

/** Why an order came out as it did: executed again from the tape, for whoever may read the order. */
export const explainCases = (running: () => Running): void => {
  const explain = (client: GatewayClient, accountId: string, orderId: string | null, position?: string): Promise<Explanation | null> =>
    client.field<Explanation | null>('explainOrder', document, { a: accountId, o: orderId, p: position });
  const notesOf = (explanation: Explanation | null, kind: string): readonly Note[] =>
    explanation?.commands.flatMap(({ notes }) => notes.filter((note) => note.kind === kind)) ?? [];

  describe('explanations of orders', () => {
    it('tell each check with its numbers, the queue at entry, the trades and the end', async () => {
      const { desk } = running();
      await desk.place('EXPL', { price: '99', quantity: '20', displayQuantity: '3' }, maker);
      await desk.place('EXPL', { price: '99', quantity: '5', instructions: ['HIDDEN'] }, maker);
      const order = await desk.place('EXPL', { price: '99', quantity: '10' });
      const sold = await desk.place('EXPL', { side: 'SELL', price: '99', quantity: '12', timeInForce: 'IOC' }, taker);
      const { position } = await desk.cancel('EXPL', order.orderId ?? '');
      const explanation = await explain(desk.client, owner, order.orderId, position);
      expect(explanation).toMatchObject({ symbol: 'EXPL', filledQuantity: '4', fees: '0', droppedNotes: 0 });
      expect(explanation?.commands.map(({ command }) => command)).toEqual(['PlaceOrder', 'PlaceOrder', 'CancelOrder']);
      const checks = notesOf(explanation, 'CHECK').map(({ check }) => check);
      expect(checks.every((check) => check?.passed)).toBe(true);
      expect(checks.map((check) => check?.code)).toEqual(
        expect.arrayContaining(['DUPLICATE_CLIENT_ORDER_ID', 'MARKET_CLOSED', 'COMPLIANCE_RESTRICTED', 'INSUFFICIENT_BUYING_POWER']),
      );
      expect(checks.find((check) => check?.code === 'INSUFFICIENT_BUYING_POWER')).toMatchObject({ number: 2001, observed: '990' });
      // An operator sees what is hidden beside what is shown.
      expect(notesOf(explanation, 'RESTED')[0]?.queue).toEqual({ ordersAhead: '2', quantityAhead: '25', betterQuantity: '0' });
      expect(notesOf(explanation, 'SHOWN')[0]?.queue).toEqual({ ordersAhead: '1', quantityAhead: '3', betterQuantity: '0' });
      expect(notesOf(explanation, 'MATCH').map(({ match }) => match)).toEqual([
        { price: '99', quantity: '4', tradeKind: 'CONTINUOUS', maker: true, otherOrderId: sold.orderId },
      ]);
      expect(notesOf(explanation, 'ENDED')[0]?.text).toBe('ended 6 open, 4 filled: Canceled as you asked.');
    });

    it('are printed by the command line too, in decimals, with the integers of the engine in JSON', async () => {
      const { desk, instance } = running();
      const order = await desk.place('EXPL', { price: '98.5', quantity: '3' });
      const lines = await runCli(instance.dataDir, 'audit', 'explain', order.orderId ?? '');
      expect(lines).toContain(`order ${order.orderId} of EXPL: 0 filled, 0 USD of fees`);
      expect(lines).toMatch(/placed +buy 3 at 98\.5\n/);
      expect(lines).toMatch(/passed +money needed, of what is free: 295\.5 is at most /);
      const document = JSON.parse(await runCli(instance.dataDir, 'audit', 'explain', order.orderId ?? '', '--json')) as {
        readonly commands: readonly { readonly notes: readonly Readonly<Record<string, unknown>>[] }[];
      };
      const placed = document.commands[0]?.notes.find(({ type }) => type === 'order');
      expect(placed).toMatchObject({ priceTicks: '9850', leavesLots: '3', text: expect.stringContaining('buy 3 at 98.5') as string });
    });

    it('say which check refused an order, and by how much', async () => {
      const { desk } = running();
      const refused = await desk.place('EXPL', { price: '99', minimumQuantity: '60', quantity: '70' });
      const explanation = await explain(desk.client, owner, refused.orderId, refused.position);
      const failed = notesOf(explanation, 'CHECK').filter(({ check }) => check?.passed === false);
      expect(failed).toMatchObject([{ check: { code: 'MINIMUM_QUANTITY_UNFILLABLE', number: 3021, observed: '60', limit: '0' } }]);
      expect(failed[0]?.text).toMatch(/^REFUSED MINIMUM_QUANTITY_UNFILLABLE: .* 60 against 0\.$/);
    });

    it('are for who may read the order, and tell an owner nothing of others', async () => {
      const { desk, instance } = running();
      const [account] = instance.accounts;
      const trader = connectGateway(instance.urls, account?.token ?? '');
      try {
        const id = account?.id ?? '';
        await desk.place('EXPM', { side: 'SELL', price: '3', quantity: '1' }, maker);
        await desk.place('EXPM', { price: '2', quantity: '5', instructions: ['HIDDEN'] }, maker);
        const ack = await desk.place('EXPM', { price: '3', quantity: '1', timeInForce: 'GTC' }, id);
        const rests = await desk.place('EXPM', { price: '2', quantity: '1' }, id);
        const traded = await explain(trader, id, ack.orderId, rests.position);
        expect(notesOf(traded, 'MATCH').map(({ match }) => match)).toMatchObject([{ price: '3', maker: false, otherOrderId: null }]);
        const queued = await explain(trader, id, rests.orderId, rests.position);
        expect(notesOf(queued, 'RESTED')[0]?.queue).toBeNull();
        expect(notesOf(queued, 'SHOWN')[0]).toMatchObject({
          queue: { ordersAhead: '0', quantityAhead: '0' },
          text: 'queue first at its price',
        });
        const { errors } = await trader.ask(document, { a: owner, o: '1' });
        expect(errors?.[0]?.extensions).toMatchObject({ code: 'ACCOUNT_NOT_YOURS' });
        // Somebody else's order under the own account is not there, and neither is one that nobody placed.
        const others = await desk.place('EXPM', { price: '1', quantity: '1' });
        expect(await explain(trader, id, others.orderId, others.position)).toBeNull();
        expect(await explain(trader, id, '999999999')).toBeNull();
        expect(await explain(trader, id, 'x')).toBeNull();
      } finally {
        await trader.close();
      }
    });
  });
};
