/**
 * A generator that reads from queues, as a stream that ends at once when its reader leaves. A generator alone would not: `return` of an
 * async generator waits until the value that it is waiting for arrives, which may be never.
 */
export const closingStream = <Item>(generator: AsyncGenerator<Item, void>, close: () => void): AsyncIterableIterator<Item, void> => ({
  next: () => generator.next(),
  return: () => {
    close();
    return generator.return();
  },
  throw: (error: unknown) => {
    close();
    return generator.throw(error);
  },
  [Symbol.asyncIterator]() {
    return this;
  },
});
