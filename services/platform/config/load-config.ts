import { readFileSync, writeFileSync } from 'node:fs';
import { FulltapeError } from '#contracts/result/result.js';
import { configSchema, type FulltapeConfig } from './config.js';

/** Writes what a role process needs, secrets included, readable by its owner alone. */
export const writeConfig = (path: string, config: FulltapeConfig): void => {
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
};

/** Configuration of this process: the file that FULLTAPE_CONFIG_JSON names. */
export const loadConfig = (path: string | undefined = process.env['FULLTAPE_CONFIG_JSON']): FulltapeConfig => {
  if (path === undefined) {
    throw new FulltapeError('INVALID_ARGUMENT', {
      argument: 'FULLTAPE_CONFIG_JSON',
      expected: 'the path of the configuration of a started platform',
    });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new FulltapeError('INVALID_ARGUMENT', { argument: path, expected: 'a readable JSON file' }, { cause: error });
  }
  const result = configSchema.safeParse(parsed);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new FulltapeError('INVALID_ARGUMENT', { argument: `${path}:${issue?.path.join('.') ?? ''}`, expected: issue?.message ?? 'valid' });
};
