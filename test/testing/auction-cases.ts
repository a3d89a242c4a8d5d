import { describe, expect, it } from 'vitest';
import { waitUntil } from '#contracts/time/wait-until.js';
import { maker, owner, taker, type Running } from './order-desk.js';

interface Quote {
  readonly phase: string | null;
  readonly indicativePrice: string | null;
  readonly indicativeQuantity: string | null;
  readonly imbalance: string | null;
}
interface Trade {
  readonly price: string;
  readonly quantity: string;
  readonly aggressorSide: string | null;
  readonly tradeKind: string;
}

/** Engine time of the first planned phase and of the opening: soon, but behind the orders that are placed before them. */
const openingAfterMs = 3_000;
const tradingAfterMs = 8_000;
const symbol = 'DAY1';

/** A trading day with an opening and a closing auction. */
export const auctionCases = (running: () => Running): void => {
  const quote = (): Promise<Quote> =>
    running()
      .desk.client.field<{ quote: Quote }>(
        'instrument',
        `{ instrument(symbol: "${symbol}") { quote { phase indicativePrice indicativeQuantity imbalance } } }`,
      )
      .then((instrument) => instrument.quote);
  const phaseIs = (phase: string): Promise<void> =>
    waitUntil(async () => (await quote()).phase === phase, { timeoutMs: 30_000, intervalMs: 100, what: `the phase ${phase}` });
  const trades = (position: string): Promise<readonly Trade[]> =>
    running()
      .desk.client.field<{ edges: { node: Trade }[] }>(
        'trades',
        'query($p: Position) { trades(symbol: "DAY1", atLeast: $p) { edges { node { price quantity aggressorSide tradeKind } } } }',
        { p: position },
      )
      .then(({ edges }) => edges.map(({ node }) => node));

  const placedText = async (orderId: string | null, position: string): Promise<string | undefined> => {
    const document = `query($o: ID!, $p: Position) { explainOrder(accountId: "${owner}", orderId: $o, atLeast: $p) { commands { notes { kind text } } } }`;
    const { commands } = await running().desk.client.field<{ commands: { notes: { kind: string; text: string }[] }[] }>(
      'explainOrder',
      document,
      { o: orderId, p: position },
    );
    return commands[0]?.notes.find(({ kind }) => kind === 'ORDER')?.text;
  };

  describe('a day with auctions', () => {
    it('opens by its plan: orders collect, everybody sees what would trade, and all trade at one price', async () => {
      const { desk } = running();
      const stream = desk.client.subscribe<Trade>(
        'trades',
        `subscription { trades(symbol: "${symbol}") { price quantity aggressorSide tradeKind } }`,
      );
      const at = (ms: number): string => new Date(Date.now() + ms).toISOString();
      const planned = await desk.operate('setSession', {
        symbol,
        phase: 'PRE_OPEN',
        reason: 'SCHEDULE',
        plan: [
          { phase: 'OPENING_AUCTION', at: at(openingAfterMs) },
          { phase: 'CONTINUOUS', at: at(tradingAfterMs) },
        ],
      });
      expect(planned.refusal).toBeNull();
      const document = 'query($p: Position) { instrument(symbol: "DAY1", atLeast: $p) { phase stateReason } }';
      expect(await desk.client.field('instrument', document, { p: planned.position })).toMatchObject({ phase: 'PRE_OPEN' });
      const atOpen = await desk.place(symbol, { timeInForce: 'OPG', price: '101', quantity: '30' });
      const market = await desk.place(symbol, { orderType: 'MARKET', timeInForce: 'DAY', quantity: '20' });
      const resting = await desk.place(symbol, { price: '98' });
      expect(await desk.order(market.orderId, market.position)).toMatchObject({
        ...{ orderStatus: 'NEW', orderType: 'MARKET', stopPrice: null },
      });
      expect((await desk.place(symbol, { price: '100', timeInForce: 'IOC' })).refusal).toMatchObject({
        code: 'MARKET_CLOSED',
        number: 3004,
      });
      const sold = await desk.place(symbol, { side: 'SELL', price: '99', quantity: '40' }, maker);
      // The market order has no price, so it is in no level.
      expect((await desk.book(symbol, sold.position)).bids).toEqual([
        { price: '101', quantity: '30', orderCount: 1 },
        { price: '98', quantity: '10', orderCount: 1 },
      ]);
      await phaseIs('OPENING_AUCTION');
      expect(await quote()).toMatchObject({ indicativeQuantity: '40', imbalance: '10', indicativePrice: expect.any(String) as string });
      const { indicativePrice } = await quote();
      await phaseIs('CONTINUOUS');
      expect(await quote()).toMatchObject({ indicativePrice: null, indicativeQuantity: null, imbalance: null });
      expect(await stream.next()).toMatchObject({ tradeKind: 'AUCTION', aggressorSide: null, price: indicativePrice });
      stream.stop();
      const { position } = await desk.place(symbol, { price: '90', quantity: '1' });
      const printed = await trades(position);
      expect(printed.reduce((sum, { quantity }) => sum + Number(quantity), 0)).toBe(40);
      expect(new Set(printed.map(({ price, tradeKind, aggressorSide }) => `${price} ${tradeKind} ${aggressorSide ?? 'nobody'}`))).toEqual(
        new Set([`${indicativePrice} AUCTION nobody`]),
      );
      expect(await desk.order(market.orderId, position)).toMatchObject({
        ...{ orderStatus: 'FILLED', averagePrice: indicativePrice, stopPrice: null },
      });
      expect(await placedText(market.orderId, position)).toMatch(/^placed buy 20 at the market, valued at [0-9.]+$/);
      expect(await desk.order(atOpen.orderId, position)).toMatchObject({
        ...{ orderStatus: 'CANCELED', cumQuantity: '20', reason: 'AuctionRemainder' },
        reasonText: 'The auction left this part unfilled.',
      });
      expect(await desk.order(resting.orderId, position)).toMatchObject({ orderStatus: 'NEW', leavesQuantity: '10' });
      const executions = await desk.client.field<{ edges: { node: Record<string, unknown> }[] }>(
        'executions',
        `query($p: Position) { executions(accountId: "${owner}", symbol: "DAY1", atLeast: $p) { edges { node { side tradeKind lastPrice maker } } } }`,
        { p: position },
      );
      expect(executions.edges.length).toBeGreaterThanOrEqual(2);
      for (const { node } of executions.edges)
        expect(node).toEqual({ side: 'BUY', tradeKind: 'AUCTION', lastPrice: indicativePrice, maker: true });
      const candles = await desk.client.field<{ edges: { node: Record<string, unknown> }[] }>(
        'candles',
        'query($p: Position) { candles(symbol: "DAY1", timeframe: D1, first: 1, atLeast: $p) { edges { node { open close volume } } } }',
        { p: position },
      );
      expect(candles.edges[0]?.node).toEqual({ open: indicativePrice, close: indicativePrice, volume: '40' });
    }, 60_000);

    it('closes by hand: what waited for the close joins, trades and ends, and nothing trades behind it', async () => {
      const { desk } = running();
      const atClose = await desk.place(symbol, { side: 'SELL', timeInForce: 'ATC', price: '97', quantity: '15' });
      expect(await desk.order(atClose.orderId, atClose.position)).toMatchObject({
        orderStatus: 'NEW',
        execType: 'NEW',
        timeInForce: 'ATC',
      });
      const called = await desk.operate('setSession', { symbol, phase: 'CLOSING_AUCTION' });
      expect(called.refusal).toBeNull();
      expect(await desk.order(atClose.orderId, called.position)).toMatchObject({ orderStatus: 'NEW', execType: 'TRIGGERED' });
      const forAuction = await desk.place(symbol, { price: '99', timeInForce: 'GFA', quantity: '7' }, taker);
      expect(forAuction.refusal).toBeNull();
      const closed = await desk.operate('setSession', { symbol, phase: 'POST_CLOSE' });
      expect(closed.refusal).toBeNull();
      expect(await desk.order(atClose.orderId, closed.position)).toMatchObject({
        timeInForce: 'ATC',
        orderStatus: 'FILLED',
        cumQuantity: '15',
      });
      expect((await trades(closed.position))[0]).toMatchObject({ tradeKind: 'AUCTION', aggressorSide: null });
      expect((await desk.place(symbol, { price: '99' })).refusal).toMatchObject({ code: 'MARKET_CLOSED' });
      expect((await desk.operate('setSession', { symbol, phase: 'VOLATILITY_AUCTION' })).refusal).toMatchObject({
        ...{ code: 'INVALID_SESSION_CHANGE', number: 3023 },
      });
    });
  });
};
