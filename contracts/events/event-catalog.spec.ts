import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { accountEventShapes } from './account-events.js';
import { EventCodec, eventShape, readEventData, type EventShape } from './event-catalog.js';
import { instrumentEventShapes, instrumentEvents } from './instrument-events.js';
import { portfolioEventShapes, defaultPortfolioId } from './portfolio-events.js';
import { sameData } from './same-data.js';
import { seedingEventShapes } from './seeding-events.js';

const folder = join(import.meta.dirname, 'golden');
const shapes: readonly EventShape<object>[] = [
  ...instrumentEventShapes,
  ...accountEventShapes,
  ...portfolioEventShapes,
  ...seedingEventShapes,
];
const golden = (type: string, version: number): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, `${type}.v${version}.json`), 'utf8')) as Record<string, unknown>;
const versions = shapes.flatMap((shape) =>
  Array.from({ length: shape.schemaVersion }, (_, index) => ({ shape, type: shape.type, version: index + 1 })),
);

const floatsIn = (value: unknown): unknown[] => {
  if (typeof value === 'number') return Number.isInteger(value) ? [] : [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(floatsIn) : [];
};

describe('stored events', () => {
  it.each(versions)('reads $type version $version as it was written', ({ shape, type, version }) => {
    const data = readEventData(shape, { type, schemaVersion: version, data: golden(type, version) });
    expect(floatsIn(data)).toEqual([]);
    if (version === shape.schemaVersion) {
      expect(data).toStrictEqual(golden(type, version));
      expect(new EventCodec([shape]).encode({ type, ...data })).toStrictEqual({
        type,
        schemaVersion: version,
        data: golden(type, version),
      });
    }
  });

  it('has a golden file for every version and none beside', () => {
    expect(readdirSync(folder).sort()).toEqual(versions.map(({ type, version }) => `${type}.v${version}.json`).sort());
  });

  it('brings every old version through all upcasters in order', () => {
    const shape = eventShape({
      type: 'Priced',
      schemaVersion: 3,
      schema: z.object({ price: z.string(), currency: z.string(), source: z.string() }),
      upcasters: [({ priceCents }) => ({ price: `${String(priceCents)}e-2`, currency: 'USD' }), (data) => ({ ...data, source: 'unknown' })],
    });
    const read = (schemaVersion: number, data: Record<string, unknown>): unknown =>
      readEventData(shape, { type: 'Priced', schemaVersion, data });
    expect(read(1, { priceCents: 1_250 })).toEqual({ price: '1250e-2', currency: 'USD', source: 'unknown' });
    expect(read(2, { price: '12.50', currency: 'EUR' })).toEqual({ price: '12.50', currency: 'EUR', source: 'unknown' });
    expect(read(3, { price: '12.50', currency: 'EUR', source: 'desk' })).toEqual({ price: '12.50', currency: 'EUR', source: 'desk' });
    expect(() => read(4, {})).toThrow(expect.objectContaining({ code: 'UNKNOWN_EVENT_TYPE' }));
    expect(() => read(3, { price: 12.5 })).toThrow(expect.objectContaining({ code: 'UNKNOWN_EVENT_TYPE' }));
  });

  it('refuses a shape whose upcasters do not match its version', () => {
    expect(() => eventShape({ type: 'Bad', schemaVersion: 2, schema: z.object({}), upcasters: [] })).toThrow(RangeError);
  });

  it('refuses types that it does not know, and prices that are JSON numbers', () => {
    expect(instrumentEvents.knows('AccountOpened')).toBe(false);
    expect(() => instrumentEvents.decode({ type: 'AccountOpened', schemaVersion: 1, data: {} })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_EVENT_TYPE' }),
    );
    const float = { ...golden('InstrumentListed', 1), openingPrice: 64_250.5 };
    expect(() => instrumentEvents.decode({ type: 'InstrumentListed', schemaVersion: 1, data: float })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_EVENT_TYPE' }),
    );
  });

  it('compares data without regard to the order of fields', () => {
    expect(sameData({ a: [1, { b: null }], c: 'x' }, { c: 'x', a: [1, { b: null }] })).toBe(true);
    for (const other of [{ a: [1, { b: 0 }], c: 'x' }, { a: [1, { b: null }] }, { a: { 0: 1, 1: { b: null } }, c: 'x' }, null]) {
      expect(sameData({ a: [1, { b: null }], c: 'x' }, other)).toBe(false);
    }
  });

  it('names the portfolio of an account by a UUID made of its number', () => {
    expect(defaultPortfolioId(1001)).toBe('000003e9-0002-8000-8000-000000000000');
  });
});
