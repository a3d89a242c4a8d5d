import type { FulltapeConfig, Settings } from '../config/config.js';
import type { Runtime } from '../config/runtime-file.js';
import type { Check } from './check.js';
import {
  checkClickHouse,
  checkDataFolderState,
  checkEngineLibrary,
  checkNatsServer,
  checkPorts,
  checkPostgres,
} from './component-checks.js';
import { checkCargo, checkClock, checkDisk, checkDiskSync, checkMachine, checkNode, thisMachine } from './machine-checks.js';
import { checkRunning } from './running-checks.js';

/** Every check, in the order in which a start would meet them; those of a running platform last. */
export const examine = async (options: {
  readonly settings: Settings;
  readonly dataDir: string;
  readonly running: { readonly runtime: Runtime; readonly config: FulltapeConfig } | undefined;
}): Promise<readonly Check[]> => {
  const { settings, dataDir, running } = options;
  const ownPorts = new Set(Object.values(running?.runtime.ports ?? {}));
  return [
    checkNode(process.versions.node),
    checkCargo(),
    ...checkMachine(thisMachine()),
    checkNatsServer(settings),
    checkEngineLibrary(settings),
    checkPostgres(settings),
    checkClickHouse(settings),
    checkDataFolderState(dataDir),
    checkDisk(dataDir, settings.engine.freeDiskBytesMin),
    checkDiskSync(dataDir),
    await checkClock(),
    ...(await checkPorts(settings, ownPorts)),
    ...(running === undefined ? [] : await checkRunning(running.config)),
  ];
};
