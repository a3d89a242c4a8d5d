import { runRole } from '#platform/processes/role.js';
import { startOrders } from './orders-role.js';

await runRole('orders', (config, signal) =>
  startOrders(
    config,
    (error) => {
      // Out of the promise chain that noticed it: the role's own handler logs it and ends the process with status 1.
      setImmediate(() => {
        throw error;
      });
    },
    signal,
  ),
);
