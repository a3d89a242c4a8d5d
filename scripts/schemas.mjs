// Regenerates everything that comes from schemas/: record layouts, codes, and the reference codecs.
// Needs the `capnp` compiler on PATH. `--check` compares instead of writing and exits 1 on a difference.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const schemaFile = join(root, 'schemas/tape.capnp');
const check = process.argv.includes('--check');
const differing = [];

const write = (relativePath, text) => {
  const path = join(root, relativePath);
  const before = existsSync(path) ? readFileSync(path, 'utf8') : null;
  if (before === text) return;
  if (check) differing.push(relativePath);
  else writeFileSync(path, text);
};

const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/^_/, '');
const pascal = (name) => name[0].toUpperCase() + name.slice(1);
const banner = (comment) => `${comment} Generated from schemas/ by \`npm run schemas\`. Do not edit.\n`;

// ---- layouts: the capnp compiler itself says where each field lies ----
const scalarBytes = { UInt8: 1, UInt16: 2, UInt32: 4, UInt64: 8, Int8: 1, Int16: 2, Int32: 4, Int64: 8 };

const readLayouts = () => {
  const listing = execFileSync('capnp', ['compile', '-ocapnp', schemaFile], { cwd: root, encoding: 'utf8' });
  const structs = [];
  let struct = null;
  let group = null;
  for (const line of listing.split('\n')) {
    const structHead = /^struct (\w+) @0x\w+ \{\s+# (\d+) bytes, (\d+) ptrs/.exec(line);
    if (structHead) {
      struct = {
        name: structHead[1],
        dataBytes: Number(structHead[2]),
        pointers: Number(structHead[3]),
        fields: [],
        groups: [],
        pointerFields: [],
        tagOffset: null,
      };
      group = null;
      structs.push(struct);
      continue;
    }
    if (!struct) continue;
    const tag = /union \{\s+# tag bits \[(\d+), /.exec(line);
    if (tag) {
      struct.tagOffset = Number(tag[1]) / 8;
      continue;
    }
    const groupHead = /^\s+(\w+) :group \{\s+# union tag = (\d+)/.exec(line);
    if (groupHead) {
      group = { name: groupHead[1], tag: Number(groupHead[2]), fields: [] };
      struct.groups.push(group);
      continue;
    }
    const field = /^\s+(\w+) @\d+ :([\w().]+);\s+# (bits|ptr)\[(\d+)/.exec(line);
    if (field) {
      const [, name, type, space, start] = field;
      if (type === 'Void') continue;
      const entry = { name, type, offset: Number(start) / 8 };
      if (space === 'ptr') struct.pointerFields.push({ name, type, index: Number(start) });
      else (group ?? struct).fields.push(entry);
      continue;
    }
    if (/^ {4}\}/.test(line)) group = null;
  }
  return structs;
};

const structs = readLayouts();
const byName = Object.fromEntries(structs.map((entry) => [entry.name, entry]));
for (const name of ['CommandRecord', 'ReportRecord', 'AnswerRecord']) {
  const { dataBytes, pointers } = byName[name];
  if (dataBytes !== 64 || pointers !== 0)
    throw new Error(`${name} must be 64 bytes without pointers, is ${dataBytes} bytes with ${pointers}`);
}

// ---- TypeScript: typed records and fixed-offset codecs ----
const tsType = (type) => (type.endsWith('64') ? 'bigint' : 'number');
const getter = {
  UInt8: 'getUint8',
  UInt16: 'getUint16',
  UInt32: 'getUint32',
  UInt64: 'getBigUint64',
  Int8: 'getInt8',
  Int16: 'getInt16',
  Int32: 'getInt32',
  Int64: 'getBigInt64',
};
const read = ({ type, offset }) => `view.${getter[type]}(at + ${offset}${scalarBytes[type] > 1 ? ', true' : ''})`;
const store = ({ type, offset }, value) =>
  `view.${getter[type].replace('get', 'set')}(at + ${offset}, ${value}${scalarBytes[type] > 1 ? ', true' : ''});`;

const tsUnion = (struct) => {
  const lines = [];
  const base = `${struct.name}Head`;
  lines.push(`/** Fields that every ${struct.name} has. Units and meanings: schemas/tape.md. */`);
  lines.push(`export interface ${base} {`, ...struct.fields.map((f) => `  readonly ${f.name}: ${tsType(f.type)};`), '}', '');
  for (const group of struct.groups) {
    lines.push(
      `export interface ${struct.name}${pascal(group.name)} extends ${base} {`,
      `  readonly type: '${group.name}';`,
      ...group.fields.map((f) => `  readonly ${f.name}: ${tsType(f.type)};`),
      '}',
      '',
    );
  }
  lines.push(`export type ${struct.name} =`, ...struct.groups.map((g) => `  | ${struct.name}${pascal(g.name)}`), ';', '');
  lines.push(`/** Union tag of each kind of ${struct.name}. */`);
  lines.push(`export const ${struct.name}Tag = {`, ...struct.groups.map((g) => `  ${g.name}: ${g.tag},`), '} as const;', '');
  lines.push(`/** Byte offsets inside one 64-byte ${struct.name}, for readers that do not decode. */`);
  lines.push(
    `export const ${struct.name}Offset = {`,
    `  kind: ${struct.tagOffset},`,
    ...struct.fields.map((f) => `  ${f.name}: ${f.offset},`),
  );
  for (const group of struct.groups) lines.push(`  ${group.name}: { ${group.fields.map((f) => `${f.name}: ${f.offset}`).join(', ')} },`);
  lines.push('} as const;', '');
  lines.push(`/** Decodes the record at byte \`at\`; null for a kind that this release does not know. */`);
  lines.push(`export const decode${struct.name} = (view: DataView, at: number): ${struct.name} | null => {`);
  for (const f of struct.fields) lines.push(`  const ${f.name} = ${read(f)};`);
  const head = struct.fields.map((f) => f.name).join(', ');
  lines.push(`  switch (view.getUint16(at + ${struct.tagOffset}, true)) {`);
  for (const group of struct.groups) {
    lines.push(
      `    case ${group.tag}:`,
      `      return { type: '${group.name}', ${head}, ${group.fields.map((f) => `${f.name}: ${read(f)}`).join(', ')} };`,
    );
  }
  lines.push('    default:', '      return null;', '  }', '};', '');
  lines.push(`/** Encodes one record over 64 bytes at \`at\`; bytes that the kind does not use become zero. */`);
  lines.push(`export const encode${struct.name} = (view: DataView, at: number, record: ${struct.name}): void => {`);
  lines.push('  for (let word = 0; word < 64; word += 8) view.setBigUint64(at + word, 0n, true);');
  for (const f of struct.fields) lines.push(`  ${store(f, `record.${f.name}`)}`);
  lines.push('  switch (record.type) {');
  for (const group of struct.groups) {
    lines.push(
      `    case '${group.name}':`,
      `      view.setUint16(at + ${struct.tagOffset}, ${group.tag}, true);`,
      ...group.fields.map((f) => `      ${store(f, `record.${f.name}`)}`),
      '      return;',
    );
  }
  lines.push('  }', '};', '');
  return lines;
};

const tsPlain = (struct) => {
  const lines = [];
  lines.push(`export interface ${struct.name} {`, ...struct.fields.map((f) => `  readonly ${f.name}: ${tsType(f.type)};`), '}', '');
  lines.push(`/** Byte offsets inside the data section of ${struct.name}. */`);
  lines.push(`export const ${struct.name}Offset = { ${struct.fields.map((f) => `${f.name}: ${f.offset}`).join(', ')} } as const;`);
  lines.push(`export const ${struct.name}Size = { dataBytes: ${struct.dataBytes}, pointers: ${struct.pointers} } as const;`, '');
  lines.push(
    `export const decode${struct.name} = (view: DataView, at: number): ${struct.name} => ({`,
    ...struct.fields.map((f) => `  ${f.name}: ${read(f)},`),
    '});',
    '',
  );
  lines.push(
    `export const encode${struct.name} = (view: DataView, at: number, record: ${struct.name}): void => {`,
    ...struct.fields.map((f) => `  ${store(f, `record.${f.name}`)}`),
    '};',
    '',
  );
  return lines;
};

const tsLayout = [banner('//'), `export const recordBytes = 64;\n`];
for (const struct of structs) tsLayout.push(...(struct.groups.length > 0 ? tsUnion(struct) : tsPlain(struct)));
write('contracts/tape/layout.generated.ts', tsLayout.join('\n').replace(/\n{3,}/g, '\n\n'));

// ---- Rust: plain-old-data structs with named padding ----
const rustType = { UInt8: 'u8', UInt16: 'u16', UInt32: 'u32', UInt64: 'u64', Int8: 'i8', Int16: 'i16', Int32: 'i32', Int64: 'i64' };
const rustStruct = (name, doc, fields, sizeBytes) => {
  const sorted = [...fields].sort((a, b) => a.offset - b.offset);
  const lines = [
    `/// ${doc}`,
    '#[repr(C)]',
    '#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Pod, Zeroable)]',
    `pub struct ${name} {`,
  ];
  let at = 0;
  let pads = 0;
  const pad = (bytes) => {
    lines.push(`    /// Always zero.`, `    pub reserved${pads}: [u8; ${bytes}],`);
    pads += 1;
  };
  for (const field of sorted) {
    if (field.offset > at) pad(field.offset - at);
    lines.push(`    /// See \`schemas/tape.md\`.`, `    pub ${snake(field.name)}: ${rustType[field.type]},`);
    at = field.offset + scalarBytes[field.type];
  }
  // Arrays above 32 bytes have no Default, so long padding is cut.
  while (sizeBytes > at) {
    const bytes = Math.min(32, sizeBytes - at);
    pad(bytes);
    at += bytes;
  }
  lines.push('}', `const _: () = assert!(core::mem::size_of::<${name}>() == ${sizeBytes});`);
  for (const field of sorted) lines.push(`const _: () = assert!(core::mem::offset_of!(${name}, ${snake(field.name)}) == ${field.offset});`);
  lines.push('');
  return lines;
};

const rust = [
  banner('//'),
  "//! Record layouts of the tape, field by field where the Cap'n Proto compiler puts them.",
  '',
  'use bytemuck::{Pod, Zeroable};',
  '',
];
for (const struct of structs) {
  if (struct.groups.length === 0) {
    rust.push(
      ...rustStruct(
        `${struct.name}${struct.pointers > 0 ? 'Data' : ''}`,
        `Data section of \`${struct.name}\`.`,
        struct.fields,
        struct.dataBytes,
      ),
    );
    if (struct.pointers > 0)
      rust.push(
        `/// Pointers of \`${struct.name}\` behind its data section.`,
        `pub const ${snake(struct.name).toUpperCase()}_POINTERS: u16 = ${struct.pointers};`,
        '',
      );
    continue;
  }
  const head = [...struct.fields, { name: 'kind', type: 'UInt16', offset: struct.tagOffset }];
  rust.push(...rustStruct(`${struct.name}Head`, `What every kind of \`${struct.name}\` shares.`, head, 64));
  for (const group of struct.groups) {
    rust.push(
      ...rustStruct(
        `${pascal(group.name)}${struct.name === 'ReportRecord' ? 'Report' : ''}`,
        `\`${struct.name}\`, kind ${group.tag} (\`${group.name}\`).`,
        [...head, ...group.fields],
        64,
      ),
    );
    rust.push(
      `impl ${pascal(group.name)}${struct.name === 'ReportRecord' ? 'Report' : ''} {`,
      '    /// Union tag of this kind.',
      `    pub const KIND: u16 = ${group.tag};`,
      '}',
      '',
    );
  }
}
write('native/tape/src/layout.rs', rust.join('\n'));

// ---- the field tables of tape.md ----
const meanings = {
  code: 'number of the error table; 0 = none',
  extensionCount: 'extension records behind it',
  accountId: 'account',
  instrumentId: 'instrument',
  orderId: 'order',
  priceTicks: 'price in ticks',
  quantityLots: 'quantity in lots',
  stopPriceTicks: 'trigger price in ticks',
  displayQuantityLots: 'visible part in lots; 0 = all',
  side: 'Side',
  orderType: 'OrderType',
  timeInForce: 'TimeInForce',
  currencyId: 'currency',
  listId: 'order list',
  instructions: 'OrderInstruction bits',
  windowNanos: 'length of the window in nanoseconds',
  scope: 'what it applies to',
  state: 'TradingState',
  reason: 'why',
  version: 'version of the rule set',
  sourceTimeNanos: 'time of the source, UNIX nanoseconds',
  transferId: 'same in both legs',
  otherShard: 'the other shard',
  underlyingId: 'instrument it derives from; 0 = itself',
  amountUnits: 'money units',
  deadlineNanos: 'UNIX nanoseconds',
  referencePriceTicks: 'reference price in ticks; 0 = none',
  markPriceTicks: 'mark price in ticks; 0 = none',
  indicativePriceTicks: 'price at which an auction would uncross; 0 = none',
  indicativeQuantityLots: 'lots that would trade',
  imbalanceLots: 'surplus at that price, buy side positive',
  leavesQuantityLots: 'open quantity in lots',
  cumQuantityLots: 'filled quantity in lots',
  makerOrderId: 'resting order',
  takerOrderId: 'incoming order',
  makerAccountId: 'account of the resting order',
  takerAccountId: 'account of the incoming order',
  makerLeavesLots: 'open quantity of the maker after it',
  takerLeavesLots: 'open quantity of the taker after it',
  makerCumLots: 'filled quantity of the maker after it',
  takerCumLots: 'filled quantity of the taker after it',
  makerFeeUnits: 'fee of the maker; negative = rebate',
  takerFeeUnits: 'fee of the taker',
  notionalUnits: 'price times quantity in money units',
  commandKind: 'CommandKind',
  targetId: 'what the command was about',
  groupId: 'desk; 0 = none',
  accountKind: 'AccountKind',
  permissions: 'AccountPermission bits',
  phase: 'TradingPhase',
  settlementPriceTicks: 'price of a future in its ticks; for an option, price of the underlying in the ticks of that',
  calendarId: 'calendar',
  text0: 'ASCII, bytes 0 to 7',
  text1: 'bytes 8 to 15',
  text2: 'bytes 16 to 23',
  text3: 'bytes 24 to 31',
  text4: 'bytes 32 to 39',
  expiryNanos: 'UNIX nanoseconds; 0 = never (perpetual futures, instruments that carry margin terms alone)',
  strikeTicks: 'strike in ticks of the underlying',
  multiplier: 'units of the underlying per contract',
  initialMarginPpm: 'parts per million of the notional',
  maintenanceMarginPpm: 'parts per million of the notional',
  optionKind: 'OptionKind',
  exerciseStyle: 'ExerciseStyle',
  fromPriceTicks0: 'first price of the band',
  fromPriceTicks1: 'first price of the next band; 0 = none',
  stepTicks1: 'as stepTicks0, for the second band',
  maxOrderQuantityLots: 'lots per order',
  maxOrderNotionalUnits: 'money units per order',
  maxPositionLots: 'lots held, either way',
  maxGrossUnits: 'gross exposure',
  maxNetUnits: 'net exposure',
  maxDailyLossUnits: 'loss per day',
  maxOpenOrders: 'open orders',
  ordersPerSecond: 'refill of the token bucket',
  burstOrders: 'size of the token bucket',
  collarPpm: 'price collar, parts per million',
  fatFingerPpm: 'how far through the touch, parts per million',
  rule: 'TripRule',
  resultingState: 'TradingState after the trip',
  minimumQuantityLots: 'smallest first fill',
  trailingUnit: 'OffsetUnit',
  pegOffsetTicks: 'distance from the peg',
  contingency: 'Contingency',
  legRole: 'LegRole',
  legCount: 'orders in the list',
  legIndex: 'place in the list',
  restriction: 'Restriction',
  leg: 'AllotmentLeg',
  instrumentKind: 'InstrumentKind',
  initialState: 'TradingState',
  purpose: 'PricePurpose',
  source: 'PriceSource',
  selfTradePrevention: 'SelfTradePrevention',
  triggerSource: 'TriggerSource',
  pegKind: 'PegKind',
  execType: 'ExecType',
  orderStatus: 'OrderStatus',
  previousQuantityLots: 'quantity before an amend',
  causationHigh: 'id of the cause, high half',
  causationLow: 'id of the cause, low half',
  correlationHigh: 'W3C trace id, high half',
  correlationLow: 'low half',
  observed: 'value that was checked',
  limit: 'bound that it met',
  commandNumber: 'number of the command',
  makerFeePpm: 'parts per million of the notional; negative = rebate',
  takerFeePpm: 'as makerFeePpm, for the taker',
  tickMantissa: 'tick size = tickMantissa x 10^-tickExponent',
  tickExponent: 'decimals of the tick',
  lotExponent: 'decimals of the lot',
  expireTimeNanos: 'UNIX nanoseconds',
  trailingOffset: 'distance of the trailing stop',
  costUnits: 'cost in money units',
  realizedHigh: 'high half',
  costHigh: 'high half',
  totalHigh: 'high half',
  reservedHigh: 'high half',
  shard: 'shard',
  epoch: 'epoch of the writer',
  lotMantissa: 'lot size = lotMantissa x 10^-lotExponent',
  stateHash1: 'second half',
  firstCommandNumber: 'number of the first command of the batch',
  lastCommandNumber: 'number of the last',
  orderCount: 'orders',
  tradeKind: 'TradeKind',
  aggressorSide: 'Side',
  flags: 'bits',
  previousHash1: 'bytes 8 to 15',
  previousHash2: 'bytes 16 to 23',
  previousHash3: 'bytes 24 to 31',
  hash1: 'bytes 8 to 15',
  hash2: 'bytes 16 to 23',
  hash3: 'bytes 24 to 31',
  totalLow: 'i128 cash of the account, low half',
  engineVersion: 'version of the engine that made it',
};
const schemaText = readFileSync(schemaFile, 'utf8');
const commentOf = (struct, group, field) => {
  const from = schemaText.indexOf(`struct ${struct} {`);
  const start = group === null ? from : schemaText.indexOf(`${group} :group`, from);
  const line = schemaText
    .slice(start)
    .split('\n')
    .find((text) => new RegExp(`^\\s+${field}\\s+@`).test(text));
  const comment = line?.split('#')[1]?.trim();
  const meaning = comment ?? meanings[field];
  if (!meaning) throw new Error(`${struct}.${group ?? ''}.${field} has no meaning: add a comment to the schema`);
  return meaning;
};
const fieldTable = (struct, group, fields) => [
  '| bytes | field | type | meaning |',
  '|---|---|---|---|',
  ...[...fields]
    .sort((a, b) => a.offset - b.offset)
    .map((f) => `| ${f.offset}..${f.offset + scalarBytes[f.type] - 1} | \`${f.name}\` | ${f.type} | ${commentOf(struct, group, f.name)} |`),
  '',
];
const tables = [];
for (const struct of structs) {
  tables.push(`## ${struct.name}`, '', ...fieldTable(struct.name, null, struct.fields));
  for (const pointer of struct.pointerFields) tables.push(`* pointer ${pointer.index}: \`${pointer.name}\` (${pointer.type})`);
  if (struct.pointerFields.length > 0) tables.push('');
  for (const group of struct.groups)
    tables.push(`### ${group.tag} ${group.name}`, '', ...fieldTable(struct.name, group.name, group.fields));
}
const tapeDoc = readFileSync(join(root, 'schemas/tape.md'), 'utf8');
write(
  'schemas/tape.md',
  tapeDoc.replace(/(<!-- tables: begin -->\n)[\s\S]*(<!-- tables: end -->)/, (_, begin, end) => `${begin}\n${tables.join('\n')}\n${end}`),
);

// ---- codes ----
const enums = JSON.parse(readFileSync(join(root, 'schemas/enums.json'), 'utf8'));
const errors = JSON.parse(readFileSync(join(root, 'schemas/errors.json'), 'utf8')).errors;
const numbers = new Set();
for (const error of errors) {
  if (numbers.has(error.number)) throw new Error(`error number ${error.number} is used twice`);
  numbers.add(error.number);
}
const tsCodes = [banner('//')];
for (const [name, { doc, values }] of Object.entries(enums.enums)) {
  tsCodes.push(
    `/** ${doc} */`,
    `export const ${name} = { ${Object.entries(values)
      .map(([k, v]) => `${k}: ${v}`)
      .join(', ')} } as const;`,
  );
  tsCodes.push(`export type ${name} = (typeof ${name})[keyof typeof ${name}];`, `export type ${name}Name = keyof typeof ${name};`);
  tsCodes.push(
    `export const ${name}Name: Readonly<Record<number, ${name}Name>> = { ${Object.entries(values)
      .map(([k, v]) => `${v}: '${k}'`)
      .join(', ')} };`,
    '',
  );
}
for (const [name, { doc, values }] of Object.entries(enums.flags)) {
  tsCodes.push(
    `/** ${doc} */`,
    `export const ${name} = { ${Object.entries(values)
      .map(([k, v]) => `${k}: ${v}`)
      .join(', ')} } as const;`,
    '',
  );
}
tsCodes.push('/** Every numbered error of the platform, by code. */', 'export const errorTable = {');
for (const e of errors)
  tsCodes.push(
    `  ${e.code}: { number: ${e.number}, retryable: ${e.retryable}, message: ${JSON.stringify(e.message)}, remedy: ${JSON.stringify(e.remedy)} },`,
  );
tsCodes.push(
  '} as const;',
  '',
  'export type ErrorCode = keyof typeof errorTable;',
  '',
  'export const errorCodeOf: Readonly<Record<number, ErrorCode>> = {',
);
for (const e of errors) tsCodes.push(`  ${e.number}: '${e.code}',`);
tsCodes.push('};', '');
write('contracts/tape/codes.generated.ts', tsCodes.join('\n'));

const blocks = {
  1: 'Request',
  2: 'Risk and compliance',
  3: 'Order and matching',
  4: 'Identity and account',
  5: 'Events and read models',
  6: 'Market data and replay',
  8: 'Storage',
  9: 'Internal and availability',
};
const errorDoc = [
  '# Errors',
  '',
  'A number names one cause in every surface: GraphQL (`extensions.number` and `refusal.number`), the command line, the log, the tape. Numbers retire',
  'and are never reused. "Again" says whether the same request may be sent again as it is. Made from `schemas/errors.json` by `npm run schemas`.',
  '',
];
for (const [digit, title] of Object.entries(blocks)) {
  errorDoc.push(`## ${digit}xxx ${title}`, '', '| number | code | again | what it means | what to do |', '|---|---|---|---|---|');
  for (const e of errors.filter((entry) => String(entry.number)[0] === digit))
    errorDoc.push(`| ${e.number} | \`${e.code}\` | ${e.retryable ? 'yes' : 'no'} | ${e.message} | ${e.remedy} |`);
  errorDoc.push('');
}
write('docs/errors.md', errorDoc.join('\n'));

const screaming = (name) => snake(name).toUpperCase();
const rustCodes = [banner('//'), '//! Values of the small integer fields, and the table of numbered errors.', ''];
for (const [name, { doc, values }] of Object.entries(enums.enums)) {
  rustCodes.push(`/// ${doc}`, '#[repr(u8)]', '#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]', `pub enum ${name} {`);
  for (const [k, v] of Object.entries(values)) rustCodes.push(`    /// Value ${v}.`, `    ${k} = ${v},`);
  rustCodes.push(
    '}',
    '',
    `impl ${name} {`,
    '    /// The variant with this number, if there is one.',
    '    #[must_use]',
    '    pub const fn from_number(number: u8) -> Option<Self> {',
    '        match number {',
  );
  for (const [k, v] of Object.entries(values)) rustCodes.push(`            ${v} => Some(Self::${k}),`);
  rustCodes.push(
    '            _ => None,',
    '        }',
    '    }',
    '',
    '    /// The number on the wire.',
    '    #[must_use]',
    '    pub const fn number(self) -> u8 {',
    '        self as u8',
    '    }',
    '}',
    '',
  );
}
for (const [name, { doc, values }] of Object.entries(enums.flags)) {
  rustCodes.push(`/// ${doc}`, `pub mod ${snake(name)} {`);
  for (const [k, v] of Object.entries(values)) rustCodes.push(`    /// Bit value ${v}.`, `    pub const ${screaming(k)}: u16 = ${v};`);
  rustCodes.push('}', '');
}
rustCodes.push(
  '/// A numbered error. The table with messages and remedies is `schemas/errors.json`.',
  '#[repr(u16)]',
  '#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]',
  'pub enum ErrorCode {',
);
for (const e of errors)
  rustCodes.push(`    /// ${e.message}`, `    ${pascal(e.code.toLowerCase().replace(/_(.)/g, (_, c) => c.toUpperCase()))} = ${e.number},`);
rustCodes.push(
  '}',
  '',
  'impl ErrorCode {',
  '    /// The number on the wire.',
  '    #[must_use]',
  '    pub const fn number(self) -> u16 {',
  '        self as u16',
  '    }',
  '',
  '    /// The name that every surface shows.',
  '    #[must_use]',
  "    pub const fn code(self) -> &'static str {",
  '        match self {',
);
for (const e of errors)
  rustCodes.push(`            Self::${pascal(e.code.toLowerCase().replace(/_(.)/g, (_, c) => c.toUpperCase()))} => "${e.code}",`);
rustCodes.push('        }', '    }', '}', '');
write('native/tape/src/codes.rs', rustCodes.join('\n'));

// ---- reference codecs, used by tests to prove that the fixed offsets are Cap'n Proto ----
const compile = (...flags) => execFileSync('capnp', ['compile', '-o-', ...flags, 'schemas/tape.capnp'], { cwd: root, maxBuffer: 1 << 26 });
const request = compile();
const scratch = mkdtempSync(join(tmpdir(), 'fulltape-schemas-'));
try {
  const generator = join(root, 'node_modules/capnp-es/dist/compiler/capnpc-ts.mjs');
  execFileSync(process.execPath, [generator], { cwd: scratch, input: request, stdio: ['pipe', 'ignore', 'inherit'] });
  // The generator leaves out `override`, which this project's compiler settings ask for.
  const generated = readFileSync(join(scratch, 'schemas/tape.ts'), 'utf8')
    .replace(/[ \t]+$/gm, '')
    .replace(/^( +)static readonly _capnp/gm, '$1static override readonly _capnp')
    .replace(/^( +)toString\(\)/gm, '$1override toString()');
  write('contracts/tape/reference/tape.generated.ts', `${banner('//')}${generated}`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
const rustReference = execFileSync('cargo', ['run', '-q', '-p', 'fulltape-tape', '--example', 'generate_capnp'], {
  cwd: join(root, 'native'),
  input: compile('--src-prefix=schemas'),
  maxBuffer: 1 << 26,
});
write('native/tape/tests/tape_capnp/mod.rs', `${banner('//')}${rustReference.toString('utf8')}`);

if (differing.length > 0) {
  console.error(`stale: ${differing.join(', ')} — run \`npm run schemas\``);
  process.exit(1);
}
