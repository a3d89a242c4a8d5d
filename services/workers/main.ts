import { runRole } from '#platform/processes/role.js';
import { startWorkers } from './start-workers.js';

await runRole('workers', startWorkers);
