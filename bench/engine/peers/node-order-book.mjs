// The npm package nodejs-order-book (MIT) on the messages of one flow file: one order book, no journal, no self-trade prevention.
// Usage: node node-order-book.mjs FILE [MESSAGES]. Prints one JSON line: messages, seconds, trades, errors.
// A file holds 32-byte messages: kind, side, order, account (uint32), price (int64), lots, lots traded before (int32), little endian.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';

// The ES module of the package imports without file endings, which Node does not resolve.
const { OrderBook } = createRequire(import.meta.url)('nodejs-order-book');

const [file, limit] = process.argv.slice(2);
const bytes = readFileSync(file);
const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const count = Math.min(bytes.byteLength / 32, limit === undefined ? Infinity : Number(limit));

// Decoded before the clock starts, ids as text, as the package wants them.
const messages = Array.from({ length: count }, (_, index) => {
  const at = index * 32;
  const kind = view.getUint32(at, true);
  const side = view.getUint32(at + 4, true) === 0 ? 'buy' : 'sell';
  return {
    kind,
    id: String(view.getUint32(at + 8, true)),
    side,
    price: Number(view.getBigInt64(at + 16, true)),
    size: view.getInt32(at + 24, true),
  };
});

const book = new OrderBook();
let errors = 0;
let trades = 0;
const startedAt = performance.now();
for (const { kind, id, side, price, size } of messages) {
  if (kind === 1) {
    if (book.cancel(id) === undefined) errors += 1;
    continue;
  }
  if (kind === 0 || kind === 4) {
    const timeInForce = kind === 0 ? 'GTC' : 'IOC';
    const result = book.limit({ id, side, size, price, timeInForce });
    if (result.err !== null) errors += 1;
    // A maker that was filled is in `done`, one that was not in `partial`; the order itself may be in either.
    for (const order of result.done) if (order.id !== id) trades += 1;
    if (result.partial !== null && result.partial.id !== id) trades += 1;
    continue;
  }
  const result = book.modify(id, { side, size, price });
  if (result.err !== null) errors += 1;
  else {
    for (const order of result.done ?? []) if (order.id !== id) trades += 1;
    if (result.partial && result.partial.id !== id) trades += 1;
  }
}
const seconds = (performance.now() - startedAt) / 1_000;
process.stdout.write(`${JSON.stringify({ messages: count, seconds, trades, errors })}\n`);
