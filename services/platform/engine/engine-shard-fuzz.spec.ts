import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FulltapeError } from '#contracts/result/result.js';
import { EngineShard } from './engine-shard.js';
import { batchOf, flowOrder, marketOpenNanos, openMarket } from './testing/market.js';

/**
 * Every method of the binding with every argument replaced by everything that JavaScript can put there: a typed error, no crash, no
 * coercion (koffi alone would take -1 for 4294967295, 1.5 for 1 and null for a null pointer), and the engine as it was.
 */
const config = { shard: 0, maxOrders: 1_024, maxAccounts: 16, maxInstruments: 4 };

const detached = (): Uint8Array => {
  const bytes = new Uint8Array(64);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
};
const shrunk = (): Uint8Array => {
  const buffer = new ArrayBuffer(128, { maxByteLength: 256 });
  const bytes = new Uint8Array(buffer, 64, 64);
  buffer.resize(32);
  return bytes;
};
const circular: Record<string, unknown> = {};
circular['self'] = circular;

/** Values that are no sound number, no sound bigint and no sound message. Functions make them anew where a test could change them. */
const absurd: readonly (readonly [string, () => unknown])[] = [
  ['NaN', () => Number.NaN],
  ['null', () => null],
  ['undefined', () => undefined],
  ['Infinity', () => Number.POSITIVE_INFINITY],
  ['-Infinity', () => Number.NEGATIVE_INFINITY],
  ['huge', () => 1e300],
  ['2^53', () => 2 ** 53],
  ['negative', () => -1],
  ['fractional', () => 1.5],
  ['-2^31', () => -(2 ** 31)],
  ['bigint 2^64', () => 2n ** 64n],
  ['bigint 2^200', () => 2n ** 200n],
  ['bigint -1', () => -1n],
  ['bigint -2^63', () => -(2n ** 63n)],
  ['text', () => '1'],
  ['empty text', () => ''],
  ['true', () => true],
  ['symbol', () => Symbol('s')],
  ['function', () => () => 1],
  ['object', () => ({})],
  ['object without prototype', () => Object.create(null) as unknown],
  [
    'object that throws',
    () => ({
      toString: () => {
        throw new Error('no');
      },
      valueOf: () => {
        throw new Error('no');
      },
    }),
  ],
  ['circular', () => circular],
  ['array', () => [1, 2, 3]],
  ['number object', () => Object(1) as unknown],
  ['bigint object', () => Object(1n) as unknown],
  ['date', () => new Date(0)],
  ['ArrayBuffer', () => new ArrayBuffer(64)],
  ['DataView', () => new DataView(new ArrayBuffer(64))],
  ['Float64Array', () => new Float64Array(8)],
  ['BigUint64Array', () => new BigUint64Array(8)],
  ['a proxy of bytes', () => new Proxy(new Uint8Array(64), {})],
  ['an heir of bytes', () => Object.create(Uint8Array.prototype) as unknown],
  ['empty bytes', () => new Uint8Array(0)],
  ['detached bytes', detached],
  ['bytes of a shrunk buffer', shrunk],
  ['bytes that are no message', () => new Uint8Array(64).fill(0xff)],
  ['bytes of no whole words', () => new Uint8Array(63)],
];

/** A method and arguments that are sound. */
const methods: readonly {
  readonly name: keyof EngineShard;
  readonly sound: () => readonly unknown[];
}[] = [
  { name: 'enqueue', sound: () => [batchOf([flowOrder(0, 'x')])] },
  { name: 'execute', sound: () => [marketOpenNanos, { timesSupplied: true }] },
  { name: 'executeLent', sound: () => [marketOpenNanos, { timesSupplied: true }] },
  { name: 'submitLent', sound: () => [batchOf([flowOrder(0, 'x')]), marketOpenNanos, { timesSupplied: true }] },
  { name: 'startEpoch', sound: () => [7n] },
  { name: 'apply', sound: () => [new Uint8Array(64)] },
  { name: 'refuseNext', sound: () => [0] },
  { name: 'journalAcknowledge', sound: () => [0n] },
  { name: 'journalTrim', sound: () => [0n] },
  { name: 'explain', sound: () => [0n, 0n, 0n] },
  { name: 'book', sound: () => [1, 1] },
];

const typedCodes = new Set([
  'INVALID_ARGUMENT',
  'MALFORMED_COMMAND_MESSAGE',
  'UNKNOWN_COMMAND_KIND',
  'BATCH_TOO_LARGE',
  'TAPE_CORRUPT',
  'UNKNOWN_INSTRUMENT_ID',
  'FFI_BAD_CONFIG',
  'FFI_BAD_HANDLE',
]);

const outcomeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return error instanceof FulltapeError ? error.code : `untyped: ${error instanceof Error ? error.message : typeof error}`;
  }
  return 'accepted';
};

const call = (shard: EngineShard, name: keyof EngineShard, parameters: readonly unknown[]): string => {
  const method: unknown = shard[name];
  if (typeof method !== 'function') throw new Error(`${name} is no method`);
  return outcomeOf(() => Reflect.apply(method, shard, parameters));
};

