import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { FulltapeError } from '#contracts/result/result.js';
import { processName } from './process-table.js';

const listenOnce = (host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.unref();
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      const chosen = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve(chosen));
    });
  });

/** Below this, services of the machine have their well-known ports. */
export const freePortMin = 10_000;
/** The system gives the ports from here on to outgoing connections: one of them may be taken again before a server listens on it. */
export const outgoingPortMin = (): number => {
  try {
    return Number(/^[0-9]+/.exec(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'))?.[0]);
  } catch {
    return 49_152; // the first dynamic port by RFC 6335, which macOS and Windows use
  }
};
const triesMax = 64;
/** Rises with each choice, so that a process that asks for several ports before it uses them gets different ones. */
let chosenSoFar = randomInt(2 ** 32);

/** A port that nobody listens on and that no outgoing connection gets. */
const listenOnFreePort = async (host: string): Promise<number> => {
  const count = outgoingPortMin() - freePortMin;
  for (let tries = 0; count > 0 && tries < triesMax; tries += 1) {
    chosenSoFar += 1;
    const port = freePortMin + (chosenSoFar % count);
    const free = await listenOnce(host, port).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') return undefined; // the system may keep ports for itself
      throw error;
    });
    if (free !== undefined) return free;
  }
  return listenOnce(host, 0); // a system set up so that there is no such port: any that is free now
};

/** inode of the socket that listens on the port, from the kernel's table. */
const listeningInodes = (port: number): Set<string> => {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    let text: string;
    try {
      text = readFileSync(table, 'utf8');
    } catch {
      continue;
    }
    for (const line of text.split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      const [local, state, inode] = [fields[1], fields[3], fields[9]];
      if (local?.endsWith(`:${hex}`) === true && state === '0A' && inode !== undefined) inodes.add(`socket:[${inode}]`);
    }
  }
  return inodes;
};

/** Process that listens on a TCP port, or undefined where the kernel does not tell (another user's process, another system). */
export const portHolder = (port: number): number | undefined => {
  const inodes = listeningInodes(port);
  if (inodes.size === 0) return undefined;
  for (const entry of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(entry)) continue;
    try {
      for (const descriptor of readdirSync(`/proc/${entry}/fd`)) {
        if (inodes.has(readlinkSync(`/proc/${entry}/fd/${descriptor}`))) return Number(entry);
      }
    } catch {
      continue; // the process ended or belongs to somebody else
    }
  }
  return undefined;
};

/**
 * The port to listen on: the wanted one if it is free, a free one for 0.
 * @throws FulltapeError PORT_TAKEN naming the port, the setting and the process that holds it.
 */
export const choosePort = async (options: { readonly host: string; readonly port: number; readonly setting: string }): Promise<number> => {
  try {
    return options.port === 0 ? await listenOnFreePort(options.host) : await listenOnce(options.host, options.port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    const holder = portHolder(options.port);
    throw new FulltapeError(
      'PORT_TAKEN',
      {
        port: String(options.port),
        setting: options.setting,
        holder: holder === undefined ? 'unknown' : `${processName(holder)} (pid ${holder})`,
      },
      { cause: error },
    );
  }
};
