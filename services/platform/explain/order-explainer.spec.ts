import { describe, expect, it } from 'vitest';
import { FulltapeError } from '#contracts/result/result.js';
import type { OrderExplanation } from './explain-order.js';
import type { ExplainTask } from './explain-protocol.js';
import { OrderExplainer, type RunTask } from './order-explainer.js';

const explanationOf = (orderId: bigint): OrderExplanation => ({
  ...{ orderId, orderType: null, instrument: null, commands: [], filledLots: 0n, feeUnits: 0n, droppedNotes: 0 },
});

/** Tasks that end when the test says so. */
const desk = (limits: Partial<{ waitingMax: number; keptMax: number }> = {}) => {
  const begun: { readonly task: ExplainTask; readonly end: (error?: FulltapeError) => void }[] = [];
  const run: RunTask = (task, _timeoutMs, signal) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new FulltapeError('SHUTTING_DOWN')), { once: true });
      begun.push({ task, end: (error) => (error === undefined ? resolve(explanationOf(task.orderId)) : reject(error)) });
    });
  const explainer = new OrderExplainer('config.json', { timeoutMs: 1_000, waitingMax: 2, keptMax: 2, ...limits }, run);
  const ask = (orderId: bigint, lastCommand = orderId, isOpen = false): Promise<OrderExplanation> => {
    const explanation = explainer.explain({ shard: 0, orderId, lastCommand, isOpen });
    explanation.catch(() => undefined);
    return explanation;
  };
  return { begun, explainer, ask };
};
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('explanations on demand', () => {
  it('run one after another, and one that fails does not stop the next', async () => {
    const { begun, ask } = desk();
    const [first, second] = [ask(1n), ask(2n)];
    await turn();
    expect(begun.map(({ task }) => task)).toEqual([{ configFile: 'config.json', shard: 0, orderId: 1n, untilCommand: 1n }]);
    begun[0]?.end(new FulltapeError('TAPE_NOT_KEPT'));
    await expect(first).rejects.toMatchObject({ code: 'TAPE_NOT_KEPT' });
    await turn();
    begun[1]?.end();
    expect((await second).orderId).toBe(2n);
  });

  it('are BUSY when too many wait, and free again when they are done', async () => {
    const { begun, ask } = desk({ waitingMax: 1 });
    const first = ask(1n);
    const second = ask(2n);
    await expect(ask(3n)).rejects.toMatchObject({ code: 'BUSY', details: { queue: 'explanations', limit: '1' } });
    await turn();
    begun[0]?.end();
    await first;
    await turn();
    begun[1]?.end();
    await second;
    await turn();
    const third = ask(3n);
    await turn();
    begun[2]?.end();
    expect((await third).orderId).toBe(3n);
  });

  it('are kept for an order that has ended, asked anew for one that goes on, and shared while they run', async () => {
    const { begun, ask } = desk();
    const closed = ask(1n);
    expect(ask(1n)).toBe(closed);
    await turn();
    begun[0]?.end();
    await closed;
    expect(ask(1n)).toBe(closed);
    const open = ask(5n, 7n, true);
    expect(ask(5n, 7n, true)).toBe(open);
    await turn();
    expect(begun[1]?.task).not.toHaveProperty('untilCommand');
    begun[1]?.end();
    await open;
    expect(ask(5n, 7n, true)).not.toBe(open);
    await turn();
    begun[2]?.end();
  });

  it('forgets the oldest, and what failed', async () => {
    const { begun, ask } = desk();
    for (const orderId of [1n, 2n, 3n]) {
      const explanation = ask(orderId);
      await turn();
      begun.at(-1)?.end();
      await explanation;
    }
    const count = begun.length;
    void ask(3n);
    await turn();
    expect(begun).toHaveLength(count);
    const again = ask(1n);
    await turn();
    begun.at(-1)?.end(new FulltapeError('STORE_UNAVAILABLE'));
    await expect(again).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    void ask(1n);
    await turn();
    expect(begun).toHaveLength(count + 2);
    begun.at(-1)?.end();
  });

  it('end with the process, and need a running platform', async () => {
    const { begun, ask, explainer } = desk();
    const running = ask(1n);
    const waiting = ask(2n);
    await turn();
    expect(begun).toHaveLength(1);
    await explainer.close();
    await expect(running).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await expect(waiting).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await expect(ask(3n)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    const without = new OrderExplainer(null).explain({ shard: 0, orderId: 1n, lastCommand: 1n, isOpen: false });
    await expect(without).rejects.toMatchObject({ code: 'ENVIRONMENT_INCOMPLETE' });
  });
});
