/** A made-up explanation of an order, with every kind of line that the page lays out. */
const check = (name: string, numbers: readonly [string, string] | null = null, refused = false): object => ({
  kind: 'CHECK',
  text: refused ? 'REFUSED POSITION_LIMIT: The order could take the position beyond its limit. 25 against 20.' : `passed ${name}`,
  check: {
    code: refused ? 'POSITION_LIMIT' : name.toUpperCase().replaceAll(' ', '_'),
    number: null,
    name,
    passed: !refused,
    relation: refused ? 'REFUSED' : numbers === null ? 'HOLDS' : 'AT_MOST',
    observed: numbers?.[0] ?? null,
    limit: numbers?.[1] ?? null,
  },
});
const told = (kind: string, text: string): object => ({ kind, text });

export const fakeExplanation = (order: object, executedAt: string): object => {
  const { orderId, quantity, orderStatus, price } = order as Readonly<Record<string, string | null>>;
  const isRefused = orderStatus === 'REJECTED';
  const notes = [
    check('account exists'),
    check('phase of the instrument takes the order'),
    told('ORDER', `placed buy ${quantity} at ${price ?? 'the market'} (limit)`),
    check('trading is not halted'),
    check('order quantity', [quantity ?? '0', '10000']),
    check('price against the reference price', [price ?? '0', '218.9']),
    check('money needed, of what is free', ['912.6', '998420.15']),
    ...(isRefused ? [check('largest position', ['25', '20'], true)] : []),
    ...(isRefused
      ? []
      : [
          told('COST', 'needs 912.6 USD: 912.5 USD and a fee of 0.03 %'),
          told('RESTED', `rests ${quantity} at ${price ?? '0'}, 912.6 USD held for it`),
          told('SHOWN', 'queue behind 3 orders (42) at its price, 180 at better prices'),
        ]),
  ];
  return {
    ...{ orderId, symbol: 'NOVA', filledQuantity: '0', fees: '0', droppedNotes: 0 },
    commands: [{ commandNumber: orderId, command: 'PlaceOrder', executedAt, notes }],
  };
};