describe('every argument of every binding', () => {
  let shard: EngineShard;
  let before: string;
  beforeAll(() => {
    shard = EngineShard.open(config);
    shard.startEpoch(1n);
    shard.enqueue(batchOf(openMarket));
    shard.execute(marketOpenNanos, { timesSupplied: true });
    before = shard.stateHash();
  });
  afterAll(() => shard.close());

  it.each(methods.flatMap(({ name, sound }) => sound().map((_, index) => [name, index] as const)))('%s, argument %i', (name, index) => {
    const method = methods.find((one) => one.name === name);
    for (const [label, make] of absurd) {
      const parameters = [...(method?.sound() ?? [])];
      parameters[index] = make();
      const code = call(shard, name, parameters);
      expect(typedCodes, `${name}(${label}) gave ${code}`).toContain(code);
      expect([shard.stateHash(), shard.waitingRecords], `${name}(${label})`).toEqual([before, 0]);
    }
  });

  it('a missing argument is refused as a wrong one', () => {
    for (const { name } of methods) expect(typedCodes, name).toContain(call(shard, name, []));
    expect(shard.stateHash()).toBe(before);
  });

  it('messages cut at every byte and shifted to every alignment', () => {
    const message = batchOf([flowOrder(1, 'y')]);
    for (let length = 0; length < message.byteLength; length += 1)
      for (const take of [
        () => shard.enqueue(message.subarray(0, length)),
        () => shard.submitLent(message.subarray(0, length), marketOpenNanos, { timesSupplied: true }),
      ])
        expect(outcomeOf(take)).toBe('MALFORMED_COMMAND_MESSAGE');
    expect([shard.stateHash(), shard.waitingRecords]).toEqual([before, 0]);
    withShards((copy) => {
      for (let shift = 0; shift < 8; shift += 1) {
        const buffer = new Uint8Array(message.byteLength + 8);
        buffer.set(message, shift);
        expect(outcomeOf(() => copy.enqueue(buffer.subarray(shift, shift + message.byteLength)))).toBe('accepted');
      }
      expect(copy.waitingRecords).toBe(16);
    });
  });

  it('a message whose buffer is changed or detached behind the call: it was copied', () => {
    withShards((copy) => {
      const message = batchOf(openMarket);
      copy.enqueue(message);
      message.fill(0xff);
      if (message.buffer instanceof ArrayBuffer) structuredClone(message.buffer, { transfer: [message.buffer] });
      expect(message.byteLength).toBe(0);
      copy.execute(marketOpenNanos, { timesSupplied: true });
      expect(copy.nextCommandNumber).toBe(BigInt(openMarket.length) + 1n);
    });
  });
});

const withShards = (use: (shard: EngineShard) => void): void => {
  const shard = EngineShard.open(config);
  try {
    use(shard);
  } finally {
    shard.close();
  }
};

describe('a configuration', () => {
  it.each(['shard', 'journalBytesMax', 'maxOrders', 'maxAccounts', 'maxInstruments', 'commitBytesMax', 'stateHashEveryCommits'])(
    'with any absurd %s',
    (field) => {
      for (const [label, make] of absurd) {
        // What is not there has its default.
        if (field !== 'shard' && label === 'undefined') continue;
        const value = make();
        const code = outcomeOf(() => {
          const opened: unknown = Reflect.apply(EngineShard.open, EngineShard, [{ ...config, [field]: value }]);
          if (opened instanceof EngineShard) opened.close();
        });
        expect(['INVALID_ARGUMENT', 'FFI_BAD_CONFIG', 'ENVIRONMENT_INCOMPLETE'], `${field} ${label} gave ${code}`).toContain(code);
      }
    },
  );

  it('that is no configuration at all', () => {
    for (const [label, make] of absurd) {
      const code = outcomeOf(() => Reflect.apply(EngineShard.open, EngineShard, [make()]));
      expect(['INVALID_ARGUMENT', 'FFI_BAD_CONFIG'], `${label} gave ${code}`).toContain(code);
    }
  });
});

describe('a freed handle', () => {
  it('is refused by every method and every status, whatever the arguments', () => {
    const shard = EngineShard.open(config);
    shard.close();
    // Another shard takes the freed memory: nothing of it must show through the old one.
    withShards((other) => {
      other.enqueue(batchOf(openMarket));
      for (const { name, sound } of methods) {
        expect(call(shard, name, sound()), name).toBe('FFI_BAD_HANDLE');
        for (const [label, make] of absurd) {
          const code = call(
            shard,
            name,
            sound().map(() => make()),
          );
          expect(typedCodes, `${name}(${label}) gave ${code}`).toContain(code);
        }
      }
      for (const name of ['pending', 'journalNext', 'journalQuarantine', 'stateHash'] as const)
        expect(call(shard, name, []), name).toBe('FFI_BAD_HANDLE');
      for (const name of ['nextCommandNumber', 'headHash', 'trades', 'openOrders', 'journal', 'culpritIndex'] as const)
        expect(outcomeOf(() => shard[name])).toBe('FFI_BAD_HANDLE');
      expect(other.waitingRecords).toBeGreaterThan(0);
    });
  });
});
