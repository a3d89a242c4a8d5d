import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { FulltapeError } from '#contracts/result/result.js';
import { parseBookRow, type BookRow } from './book-row.js';
import { parseLobsterMessage, type LobsterMessage, type Parsed } from './lobster-message.js';
import { RemovalsAhead } from './removals-ahead.js';

export interface DayFiles {
  readonly messages: string;
  readonly orderbook: string;
}

/** What one pass over both files has found. */
export interface DaySurvey {
  readonly messages: number;
  readonly depth: number;
  readonly executions: number;
  readonly executedQuantity: bigint;
  /** Price units of the file in the coarsest tick of 1, 10, 100, 1,000 or 10,000 that all its prices are multiples of. */
  readonly priceUnit: bigint;
  readonly ahead: RemovalsAhead;
}

const invalid = (file: string, line: number, reason: string, cause?: unknown): FulltapeError =>
  new FulltapeError('REPLAY_FILE_INVALID', { file, line: String(line), reason }, { cause });

/** A file that the system does not give out is not about a line. */
const unreadable = (file: string, cause: Error): FulltapeError =>
  new FulltapeError('REPLAY_FILE_INVALID', { file, reason: `the file cannot be read: ${cause.message}` }, { cause });

/** Far beyond a row of 200 levels; a longer line is no text file. */
const lineLengthMax = 65_536;
const gzipMagic = 0x8b1f;

const isGzip = async (path: string): Promise<boolean> => {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer.readUInt16LE(0) === gzipMagic;
  } finally {
    await file.close();
  }
};

/** Text of a plain or gzip file; an error of the stream is thrown where it is read. */
async function* chunksOf(path: string): AsyncGenerator<string> {
  const isCompressed = await isGzip(path); // before the stream is made: an error of one that nobody reads yet would be lost
  const source = createReadStream(path, { highWaterMark: 262_144 });
  try {
    if (!isCompressed) {
      source.setEncoding('latin1');
      for await (const chunk of source) yield String(chunk);
      return;
    }
    const gunzip = createGunzip({ chunkSize: 262_144 });
    source.on('error', (error) => gunzip.destroy(error));
    source.pipe(gunzip).setEncoding('latin1');
    for await (const chunk of gunzip) yield String(chunk);
  } finally {
    source.destroy();
  }
}

/** Lines in blocks, without line ends (LF or CRLF). Blank lines at the end of a file do not count. */
async function* linesOf(path: string): AsyncGenerator<readonly string[]> {
  let rest = '';
  let count = 0;
  let blanks = 0;
  try {
    for await (const chunk of chunksOf(path)) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > lineLengthMax) throw invalid(path, count + lines.length + 1, 'the line is too long for a text file');
      const block: string[] = [];
      for (const raw of lines) {
        const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
        if (line.trim() === '') {
          blanks += 1;
          continue;
        }
        if (blanks > 0) throw invalid(path, count + 1, 'the line is blank');
        block.push(line);
        count += 1;
      }
      if (block.length > 0) yield block;
    }
  } catch (error) {
    if (error instanceof FulltapeError) throw error;
    if (error instanceof Error && 'syscall' in error) throw unreadable(path, error);
    throw invalid(path, count + 1, error instanceof Error ? error.message : String(error), error);
  }
  if (rest.trim() !== '') {
    if (blanks > 0) throw invalid(path, count + 1, 'the line is blank');
    yield [rest.trimEnd()];
  }
}

async function* parsedLines<Value>(path: string, parse: (line: string) => Parsed<Value>): AsyncGenerator<readonly Value[]> {
  let count = 0;
  for await (const lines of linesOf(path)) {
    const values: Value[] = [];
    for (const line of lines) {
      count += 1;
      // A byte order mark is the habit of some spreadsheet programs.
      const parsed = parse(count === 1 && line.startsWith('\u00ef\u00bb\u00bf') ? line.slice(3) : line);
      if (!parsed.ok) throw invalid(path, count, parsed.reason);
      values.push(parsed.value);
    }
    yield values;
  }
  if (count === 0) throw invalid(path, 1, 'the file is empty');
}

const messagesOf = (path: string): AsyncGenerator<readonly LobsterMessage[]> => parsedLines(path, parseLobsterMessage);

const rowsOf = (path: string): AsyncGenerator<readonly BookRow[]> => {
  let depth: number | null = null;
  return parsedLines(path, (line) => {
    const row = parseBookRow(line, depth);
    if (row.ok) depth = row.value.depth;
    return row;
  });
};

const priceUnitOf = (prices: Iterable<bigint>, from: bigint): bigint => {
  let unit = from;
  for (const price of prices) while (unit > 1n && price % unit !== 0n) unit /= 10n;
  return unit;
};

const coarsestUnit = 10_000n;

/**
 * Reads both files once and checks every line.
 * @throws FulltapeError REPLAY_FILE_INVALID (file, line, reason); REPLAY_FILES_DIFFER (rows of each).
 */
export const surveyDay = async (files: DayFiles): Promise<DaySurvey> => {
  const ahead = new RemovalsAhead();
  let messages = 0;
  let executions = 0;
  let executedQuantity = 0n;
  let priceUnit = coarsestUnit;
  for await (const block of messagesOf(files.messages)) {
    for (const message of block) {
      messages += 1;
      ahead.survey(message);
      if (!('price' in message)) continue;
      priceUnit = priceUnitOf([message.price], priceUnit);
      if (message.type !== 'execute' || messages === 1) continue;
      executions += 1;
      executedQuantity += message.size;
    }
  }
  let rows = 0;
  let depth = 0;
  for await (const block of rowsOf(files.orderbook)) {
    for (const row of block) {
      rows += 1;
      depth = row.depth;
      if (priceUnit > 1n)
        for (const side of [row.buy, row.sell])
          priceUnit = priceUnitOf(
            side.map(({ price }) => price),
            priceUnit,
          );
    }
  }
  if (rows !== messages) {
    throw new FulltapeError('REPLAY_FILES_DIFFER', {
      messages: String(messages),
      rows: String(rows),
      line: String(Math.min(rows, messages) + 1),
    });
  }
  return { messages, depth, executions, executedQuantity, priceUnit, ahead };
};

/** Messages with their rows, in blocks. @throws FulltapeError as `surveyDay`. */
export async function* readDay(files: DayFiles): AsyncGenerator<readonly { readonly message: LobsterMessage; readonly row: BookRow }[]> {
  const rowBlocks = rowsOf(files.orderbook);
  let rows: readonly BookRow[] = [];
  let index = 0;
  try {
    for await (const messages of messagesOf(files.messages)) {
      const block: { message: LobsterMessage; row: BookRow }[] = [];
      for (const message of messages) {
        while (index >= rows.length) {
          const next = await rowBlocks.next();
          if (next.done === true)
            throw new FulltapeError('REPLAY_FILES_DIFFER', { reason: 'the order-book file became shorter while it was read' });
          rows = next.value;
          index = 0;
        }
        const row = rows[index];
        index += 1;
        if (row !== undefined) block.push({ message, row });
      }
      yield block;
    }
  } finally {
    await rowBlocks.return(undefined);
  }
}
