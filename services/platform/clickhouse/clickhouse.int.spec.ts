import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startClickHouse } from '../testing/servers.js';
import { clickHouseClient } from './client.js';

let server: Awaited<ReturnType<typeof startClickHouse>>;
let client: ClickHouseClient;
let table: string;

const count = async (name: string): Promise<number> => {
  const result = await client.query({ query: `SELECT toUInt32(count()) AS n FROM ${name}`, format: 'JSONEachRow' });
  const rows = await result.json<{ n: number }>();
  return rows[0]?.n ?? -1;
};

const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${server.url}${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : new Uint8Array(body),
    headers: { 'x-clickhouse-user': server.config.username, 'x-clickhouse-key': server.config.password, ...headers },
  });

beforeAll(async () => {
  server = await startClickHouse();
  client = clickHouseClient(server.config, 'test');
});
afterAll(async () => {
  await client.close();
  await server.stop();
});
beforeEach(async () => {
  table = `t_${randomUUID().replaceAll('-', '')}`;
  await client.command({
    query: `CREATE TABLE ${table} (id UInt64, text String) ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 1000`,
  });
});

describe('the ClickHouse child process through @clickhouse/client', () => {
  it('answers ping, by path and by query', async () => {
    expect(await client.ping()).toEqual({ success: true });
    expect(await client.ping({ select: true })).toEqual({ success: true });
  });

  it('refuses a wrong password with the number and status of ClickHouse', async () => {
    const stranger = createClient({ url: server.url, username: 'fulltape', password: 'wrong' });
    await expect(stranger.query({ query: 'SELECT 1' })).rejects.toMatchObject({ code: '516' });
    await stranger.close();
  });

  it('inserts text that holds quotes, semicolons and line breaks unchanged', async () => {
    const rows = [
      { id: '1', text: 'a;b\'c"d`e' },
      { id: '2', text: 'line\n\nbreak\t\\ -- no comment /* either' },
      { id: '18446744073709551615', text: '' },
    ];
    const { summary } = await client.insert({ table, values: rows, format: 'JSONEachRow' });
    expect(summary?.written_rows).toBe('3');
    const result = await client.query({
      query: `SELECT id, text FROM ${table} ORDER BY id`,
      format: 'JSONEachRow',
      clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
    });
    expect(await result.json()).toEqual(rows);
  });

  it('inserts a stream and the formats JSONCompactEachRow and CSV', async () => {
    await client.insert({
      table,
      values: Readable.from([
        { id: 1, text: 'x' },
        { id: 2, text: 'y' },
      ]),
      format: 'JSONEachRow',
    });
    await client.insert({ table, values: [[3, 'z']], format: 'JSONCompactEachRow', columns: ['id', 'text'] });
    await client.insert({ table, values: Readable.from(['4,"a\nb"\n'], { objectMode: false }), format: 'CSV' });
    expect(await count(table)).toBe(4);
  });

  it('takes 64 MB of RowBinary in one request and stays responsive meanwhile', async () => {
    const rows = 1_000_000;
    const row = Buffer.alloc(9 + 58, 0x0a); // line breaks in the data must not matter
    row[8] = 58;
    const body = Buffer.alloc(rows * row.length);
    for (let index = 0; index < rows; index += 1) {
      row.copy(body, index * row.length);
      body.writeBigUInt64LE(BigInt(index), index * row.length);
    }
    expect(body.length).toBeGreaterThan(64_000_000);
    const insert = post(`/?database=fulltape&query=${encodeURIComponent(`INSERT INTO ${table} FORMAT RowBinary`)}`, body);
    expect(await client.ping()).toEqual({ success: true });
    const response = await insert;
    expect(await response.text()).toBe('');
    expect(response.status).toBe(200);
    expect(await count(table)).toBe(rows);
  });

  it('binds parameters of every kind without touching the text of the statement', async () => {
    const hostile = "a\tb'); DROP TABLE x; --\\ \n ü";
    const result = await client.query({
      query: 'SELECT {text:String} AS text, {number:UInt64} AS number, {list:Array(String)} AS list, {nothing:Nullable(String)} AS nothing',
      query_params: { text: hostile, number: '18446744073709551615', list: ["it's", 'b'], nothing: null },
      format: 'JSONEachRow',
      clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
    });
    expect(await result.json()).toEqual([{ text: hostile, number: '18446744073709551615', list: ["it's", 'b'], nothing: null }]);
  });

  it('keeps parameters and settings of concurrent queries apart', async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const result = await client.query({
          query: "SELECT {x:UInt32} AS x, toUInt32(getSetting('max_threads')) AS threads",
          query_params: { x: index },
          format: 'JSONEachRow',
          clickhouse_settings: { max_threads: (index % 3) + 1 },
        });
        return (await result.json<{ x: number; threads: number }>())[0];
      }),
    );
    expect(answers).toEqual(Array.from({ length: 60 }, (_, x) => ({ x, threads: (x % 3) + 1 })));
    const after = await client.query({
      query: "SELECT value FROM system.settings WHERE name = 'max_block_size' AND changed",
      format: 'JSONEachRow',
    });
    expect(await after.json()).toEqual([]);
  });

  it('deduplicates an insert that is repeated with its token, in the table and behind a materialised view', async () => {
    await client.command({
      query: `CREATE TABLE ${table}_sums (bucket UInt64, total UInt64) ENGINE = SummingMergeTree ORDER BY bucket SETTINGS non_replicated_deduplication_window = 1000`,
    });
    await client.command({
      query: `CREATE MATERIALIZED VIEW ${table}_view TO ${table}_sums AS SELECT id % 10 AS bucket, 1 AS total FROM ${table}`,
    });
    const insert = (token: string): Promise<unknown> =>
      client.insert({
        table,
        values: [
          { id: 1, text: 'a' },
          { id: 11, text: 'b' },
        ],
        format: 'JSONEachRow',
        clickhouse_settings: { insert_deduplication_token: token, deduplicate_blocks_in_dependent_materialized_views: 1 },
      });
    await insert('orders:1:1-2');
    await insert('orders:1:1-2');
    expect(await count(table)).toBe(2);
    await insert('orders:1:3-4'); // the same rows under another token are other rows
    expect(await count(table)).toBe(4);
    const sums = await client.query({ query: `SELECT toUInt32(sum(total)) AS total FROM ${table}_sums`, format: 'JSONEachRow' });
    expect(await sums.json()).toEqual([{ total: 4 }]);
  });

  it('keeps every acknowledged insert through kill -9, and its memory of tokens', async () => {
    const insert = (id: number): Promise<unknown> =>
      client.insert({
        table,
        values: [{ id, text: 'kept' }],
        format: 'JSONEachRow',
        clickhouse_settings: { insert_deduplication_token: `k:${id}` },
      });
    for (let id = 0; id < 25; id += 1) await insert(id);
    await server.kill();
    await server.restart();
    expect(await count(table)).toBe(25);
    await insert(24);
    expect(await count(table)).toBe(25);
  });

  it('goes on with a good insert after one that failed in the middle of its data', async () => {
    const bad = '{"id":1,"text":"good"}\n{"id":"not a number","text":"bad"}\n';
    const response = await post(`/?database=fulltape&query=${encodeURIComponent(`INSERT INTO ${table} FORMAT JSONEachRow`)}`, bad);
    expect(response.status).toBe(400);
    expect(response.headers.get('x-clickhouse-exception-code')).toMatch(/^[0-9]+$/);
    await response.text();
    expect(await count(table)).toBe(0);
    await client.insert({ table, values: [{ id: 1, text: 'x' }], format: 'JSONEachRow' });
    expect(await count(table)).toBe(1);
  });

  it('reports errors with ClickHouse numbers: syntax, unknown table, unknown setting, several statements', async () => {
    await expect(client.query({ query: 'SELEC 1' })).rejects.toMatchObject({ code: '62' });
    await expect(client.query({ query: 'SELECT * FROM nowhere' })).rejects.toMatchObject({ code: '60', type: 'UNKNOWN_TABLE' });
    const unknownSetting = await post('/?no_such_setting=1', 'SELECT 1');
    expect([unknownSetting.status, await unknownSetting.text()]).toEqual([404, expect.stringContaining('Code: 115')]);
    const several = await post('/', 'SELECT 1; SELECT 2');
    expect([several.status, await several.text()]).toEqual([400, expect.stringContaining('Multi-statements')]);
    const semicolonInText = await post('/', "SELECT ';' AS a -- ; not a second statement\n;");
    expect([semicolonInText.status, await semicolonInText.text()]).toEqual([200, ';\n']);
  });

  it('compresses both ways', async () => {
    const zipped = createClient({ ...server.config, compression: { request: true, response: true } });
    const values = Array.from({ length: 5_000 }, (_, id) => ({ id, text: 'compressible '.repeat(4) }));
    await zipped.insert({ table, values, format: 'JSONEachRow' });
    const result = await zipped.query({ query: `SELECT toUInt32(id) AS id, text FROM ${table} ORDER BY id`, format: 'JSONEachRow' });
    expect(await result.json()).toEqual(values);
    await zipped.close();
    const response = await post('/?enable_http_compression=1', gzipSync("SELECT repeat('a', 5000)"), {
      'content-encoding': 'gzip',
      'accept-encoding': 'gzip',
    });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect((await response.text()).trim()).toBe('a'.repeat(5_000));
  });

  it('says in its headers what the client asked and got', async () => {
    const response = await post('/?query_id=mine&default_format=CSV', 'SELECT 1, 2 FORMAT JSONCompactEachRow');
    expect(await response.text()).toBe('[1, 2]\n');
    expect(response.headers.get('x-clickhouse-query-id')).toBe('mine');
    expect(response.headers.get('x-clickhouse-format')).toBe('JSONCompactEachRow');
    expect(JSON.parse(response.headers.get('x-clickhouse-summary') ?? '{}')).toMatchObject({ read_rows: '1' });
  });
});
