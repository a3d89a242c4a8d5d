/** The child process that explains: its failures are answers, and none of it is left when its time is up. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '#contracts/time/wait-until.js';
import { builtFile } from '../testing/built.js';
import { defaultExplainLimits, OrderExplainer } from './order-explainer.js';

let dir: string;
beforeAll(async () => {
  await builtFile('services/platform/explain/explain-process.js');
  dir = mkdtempSync(join(tmpdir(), 'fulltape-explain-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const order = { shard: 0, orderId: 7n, lastCommand: 7n, isOpen: false };

/** Children of this process that explain. */
const explaining = (): string[] =>
  readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .filter((pid) => {
      try {
        const parent = /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
        return parent === String(process.pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('explain-process');
      } catch {
        return false; // it has just left
      }
    });

describe('the process that explains an order', () => {
  it('answers why it cannot, with the code of the fault', async () => {
    const explainer = new OrderExplainer(join(dir, 'nowhere.json'));
    await expect(explainer.explain(order)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await explainer.close();
  });

  it.skipIf(process.platform !== 'linux')('is gone when its time is up, and when the gateway stops', async () => {
    const hasty = new OrderExplainer(join(dir, 'nowhere.json'), { ...defaultExplainLimits, timeoutMs: 1 });
    await expect(hasty.explain(order)).rejects.toMatchObject({
      code: 'TIMED_OUT',
      details: { orderId: '7', instead: 'fulltape audit explain 7' },
    });
    const stopped = new OrderExplainer(join(dir, 'nowhere.json'));
    const explanation = stopped.explain(order);
    explanation.catch(() => undefined);
    await waitUntil(() => explaining().length > 0, { timeoutMs: 5_000, intervalMs: 1, what: 'the child' });
    await stopped.close();
    await expect(explanation).rejects.toThrow();
    await waitUntil(() => explaining().length === 0, { timeoutMs: 5_000, what: 'the children to be gone' });
  });
});
