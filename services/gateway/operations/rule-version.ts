import { ok, refuse, type Result } from '#contracts/result/result.js';

/** Version of a rule, which refusals by it repeat. */
export const parseVersion = (version: number): Result<number> =>
  version >= 1 ? ok(version) : refuse('INVALID_ARGUMENT', { argument: 'version', value: String(version), expected: '1 or more' });
