import type { Pool } from 'pg';
import type { ReactorPosition } from './engine-reactor.js';

/** Positions of reactors in Postgres. */
export class ReactorCheckpoints implements ReactorPosition {
  constructor(private readonly pool: Pool) {}

  /** 0n for a reactor that has never run. */
  async load(reactor: string): Promise<bigint> {
    const result = await this.pool.query<{ position: bigint }>(
      'SELECT global_position AS position FROM control.reactor_checkpoints WHERE reactor = $1',
      [reactor],
    );
    return result.rows[0]?.position ?? 0n;
  }

  /** Never moves back. */
  async store(reactor: string, position: bigint): Promise<void> {
    await this.pool.query(
      `INSERT INTO control.reactor_checkpoints AS c (reactor, global_position) VALUES ($1, $2)
       ON CONFLICT (reactor) DO UPDATE SET global_position = greatest(c.global_position, EXCLUDED.global_position), updated_at = now()`,
      [reactor, String(position)],
    );
  }
}
