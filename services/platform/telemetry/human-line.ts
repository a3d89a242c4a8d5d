import { z } from 'zod';

const lineSchema = z.looseObject({ level: z.number(), time: z.string(), msg: z.string().default(''), process: z.string().default('') });
const levelNames = new Map([
  [10, 'trace'],
  [20, 'debug'],
  [30, 'info'],
  [40, 'warn'],
  [50, 'error'],
  [60, 'fatal'],
]);

const fieldText = (value: unknown): string => {
  if (typeof value === 'string') return /^[^\s"]+$/.test(value) ? value : JSON.stringify(value);
  const record = value as { message?: unknown } | null;
  if (typeof record === 'object' && record !== null && typeof record.message === 'string') return JSON.stringify(record.message);
  return JSON.stringify(value);
};

/** Level number of a JSON log line, or undefined when the line is something else. */
export const logLineLevel = (line: string): number | undefined => {
  if (!line.startsWith('{')) return undefined;
  try {
    const parsed = lineSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data.level : undefined;
  } catch {
    return undefined;
  }
};

/** One JSON log line as a line for people: time, level, process, event, fields. Any other text passes unchanged. */
export const humanLine = (line: string): string => {
  if (!line.startsWith('{')) return line;
  let parsed: z.output<typeof lineSchema>;
  try {
    parsed = lineSchema.parse(JSON.parse(line));
  } catch {
    return line;
  }
  const { level, time, msg, process: name, pid: _pid, hostname: _hostname, ...fields } = parsed;
  const rest = Object.entries(fields).map(([key, value]) => ` ${key}=${fieldText(value)}`);
  return `${time.slice(11, 23)} ${(levelNames.get(level) ?? String(level)).padEnd(5)} ${name} ${msg}${rest.join('')}\n`;
};
