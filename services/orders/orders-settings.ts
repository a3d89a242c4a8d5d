import { z } from 'zod';
import type { FulltapeConfig } from '#platform/config/config.js';
import type { OrdersClock } from './writer/shard-writer.js';

const schema = z.object({ orders: z.object({ clock: z.enum(['wall', 'supplied']).default('wall') }).prefault({}) });

/** Settings of this service. `orders.clock` 'supplied' lets batches carry their times, which a live market must not. */
export const ordersSettings = (config: FulltapeConfig): { readonly clockMode: OrdersClock } => ({
  clockMode: schema.parse(config).orders.clock,
});
