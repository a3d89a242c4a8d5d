/**
 * The little that ClickHouse's HTTP interface must know about a statement before it hands it to the engine: where the data of an
 * INSERT begins, in which format an answer is written, and that there is one statement alone. Pure: a scan over the text that skips
 * strings, quoted names, comments and brackets, so that a keyword inside any of them is not taken for one.
 */

export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const isWordCharacter = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;

const skipQuoted = (text: string, start: number): number => {
  const quote = text[start];
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === quote) {
      if (text[at + 1] !== quote) return at + 1;
      at += 1;
    }
  }
  return text.length;
};

const skipComment = (text: string, start: number): number => {
  if (text.startsWith('--', start) || text[start] === '#') {
    const end = text.indexOf('\n', start);
    return end < 0 ? text.length : end + 1;
  }
  if (text.startsWith('/*', start)) {
    const end = text.indexOf('*/', start + 2);
    return end < 0 ? text.length : end + 2;
  }
  return start;
};

/** Words and semicolons outside brackets, strings and comments, in order. Stops when `visit` returns true. */
const scan = (text: string, visit: (word: Word) => boolean): void => {
  let depth = 0;
  let at = 0;
  while (at < text.length) {
    const character = text[at] ?? '';
    if (character === "'" || character === '"' || character === '`') {
      at = skipQuoted(text, at);
      continue;
    }
    const afterComment =
      character === '-' || character === '/' || (character === '#' && /^#[ !]/.test(text.slice(at, at + 2))) ? skipComment(text, at) : at;
    if (afterComment !== at) {
      at = afterComment;
      continue;
    }
    if (character === '(' || character === '[' || character === '{') depth += 1;
    else if (character === ')' || character === ']' || character === '}') depth -= 1;
    else if (depth === 0 && character === ';') {
      if (visit({ text: ';', start: at, end: at + 1 })) return;
    } else if (isWordCharacter(text.charCodeAt(at))) {
      const start = at;
      while (at < text.length && isWordCharacter(text.charCodeAt(at))) at += 1;
      if (depth === 0 && visit({ text: text.slice(start, at).toUpperCase(), start, end: at })) return;
      continue;
    }
    at += 1;
  }
};

export interface InsertHead {
  /** `INSERT INTO t (a, b)`, without SETTINGS and FORMAT. */
  readonly target: string;
  /** `SETTINGS …` or empty. */
  readonly settings: string;
  readonly format: string;
  /** Offset of the inline data in the text; the text's length when it has none. */
  readonly dataStart: number;
}

export type Statement =
  | { readonly kind: 'insert'; readonly head: InsertHead }
  | { readonly kind: 'read'; readonly format: string | undefined }
  | { readonly kind: 'write' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'several' };

const readWords = new Set(['SELECT', 'WITH', 'SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'EXISTS', 'CHECK']);

const insertHead = (text: string): InsertHead | undefined => {
  let settingsAt: number | undefined;
  let headEnd: number | undefined;
  let formatNext = false;
  let found: InsertHead | undefined;
  let isSelect = false;
  const head = (end: number, format: string, dataStart: number): InsertHead => ({
    target: text.slice(0, settingsAt ?? end).trimEnd(),
    settings: settingsAt === undefined ? '' : text.slice(settingsAt, end).trimEnd(),
    format,
    dataStart,
  });
  scan(text, (word) => {
    if (formatNext) {
      const name = text.slice(word.start, word.end);
      let dataStart = word.end;
      while (/[ \t\f]/.test(text[dataStart] ?? '')) dataStart += 1;
      if (text[dataStart] === '\r') dataStart += 1;
      if (text[dataStart] === '\n') dataStart += 1;
      found = head(headEnd ?? word.start, name, dataStart);
      return true;
    }
    if (word.text === 'SETTINGS') settingsAt = word.start;
    if (word.text === 'FORMAT') {
      headEnd = word.start;
      formatNext = true;
    }
    if (word.text === 'VALUES') {
      found = head(word.start, 'Values', word.end);
      return true;
    }
    isSelect = word.text === 'SELECT' || word.text === 'WITH' || word.text === 'INFILE' || word.text === 'WATCH';
    return isSelect;
  });
  return isSelect ? undefined : found;
};

/** What kind of statement a text is. An INSERT with data ends where its data begins; the data itself is never scanned. */
export const parseStatement = (text: string): Statement => {
  let first: Word | undefined;
  scan(text, (word) => {
    first = word;
    return true;
  });
  if (first === undefined || first.text === ';') return { kind: 'empty' };
  if (first.text === 'INSERT') {
    const head = insertHead(text);
    if (head !== undefined) return { kind: 'insert', head };
  }
  let previous = '';
  let format: string | undefined;
  let ended = false;
  let several = false;
  let writes = first.text === 'INSERT';
  scan(text, (word) => {
    if (ended && word.text !== ';') several = true;
    if (word.text === ';') ended = true;
    else if (previous === 'FORMAT') format = text.slice(word.start, word.end);
    if (word.text === 'INSERT') writes = true; // WITH … INSERT INTO … SELECT
    previous = word.text;
    return several;
  });
  if (several) return { kind: 'several' };
  return readWords.has(first.text) && !writes ? { kind: 'read', format } : { kind: 'write' };
};

/** A text as a string literal of ClickHouse's SQL. */
export const sqlLiteral = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
