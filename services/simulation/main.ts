import { setTimeout as pause } from 'node:timers/promises';
import { demoAccounts } from '#contracts/demo/demo-world.js';
import { FulltapeError } from '#contracts/result/result.js';
import type { FulltapeConfig } from '#platform/config/config.js';
import { ensureTokens } from '#platform/identity/token-store.js';
import { runRole, type RoleHandle } from '#platform/processes/role.js';
import { logger } from '#platform/telemetry/logger.js';
import { simulatedInstruments } from './flow/demo-instruments.js';
import { OrderFlow } from './flow/order-flow.js';
import { connectGraphql } from './shell/graphql-client.js';
import { cancelAll, runMarketSession } from './shell/market-session.js';

/** Pause before a broken session is begun anew; grows while nothing answers. */
const reconnectMinMs = 200;
const reconnectMaxMs = 5_000;
/** A session that held this long was a good one: the next pause is short again. */
const settledMs = 10_000;
/** Orders are withdrawn before leaving, for as long as the supervisor surely waits. */
const withdrawTimeoutMs = 4_000;

const idsOf = (role: 'maker' | 'taker'): string[] => demoAccounts.filter((account) => account.role === role).map(({ id }) => String(id));

/** Trades the demo instruments as a client of the public API until it is closed; outages are waited out. */
const startSimulation = async (config: FulltapeConfig): Promise<RoleHandle> => {
  const stopping = new AbortController();
  const token = ensureTokens(config.dataDir, { demo: config.demo }).find(({ role }) => role === 'simulation')?.token;
  if (token === undefined)
    throw new FulltapeError('UNAUTHENTICATED', {
      reason: 'there is no token for the simulation; it needs an installation with the demo world',
    });
  const instruments = simulatedInstruments();
  const makerAccounts = idsOf('maker');
  const takerAccounts = idsOf('taker');
  const accounts = [...makerAccounts, ...takerAccounts];
  const commandsPerSecond = config.simulation.ordersPerSecond;
  const scales = new Map(instruments.map(({ flow: { symbol }, scale }) => [symbol, scale]));
  const client = connectGraphql({ graphqlUrl: config.urls.graphql, wsUrl: config.urls.ws, token });
  // One flow for the life of the process: prices go on from where they were when the platform comes back.
  const flow = new OrderFlow({
    seed: config.simulation.seed,
    runId: `s${Date.now().toString(36)}`,
    instruments: instruments.map((item) => item.flow),
    makerAccounts,
    takerAccounts,
    commandsPerSecond,
  });
  const trade = async (): Promise<void> => {
    let waitMs = reconnectMinMs;
    while (!stopping.signal.aborted) {
      const begun = performance.now();
      try {
        await runMarketSession({ client, flow, scales, accounts, commandsPerSecond, signal: stopping.signal });
      } catch (error) {
        const known = error instanceof FulltapeError ? { code: error.code, details: error.details } : { err: error };
        logger.warn({ ...known, waitMs }, 'simulation.session-ended');
      }
      waitMs = performance.now() - begun > settledMs ? reconnectMinMs : Math.min(reconnectMaxMs, waitMs * 2);
      await pause(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  logger.info({ seed: config.simulation.seed, commandsPerSecond, instruments: instruments.length }, 'simulation.started');
  const trading = commandsPerSecond > 0 ? trade() : Promise.resolve();
  return {
    ready: {},
    close: async () => {
      stopping.abort();
      await trading;
      await withdraw(Promise.allSettled(accounts.map((accountId) => cancelAll(client, flow, accountId))));
      await client.close();
    },
  };
};

/** Waits for the last cancels, but not for ever: the gateway may be going down as well. */
const withdraw = async (cancels: Promise<readonly PromiseSettledResult<void>[]>): Promise<void> => {
  const timeout = new AbortController();
  const late = pause(withdrawTimeoutMs, undefined, { signal: timeout.signal }).catch(() => undefined);
  const results = await Promise.race([cancels, late]);
  timeout.abort();
  const failed = results?.filter(({ status }) => status === 'rejected').length;
  if (failed !== 0) logger.warn({ failed: failed ?? 'timed out' }, 'simulation.orders-left-open');
};

await runRole('simulation', startSimulation);
