import { readFileSync } from 'node:fs';
import * as capnp from 'capnp-es';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as layout from './layout.generated.js';
import {
  decodeCommandRecord,
  decodeReportRecord,
  encodeAnswerRecord,
  encodeCommandRecord,
  encodeReportRecord,
  recordBytes,
  type CommandRecord,
  type ReportRecord,
} from './layout.generated.js';
import { buildCommandBatch, buildCommandBatchAnswer, openCommandBatch, openCommandBatchAnswer, openCommit, viewOf } from './message.js';
import * as reference from './reference/tape.generated.js';

// The reference codec is Cap'n Proto's own; the fixed offsets must agree with it field by field, both ways.

type Fields = Record<string, number | bigint | string>;

const bitsOf: Record<string, number> = { UInt8: 8, UInt16: 16, UInt32: 32, UInt64: 64, Int8: 8, Int16: 16, Int32: 32, Int64: 64 };

/** Kinds and field types, read from the schema text itself and not from the generated tables. */
const schemaKinds = (struct: string): { name: string; fields: { name: string; type: string }[] }[] => {
  const text = readFileSync(new URL('../../schemas/tape.capnp', import.meta.url), 'utf8');
  const body = text.slice(text.indexOf(`struct ${struct} {`)).split(/^}/m)[0] ?? '';
  return [...body.matchAll(/(\w+) :group \{[^}]*?\}/gs)].map((match) => ({
    name: match[1] ?? '',
    fields: [...match[0].matchAll(/(\w+)\s+@\d+\s+:(\w+);/g)].map((field) => ({ name: field[1] ?? '', type: field[2] ?? '' })),
  }));
};

const valueOf = (type: string): fc.Arbitrary<number | bigint> => {
  const bits = bitsOf[type] ?? 0;
  const signed = type.startsWith('Int');
  if (bits === 64) return signed ? fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) : fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  return signed ? fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 }) : fc.integer({ min: 0, max: 2 ** bits - 1 });
};

const recordOf = (fields: readonly { name: string; type: string }[]): fc.Arbitrary<Fields> =>
  fc.record(Object.fromEntries(fields.map((field) => [field.name, valueOf(field.type)])));

const commandHead = [
  { name: 'extensionCount', type: 'UInt8' },
  { name: 'flags', type: 'UInt8' },
  { name: 'sessionId', type: 'UInt32' },
  { name: 'timeNanos', type: 'UInt64' },
];
const reportHead = [
  { name: 'flags', type: 'UInt8' },
  { name: 'extensionCount', type: 'UInt8' },
  { name: 'commandIndex', type: 'UInt32' },
];

const referenceBytes = <Struct extends capnp.Struct>(
  type: capnp.StructCtor<Struct>,
  initGroup: string,
  head: Fields,
  fields: Fields,
): Uint8Array => {
  const message = new capnp.Message();
  const root = message.initRoot(type);
  for (const [name, value] of Object.entries(head)) Reflect.set(root, name, value);
  const init: unknown = Reflect.get(root, initGroup);
  const group: unknown = typeof init === 'function' ? Reflect.apply(init, root, []) : null;
  if (typeof group !== 'object' || group === null) throw new Error(`no group ${initGroup}`);
  for (const [name, value] of Object.entries(fields)) Reflect.set(group, name, value);
  // Behind the segment table and the root pointer lies the data section.
  return new Uint8Array(message.toArrayBuffer()).slice(16, 16 + recordBytes);
};

describe.each([
  { struct: 'CommandRecord', head: commandHead, count: 29 },
  { struct: 'ReportRecord', head: reportHead, count: 11 },
])('$struct', ({ struct, head, count }) => {
  const kinds = schemaKinds(struct);

  it('has every kind of the schema', () => {
    expect(kinds).toHaveLength(count);
    const tags = struct === 'CommandRecord' ? layout.CommandRecordTag : layout.ReportRecordTag;
    expect(Object.keys(tags)).toEqual(kinds.map((kind) => kind.name));
  });

  it.each(kinds)('packs $name as Cap’n Proto does', ({ name, fields }) => {
    fc.assert(
      fc.property(recordOf(head), recordOf(fields), (headFields, groupFields) => {
        const record = { type: name, ...headFields, ...groupFields };
        const ours = new Uint8Array(recordBytes).fill(0xff);
        if (struct === 'CommandRecord') encodeCommandRecord(viewOf(ours), 0, record as unknown as CommandRecord);
        else encodeReportRecord(viewOf(ours), 0, record as unknown as ReportRecord);
        const initGroup = `_init${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`;
        const theirs =
          struct === 'CommandRecord'
            ? referenceBytes(reference.CommandRecord, initGroup, headFields, groupFields)
            : referenceBytes(reference.ReportRecord, initGroup, headFields, groupFields);
        expect(ours).toEqual(theirs);
        expect(struct === 'CommandRecord' ? decodeCommandRecord(viewOf(ours), 0) : decodeReportRecord(viewOf(ours), 0)).toEqual(record);
      }),
      { numRuns: 40 },
    );
  });

  it('answers null for a kind of a later release', () => {
    const bytes = new Uint8Array(recordBytes);
    viewOf(bytes).setUint16(2, 999, true);
    expect(decodeCommandRecord(viewOf(bytes), 0)).toBeNull();
    expect(decodeReportRecord(viewOf(bytes), 0)).toBeNull();
  });
});

