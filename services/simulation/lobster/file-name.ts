/** What the name of a LOBSTER file says: `SYMBOL_2012-06-21_34200000_57600000_message_5.csv`. */
export interface DayName {
  readonly symbol: string | null;
  /** Calendar day at the exchange, `YYYY-MM-DD`. */
  readonly day: string | null;
}

/** Day of a replay whose file name has none. Fixed, so that the same file always gives the same tape. */
export const defaultDay = '2012-06-21';
/** LOBSTER counts seconds after midnight at NASDAQ. */
const exchangeTimeZone = 'America/New_York';

const namePattern = /^([A-Za-z][A-Za-z0-9.-]{0,15})_/;
const dayPattern = /(?:^|_)(\d{4}-\d{2}-\d{2})(?:_|\.|$)/;

/** Reads a path of either platform: with `/` or `\`. */
export const parseDayName = (path: string): DayName => {
  const name = path.split(/[/\\]/).at(-1) ?? '';
  const day = dayPattern.exec(name)?.[1];
  const isDay = day !== undefined && !Number.isNaN(Date.parse(`${day}T00:00:00Z`));
  return { symbol: namePattern.exec(name)?.[1]?.toUpperCase() ?? null, day: isDay ? day : null };
};

const wallTimeMs = (utcMs: number): number => {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: exchangeTimeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const part = Object.fromEntries(format.formatToParts(utcMs).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(
    part['year'] ?? 0,
    (part['month'] ?? 1) - 1,
    part['day'] ?? 1,
    part['hour'] ?? 0,
    part['minute'] ?? 0,
    part['second'] ?? 0,
  );
};

/** UNIX nanoseconds of midnight at the exchange on this day. */
export const midnightNanos = (day: string): bigint => {
  const asUtc = Date.parse(`${day}T00:00:00Z`);
  // The clock changes at 2 o'clock, so the offset at this instant or one offset later is the one of midnight.
  const first = asUtc - (wallTimeMs(asUtc) - asUtc);
  const second = asUtc - (wallTimeMs(first) - first);
  return BigInt(second) * 1_000_000n;
};
