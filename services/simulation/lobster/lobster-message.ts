import { Side } from '#contracts/tape/codes.generated.js';

/**
 * One line of a LOBSTER message file (`LOBSTER_SampleFiles_ReadMe.txt` of lobsterdata.com; type 6 and the seventh column are of newer files).
 * Prices are the file's own integers, dollars x 10,000.
 */
export type LobsterMessage =
  | {
      readonly type: 'submit' | 'cancelPart' | 'delete' | 'execute';
      /** Nanoseconds after midnight at the exchange. */
      readonly timeNanos: bigint;
      /** Order reference of the file, decimal digits. */
      readonly orderRef: string;
      readonly size: bigint;
      readonly price: bigint;
      /** Side of the resting order. */
      readonly side: Side;
    }
  /** Types 5 (hidden order executed) and 6 (cross trade): neither touches the visible book. */
  | { readonly type: 'executeHidden' | 'crossTrade'; readonly timeNanos: bigint }
  | { readonly type: 'state'; readonly timeNanos: bigint; readonly state: 'halted' | 'quoting' | 'trading' };

export type Parsed<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly reason: string };

const good = <Value>(value: Value): Parsed<Value> => ({ ok: true, value });
const bad = (reason: string): { readonly ok: false; readonly reason: string } => ({ ok: false, reason });

const timePattern = /^(\d{1,6})(?:\.(\d{1,12}))?$/;
const refPattern = /^\d{1,20}$/;
const sizePattern = /^\d{1,15}$/;
const pricePattern = /^-?\d{1,15}$/;

/** Digits behind the ninth are dropped: some files carry the noise of binary seconds there. */
const parseTime = (text: string): bigint | null => {
  const match = timePattern.exec(text);
  if (match === null) return null;
  return BigInt(match[1] ?? '0') * 1_000_000_000n + BigInt((match[2] ?? '').slice(0, 9).padEnd(9, '0'));
};

const bookTypes = { 1: 'submit', 2: 'cancelPart', 3: 'delete', 4: 'execute' } as const;
const stateOfPrice = new Map<string, 'halted' | 'quoting' | 'trading'>([
  ['-1', 'halted'],
  ['0', 'quoting'],
  ['1', 'trading'],
]);

const isBookType = (type: string): type is '1' | '2' | '3' | '4' => type === '1' || type === '2' || type === '3' || type === '4';

/** Parses one line without its line end; the reason names the first column that is wrong. */
export const parseLobsterMessage = (line: string): Parsed<LobsterMessage> => {
  const columns = line.split(',');
  if (columns.length !== 6 && columns.length !== 7) return bad(`${columns.length} columns instead of 6`);
  const [timeText = '', type = '', orderRef = '', sizeText = '', priceText = '', direction = ''] = columns.map((column) => column.trim());
  const timeNanos = parseTime(timeText);
  if (timeNanos === null) return bad(`time "${timeText}"`);
  if (type === '7') {
    const state = stateOfPrice.get(priceText);
    return state === undefined ? bad(`halt indicator with price "${priceText}"`) : good({ type: 'state', timeNanos, state });
  }
  if (type === '5' || type === '6') return good({ type: type === '5' ? 'executeHidden' : 'crossTrade', timeNanos });
  if (!isBookType(type)) return bad(`type "${type}"`);
  if (!refPattern.test(orderRef)) return bad(`order id "${orderRef}"`);
  if (!sizePattern.test(sizeText) || BigInt(sizeText) === 0n) return bad(`size "${sizeText}"`);
  if (!pricePattern.test(priceText) || BigInt(priceText) <= 0n) return bad(`price "${priceText}"`);
  if (direction !== '1' && direction !== '-1') return bad(`direction "${direction}"`);
  return good({
    type: bookTypes[type],
    timeNanos,
    orderRef,
    size: BigInt(sizeText),
    price: BigInt(priceText),
    side: direction === '1' ? Side.Buy : Side.Sell,
  });
};