describe('messages', () => {
  const records = (count: number): Uint8Array => Uint8Array.from({ length: count * recordBytes }, (_, index) => (index * 7) % 256);

  it.each([0, 1, 5, 1000])('a batch of %i records is read by the reference codec', (count) => {
    const bytes = buildCommandBatch({ ackLevel: 2, flags: 1, commandCount: count, deadlineNanos: 123n }, records(count));
    const root = new capnp.Message(bytes, false).getRoot(reference.CommandBatch);
    expect([root.ackLevel, root.flags, root.commandCount, root.deadlineNanos]).toEqual([2, 1, count, 123n]);
    expect(root.commands.length).toBe(count);
    if (count > 0) {
      const last = decodeCommandRecord(viewOf(records(count)), (count - 1) * recordBytes);
      expect(root.commands.get(count - 1).timeNanos).toBe(
        last?.timeNanos ?? viewOf(records(count)).getBigUint64((count - 1) * recordBytes + 8, true),
      );
    }
    const opened = openCommandBatch(bytes);
    expect(opened.header).toEqual({ ackLevel: 2, flags: 1, commandCount: count, deadlineNanos: 123n });
    expect(opened.commands.count).toBe(count);
    expect(bytes.subarray(opened.commands.at, opened.commands.at + count * recordBytes)).toEqual(records(count));
  });

  it('reads what the reference codec wrote', () => {
    const message = new capnp.Message();
    const root = message.initRoot(reference.Commit);
    root.firstCommandNumber = 77n;
    root.hash3 = 2n ** 64n - 1n;
    root._initCommands(3).get(2)._initPlaceOrder().quantityLots = -5n;
    root._initReports(2).get(1)._initTrade().tradeId = 9n;
    const opened = openCommit(new Uint8Array(message.toArrayBuffer()));
    expect(opened.header.firstCommandNumber).toBe(77n);
    expect(opened.header.hash3).toBe(2n ** 64n - 1n);
    expect([opened.commands.count, opened.reports.count]).toEqual([3, 2]);
    expect(decodeCommandRecord(opened.view, opened.commands.at + 2 * recordBytes)).toMatchObject({ type: 'placeOrder', quantityLots: -5n });
    expect(decodeReportRecord(opened.view, opened.reports.at + recordBytes)).toMatchObject({ type: 'trade', tradeId: 9n });
  });

  it('carries answers', () => {
    const answer = {
      commandNumber: 5n,
      orderId: 4n,
      leavesQuantityLots: 3n,
      cumQuantityLots: 2n,
      cumNotionalUnits: 1n,
      observed: -1n,
      limit: -2n,
      code: 2001,
      orderStatus: 7,
      execType: 5,
      flags: 1,
      commandKind: 1,
      commandIndex: 6,
    };
    const bytes = new Uint8Array(recordBytes);
    encodeAnswerRecord(viewOf(bytes), 0, answer);
    const header = {
      code: 0,
      ackLevel: 2,
      shard: 3,
      epoch: 4n,
      firstCommandNumber: 5n,
      lastCommandNumber: 5n,
      streamSequence: 6n,
      retryAfterMs: 7,
    };
    expect(openCommandBatchAnswer(buildCommandBatchAnswer(header, bytes))).toEqual({ header, answers: [answer] });
  });

  it('refuses every cut of a message and survives every single-byte change', () => {
    const bytes = buildCommandBatch({ ackLevel: 1, flags: 0, commandCount: 2, deadlineNanos: 0n }, records(2));
    for (let length = 0; length < bytes.length; length += 1)
      expect(() => openCommandBatch(bytes.slice(0, length))).toThrow('MALFORMED_COMMAND_MESSAGE');
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = bytes.slice();
        damaged[at] = (damaged[at] ?? 0) ^ change;
        try {
          const opened = openCommandBatch(damaged);
          expect(opened.commands.at + opened.commands.count * recordBytes).toBeLessThanOrEqual(damaged.length);
        } catch (error) {
          expect(String(error)).toContain('MALFORMED_COMMAND_MESSAGE');
        }
      }),
      { numRuns: 2000 },
    );
  });
});
