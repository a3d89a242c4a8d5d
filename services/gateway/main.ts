import { runRole } from '#platform/processes/role.js';
import { startGateway } from './start-gateway.js';

await runRole('gateway', startGateway);
