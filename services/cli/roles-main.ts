// Several roles in one process: imports the main file of each role named on the command line; their `runRole` calls register here
// instead of running the process, and one `runRole` runs them all.
import type { RoleName } from '#platform/config/config.js';
import { hostRoles, runRole, type RoleHandle, type RoleReady, type StartRole } from '#platform/processes/role.js';
import { roleEntries, roleNameOf } from './role-entries.js';

const starts = new Map<string, StartRole>();
hostRoles((name, start) => {
  starts.set(name, start);
});

const names: readonly RoleName[] = process.argv.slice(2).map(roleNameOf);
const ordered: StartRole[] = [];
for (const name of names) {
  const before = starts.size;
  await import(roleEntries[name]);
  const start = [...starts.values()][before];
  if (start === undefined) throw new Error(`${roleEntries[name]} did not call runRole`);
  ordered.push(start);
}

const mergeReady = (handles: readonly RoleHandle[]): RoleReady => {
  const demo = handles.map((handle) => handle.ready.demo).findLast((one) => one !== undefined);
  return {
    urls: Object.assign({}, ...handles.map((handle) => handle.ready.urls ?? {})) as Record<string, string>,
    ...(demo === undefined ? {} : { demo }),
  };
};

hostRoles(undefined);
await runRole(names.join('+'), async (config, signal) => {
  const handles: RoleHandle[] = [];
  const close = async (): Promise<void> => {
    for (const handle of handles.splice(0).reverse()) await handle.close();
  };
  try {
    for (const start of ordered) {
      handles.push(await start(config, signal));
      signal.throwIfAborted();
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { ready: mergeReady(handles), close };
});
