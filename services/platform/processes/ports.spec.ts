import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { choosePort, freePortMin, outgoingPortMin, portHolder } from './ports.js';
import { isAlive, isSameProcess, processStartTime } from './process-table.js';

describe('ports and processes', () => {
  it('chooses a free port for 0 and names the holder of one that is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(portHolder(port)).toBe(process.pid);
    await expect(choosePort({ host: '127.0.0.1', port, setting: 'gateway.port' })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      details: { port: String(port), setting: 'gateway.port', holder: expect.stringContaining(`pid ${process.pid}`) },
    });
    const free = await choosePort({ host: '127.0.0.1', port: 0, setting: 'gateway.port' });
    expect(free).toBeGreaterThan(0);
    expect(free).not.toBe(port);
    await new Promise<void>((resolve) => server.close(() => resolve()));
    expect(await choosePort({ host: '127.0.0.1', port, setting: 'gateway.port' })).toBe(port);
  });

  // A system may give nearly all its ports to outgoing connections; then any free one is chosen.
  it.skipIf(outgoingPortMin() <= freePortMin)('chooses for 0 a port that no outgoing connection gets, another one each time', async () => {
    const chosen = await Promise.all(Array.from({ length: 200 }, () => choosePort({ host: '127.0.0.1', port: 0, setting: 'nats.port' })));
    expect(new Set(chosen).size).toBe(200);
    expect(Math.min(...chosen)).toBeGreaterThanOrEqual(freePortMin);
    expect(Math.max(...chosen)).toBeLessThan(outgoingPortMin());
  });

  it('tells a process from another one with the same pid', () => {
    const startTime = processStartTime(process.pid) ?? '';
    expect(startTime).not.toBe('');
    expect(isSameProcess(process.pid, startTime)).toBe(true);
    expect(isSameProcess(process.pid, `${startTime}0`)).toBe(false);
    expect(isAlive(2 ** 22 + 1)).toBe(false); // above the largest pid
  });
});
