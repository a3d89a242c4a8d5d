import { connect, createServer, type Server, type Socket } from 'node:net';

/** A proxy in front of PostgreSQL that counts the statements that pass (Parse and Query messages of the wire protocol). */
export interface StatementCounter {
  /** The database's URL through the proxy. */
  readonly url: string;
  readonly count: number;
  reset(): void;
  close(): Promise<void>;
}

const parse = 'P'.charCodeAt(0);
const query = 'Q'.charCodeAt(0);

/** Reads the frames of one client: the first has no type byte, each later one has a type and a length that counts itself. */
class FrameCounter {
  #pending: Buffer = Buffer.alloc(0);
  #isStarted = false;

  /** Statements in the bytes that have come so far and were not counted yet. */
  take(chunk: Buffer): number {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    let statements = 0;
    for (;;) {
      const typeBytes = this.#isStarted ? 1 : 0;
      if (this.#pending.byteLength < typeBytes + 4) return statements;
      const length = typeBytes + this.#pending.readInt32BE(typeBytes);
      if (this.#pending.byteLength < length) return statements;
      const type = this.#isStarted ? this.#pending.readUInt8(0) : 0;
      if (type === parse || type === query) statements += 1;
      this.#isStarted = true;
      this.#pending = this.#pending.subarray(length);
    }
  }
}

export const countStatements = async (databaseUrl: string): Promise<StatementCounter> => {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let count = 0;
  const server: Server = createServer((client) => {
    const upstream = connect({ host: target.hostname, port: Number(target.port) });
    const frames = new FrameCounter();
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk: Buffer) => {
      count += frames.take(chunk);
    });
    client.pipe(upstream);
    upstream.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(typeof address === 'object' && address !== null ? address.port : 0);
  return {
    url: url.href,
    get count() {
      return count;
    },
    reset: () => {
      count = 0;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
