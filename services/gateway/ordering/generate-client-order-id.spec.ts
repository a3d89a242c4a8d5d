import { expect, it } from 'vitest';
import { parseClientOrderId } from '#contracts/ids/ids.js';
import { generateClientOrderId } from './generate-client-order-id.js';

it('is a UUID of version 7 that the platform takes as a client order id', () => {
  const id = generateClientOrderId();
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(parseClientOrderId(id).ok).toBe(true);
});

it('begins with the milliseconds and keeps the random bits', () => {
  expect(generateClientOrderId(0x0123_4567_89ab, Buffer.from('ffffffffffffffffffff', 'hex'))).toBe('01234567-89ab-7fff-bfff-ffffffffffff');
  expect(generateClientOrderId(1, Buffer.alloc(10)) < generateClientOrderId(2, Buffer.alloc(10))).toBe(true);
});

it('does not repeat', () => {
  expect(new Set(Array.from({ length: 10_000 }, () => generateClientOrderId(7))).size).toBe(10_000);
});
