import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { FulltapeError } from '#contracts/result/result.js';
import { surveyDay } from './day-files.js';
import { dryRun, withDayFiles } from './testing/dry-run.js';
import { generateDay } from './testing/generate-day.js';

const day = generateDay({ seed: 3, rows: 400, depth: 2, priceStep: 100n });
const message = '34200.1,1,7,100,1000000,1';
const book = '1000200,50,1000000,300';

const refusalOf = async (files: { messages: string | Uint8Array; orderbook: string | Uint8Array }): Promise<FulltapeError> => {
  const outcome = await withDayFiles(files, surveyDay).catch((error: unknown) => error);
  if (outcome instanceof FulltapeError) return outcome;
  throw new Error(`expected a refusal, got ${JSON.stringify(Object.keys(outcome as object))}`);
};

describe('files that are read', () => {
  test.each([
    ['gzip', gzipSync(day.messages), gzipSync(day.orderbook)],
    ['CRLF line ends', day.messages.replaceAll('\n', '\r\n'), day.orderbook.replaceAll('\n', '\r\n')],
    ['no line end behind the last line', day.messages.trimEnd(), day.orderbook.trimEnd()],
    ['blank lines at the end', `${day.messages}\n\n`, `${day.orderbook}\n`],
    ['a byte order mark', `\u{feff}${day.messages}`, day.orderbook],
    ['a seventh column', day.messages.replaceAll('\n', ',NULL\n'), day.orderbook],
  ])('%s', async (_name, messages, orderbook) => {
    const { totals } = await withDayFiles({ messages, orderbook }, dryRun);
    expect(totals).toMatchObject({ firstDifference: null, rowsEqual: day.rows - 1, executions: day.executions });
  });
});

describe('files that are refused before anything starts', () => {
  test.each([
    ['an empty message file', '', book, '1', 'the file is empty'],
    ['an empty order-book file', message, '', '1', 'the file is empty'],
    ['a cut line', `${message}\n34200.2,1,8`, `${book}\n${book}`, '2', '3 columns instead of 6'],
    ['a cut row', `${message}\n${message}`, `${book}\n1000200,50,10000`, '2', '3 columns, not a multiple of 4'],
    ['a row of other depth', `${message}\n${message}`, `${book}\n${book},${book}`, '2', '8 columns instead of 4'],
    ['a blank line in the middle', `${message}\n\n${message}`, `${book}\n${book}`, '2', 'the line is blank'],
    ['a header line', `Time,Type,OrderID,Size,Price,Direction\n${message}`, `${book}\n${book}`, '1', 'time "Time"'],
    ['an unknown type', '34200.1,9,7,100,1000000,1', book, '1', 'type "9"'],
    ['a size of zero', '34200.1,1,7,0,1000000,1', book, '1', 'size "0"'],
    ['a size that is no number', '34200.1,1,7,1e400,1000000,1', book, '1', 'size "1e400"'],
    ['a negative price', '34200.1,1,7,10,-5,1', book, '1', 'price "-5"'],
    ['a price with decimals', '34200.1,1,7,10,100.5,1', book, '1', 'price "100.5"'],
    ['an unknown direction', '34200.1,1,7,10,1000000,0', book, '1', 'direction "0"'],
    ['an unknown halt indicator', '34200.1,7,0,0,3,-1', book, '1', 'halt indicator with price "3"'],
    ['a row with text', message, 'x,50,1000000,300', '1', 'column 1: price "x"'],
    ['a negative size in a row', message, '1000200,-50,1000000,300', '1', 'column 2: size "-50"'],
  ])('%s', async (_name, messages, orderbook, line, reason) => {
    const refusal = await refusalOf({ messages, orderbook });
    expect(refusal.code).toBe('REPLAY_FILE_INVALID');
    expect(refusal.details).toMatchObject({ line, reason });
  });

  test('a cut gzip file', async () => {
    const whole = gzipSync(day.messages);
    const refusal = await refusalOf({ messages: whole.subarray(0, whole.length >> 1), orderbook: day.orderbook });
    expect(refusal.code).toBe('REPLAY_FILE_INVALID');
    expect(Number(refusal.details['line'])).toBeGreaterThan(0);
  });

  test.each([
    ['that is not there', '/nonexistent/m.csv', 'ENOENT'],
    ['that is a folder', '/', 'EISDIR'],
  ])('a file %s cannot be read, whatever its lines are', async (_name, messages, cause) => {
    const refusal = await surveyDay({ messages, orderbook: '/nonexistent/o.csv' }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      code: 'REPLAY_FILE_INVALID',
      details: { file: messages, reason: expect.stringContaining(`the file cannot be read: ${cause}`) },
    });
    expect((refusal as FulltapeError).details).not.toHaveProperty('line');
  });

  test('files of different length, with the first line that has no partner', async () => {
    const refusal = await refusalOf({ messages: `${message}\n${message}`, orderbook: book });
    expect(refusal.code).toBe('REPLAY_FILES_DIFFER');
    expect(refusal.details).toMatchObject({ messages: '2', rows: '1', line: '2' });
  });
});
