import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { FulltapeError } from '#contracts/result/result.js';
import { settingsSchema, type Settings } from './config.js';

export type SettingsOverride = { readonly [key: string]: unknown };

/** Variables that steer set-up and processes rather than a setting. */
const reservedVariables = new Set([
  'FULLTAPE_CONFIG_JSON',
  'FULLTAPE_CLICKHOUSE_OPTIONS',
  'FULLTAPE_DATA',
  'FULLTAPE_GATEWAY_URL',
  'FULLTAPE_NO_SETUP',
  'FULLTAPE_PROCESS',
  'FULLTAPE_TOKEN',
]);

interface Leaf {
  readonly path: readonly string[];
  readonly kind: 'string' | 'number' | 'boolean' | 'array';
}

const unwrapType = (type: z.core.$ZodType): z.core.$ZodType => {
  const definition = type._zod.def;
  return 'innerType' in definition ? unwrapType(definition.innerType as z.core.$ZodType) : type;
};

const leavesOf = (type: z.core.$ZodType, path: readonly string[] = []): Leaf[] => {
  const inner = unwrapType(type);
  const definition = inner._zod.def;
  if (definition.type === 'object') {
    const shape = (definition as z.core.$ZodObjectDef).shape;
    return Object.entries(shape).flatMap(([key, child]) => leavesOf(child, [...path, key]));
  }
  const kind =
    definition.type === 'number' || definition.type === 'boolean' || definition.type === 'array' ? definition.type : ('string' as const);
  return [{ path, kind }];
};

/** `gateway.port` is FULLTAPE_GATEWAY_PORT; camel case becomes words. */
export const variableOf = (path: readonly string[]): string =>
  `FULLTAPE_${path.map((part) => part.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()).join('_')}`;

const leafByVariable = new Map(leavesOf(settingsSchema).map((leaf) => [variableOf(leaf.path), leaf]));

/** Every variable that sets something, for help and documentation. */
export const settingVariables = (): readonly string[] => [...leafByVariable.keys()];

const parseVariable = (name: string, leaf: Leaf, text: string): unknown => {
  const refuseValue = (expected: string): never => {
    throw new FulltapeError('INVALID_ARGUMENT', { argument: name, expected });
  };
  switch (leaf.kind) {
    case 'number':
      return /^-?[0-9]+(\.[0-9]+)?$/.test(text) ? Number(text) : refuseValue('a number');
    case 'boolean':
      if (text === 'true' || text === '1') return true;
      if (text === 'false' || text === '0') return false;
      return refuseValue('true or false');
    case 'array':
      return text.split(',').map((part) => part.trim());
    case 'string':
      return text;
  }
};

const setPath = (target: Record<string, unknown>, path: readonly string[], value: unknown): void => {
  const [head, ...rest] = path;
  if (head === undefined) return;
  if (rest.length === 0) {
    target[head] = value;
    return;
  }
  const child = target[head];
  const next: Record<string, unknown> = typeof child === 'object' && child !== null ? { ...child } : {};
  target[head] = next;
  setPath(next, rest, value);
};

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const merge = (base: SettingsOverride, over: SettingsOverride): Record<string, unknown> => {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const existing = result[key];
    result[key] = isRecord(existing) && isRecord(value) ? merge(existing, value) : value;
  }
  return result;
};

const fromEnvironment = (environment: NodeJS.ProcessEnv): Record<string, unknown> => {
  const result: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith('FULLTAPE_') || reservedVariables.has(name) || text === undefined) continue;
    const leaf = leafByVariable.get(name);
    // A misspelt variable that is silently ignored is worse than a start that fails.
    if (leaf === undefined) throw new FulltapeError('INVALID_ARGUMENT', { argument: name, expected: 'the name of a setting' });
    setPath(result, leaf.path, parseVariable(name, leaf, text));
  }
  return result;
};

const fromFile = (dataDir: string): Record<string, unknown> => {
  const path = join(dataDir, 'config.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new FulltapeError('INVALID_ARGUMENT', { argument: path, expected: 'a readable file' }, { cause: error });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new FulltapeError('INVALID_ARGUMENT', { argument: path, expected: 'JSON' }, { cause: error });
  }
  if (!isRecord(parsed)) throw new FulltapeError('INVALID_ARGUMENT', { argument: path, expected: 'a JSON object' });
  return parsed;
};

/**
 * Settings by precedence: defaults < DIR/config.json < environment < flags.
 * @throws FulltapeError INVALID_ARGUMENT that names the setting and what it may be.
 */
export const loadSettings = (options: {
  readonly dataDir: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly flags?: SettingsOverride;
}): Settings => {
  const layers = [fromFile(options.dataDir), fromEnvironment(options.environment ?? process.env), options.flags ?? {}];
  const parsed = settingsSchema.safeParse(layers.reduce<Record<string, unknown>>(merge, {}));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const argument = issue === undefined ? 'config' : issue.path.map(String).join('.');
  throw new FulltapeError('INVALID_ARGUMENT', {
    argument,
    variable: variableOf(argument.split('.')),
    expected: issue?.message ?? 'valid settings',
  });
};
