import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { unwrap } from '#contracts/result/result.js';
import { AckLevel } from '#contracts/tape/codes.generated.js';
import { flowOrder, openMarket } from '#platform/engine/testing/market.js';
import type { OrdersProcess } from './testing/orders-process.js';
import { ordersStage } from './testing/orders-stage.js';
import type { OrdersConfigChange } from './testing/orders-world.js';

/** Cores that each thread of a process may run on, as the kernel lists them; the main thread first. */
const affinities = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/task`)
    .sort((one, other) => Number(one) - Number(other))
    .map((thread) => /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'))?.[1] ?? '');

const coresOf = (list: string): number[] =>
  list.split(',').flatMap((part) => {
    const [low = 0, high = low] = part.split('-').map(Number);
    return Array.from({ length: high - low + 1 }, (_, index) => low + index);
  });

const standing = z.object({ inForce: z.boolean(), details: z.string() });
const placedSchema = z.object({ level: z.union([z.string(), z.number()]), core: standing, hugePages: standing, numa: standing });

/** What the start log says. */
const placedIn = (orders: OrdersProcess): z.output<typeof placedSchema> => {
  const line = orders
    .log()
    .split('\n')
    .findLast((text) => text.includes('orders.engine-placed'));
  return placedSchema.parse(JSON.parse(line ?? '{}'));
};

const own = process.platform === 'linux' ? coresOf(affinities(process.pid)[0] ?? '0') : [];

describe.skipIf(process.platform !== 'linux')('placement of an engine', () => {
  const stage = ordersStage();
  const start = async (placement: NonNullable<OrdersConfigChange['placement']>): Promise<OrdersProcess> => {
    const started = await stage.start({ placement });
    await stage.world.until('writer');
    return started;
  };
  const send = async (from: number) => {
    const orders = Array.from({ length: 50 }, (_, index) => flowOrder(from + index, 'p'));
    return unwrap(
      await stage.port.send([...(from === 0 ? openMarket : []), ...orders], { ackLevel: AckLevel.Durable, timeSupplied: true }),
    );
  };

  it.skipIf(own.length < 2)('binds the engine to its core, and moves it by another number and a restart', async () => {
    const [first = 0, second = 1] = own;
    const before = await start({ cores: [first], hugePages: true, numaNode: 0 });
    expect(affinities(before.pid)[0]).toBe(String(first));
    expect(placedIn(before).core).toEqual({ inForce: true, details: `core ${first}` });
    await send(0);
    const { stateHash } = await stage.world.until('writer');
    expect(await before.stop()).toBe(0);
    const moved = await start({ cores: [second] });
    expect(affinities(moved.pid)[0]).toBe(String(second));
    expect(await stage.world.until('writer')).toMatchObject({ stateHash });
    await send(50);
  });

  it('starts cleanly where a core or a node is not to be had, and says so', async () => {
    const orders = await start({ cores: [4_000], numaNode: 63 });
    const { level, core, hugePages, numa } = placedIn(orders);
    expect(['warn', 40]).toContain(level);
    expect(core).toEqual({ inForce: false, details: expect.stringContaining('core 4000') as string });
    expect(hugePages).toEqual({ inForce: false, details: 'not asked for' });
    expect(numa.inForce).toBe(false);
    expect(coresOf(affinities(orders.pid)[0] ?? '')).toEqual(own);
    await send(0);
  });
});
