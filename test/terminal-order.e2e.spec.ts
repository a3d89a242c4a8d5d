import { execFileSync } from 'node:child_process';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInstance, type TestInstance } from '#platform/testing/instance.js';

const browserArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
  '--disable-sync',
];

const onPath = (name: string): string | null => {
  try {
    return execFileSync('which', [name], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
};

/** A Chromium of the machine, else the one that ships inside an npm package; the reason where neither starts. */
const launch = async (): Promise<{ readonly browser: Browser } | { readonly missing: string }> => {
  const installed = ['chromium', 'chromium-browser', 'google-chrome'].map(onPath).find((path) => path !== null);
  try {
    if (installed !== undefined && installed !== null)
      return { browser: await chromium.launch({ executablePath: installed, args: browserArguments }) };
    const packaged = (await import('@sparticuz/chromium')).default;
    return {
      browser: await chromium.launch({ executablePath: await packaged.executablePath(), args: [...packaged.args, ...browserArguments] }),
    };
  } catch (error) {
    return { missing: `no Chromium can be started: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}` };
  }
};

describe('the terminal on a running platform', () => {
  let instance: TestInstance | undefined;
  let browser: Browser | undefined;
  let missing: string | null = null;
  let page: Page;
  const faults: string[] = [];

  beforeAll(async () => {
    const launched = await launch();
    if ('missing' in launched) {
      missing = launched.missing;
      return;
    }
    browser = launched.browser;
    instance = await startInstance();
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      // Where no demo accounts are offered, asking for them is answered 404, and the browser says so.
      if (message.type() === 'error' && !message.location().url.endsWith('/api/v1/demo')) faults.push(message.text());
    });
    await page.goto(instance.urls.terminal);
    const [account] = instance.accounts;
    await page.getByTestId('account').or(page.getByTestId('token')).waitFor();
    // An installation that does not offer its demo accounts asks for a token.
    if (account !== undefined && (await page.getByTestId('token').isVisible())) {
      await page.getByTestId('token').fill(account.token);
      await page.keyboard.press('Enter');
    }
  });

  afterAll(async () => {
    await browser?.close();
    await instance?.stop();
  });

  it('shows moving prices of the simulated market', async (context) => {
    if (missing !== null) return context.skip(missing);
    await page.getByTestId('watch-NOVA').click();
    const last = page.getByTestId('watch-last-NOVA');
    await expect.poll(() => last.textContent(), { timeout: 60_000 }).toMatch(/^[0-9,]+\.[0-9]{2}$/);
    const before = await last.textContent();
    await expect.poll(() => last.textContent(), { timeout: 60_000 }).not.toBe(before);
    await expect.poll(() => page.getByTestId('trades').locator('li').count(), { timeout: 60_000 }).toBeGreaterThan(3);
    expect(await page.getByTestId('link-status').getAttribute('data-link')).toBe('live');
  });

  it('places an order that fills, and shows it among executions and positions', async (context) => {
    if (missing !== null) return context.skip(missing);
    await page.getByTestId('tab-executions').click();
    const executionsBefore = await page.getByTestId('execution').count();
    await page.getByTestId('tab-positions').click();
    const quantity = async (): Promise<number> =>
      Number(((await page.getByTestId('position-quantity-NOVA').textContent()) ?? '').replaceAll(',', ''));
    const held = await quantity();
    await page.getByTestId('book-ask-0').waitFor();
    await page.getByTestId('ticket-market').click();
    await page.getByTestId('ticket-quantity').fill('3');
    await page.getByTestId('ticket-submit').click();
    await expect.poll(quantity, { timeout: 30_000 }).toBe(held + 3);
    await page.getByTestId('tab-executions').click();
    await expect.poll(() => page.getByTestId('execution').count(), { timeout: 30_000 }).toBeGreaterThan(executionsBefore);
    expect(await page.getByTestId('execution').first().textContent()).toContain('NOVA');
  });

  it('places an order that rests, and cancels it', async (context) => {
    if (missing !== null) return context.skip(missing);
    await page.getByTestId('tab-orders').click();
    await page.getByTestId('ticket-buy').click();
    await page.getByTestId('ticket-limit').click();
    const bid = Number(((await page.getByTestId('ticket-use-bid').textContent()) ?? '').replace('Bid', '').replaceAll(',', ''));
    await page.getByTestId('ticket-price').fill((Math.floor(bid * 90) / 100).toFixed(2)); // far below the market, inside its collar
    await page.getByTestId('ticket-quantity').fill('2');
    await page.getByTestId('ticket-submit').click();
    const row = page.getByTestId('open-order');
    await row.first().waitFor();
    expect(await row.count()).toBe(1);
    const orderId = await row.first().getAttribute('data-order-id');
    await page.getByTestId('cancel-order').click();
    await expect.poll(() => row.count(), { timeout: 30_000 }).toBe(0);
    await page.getByTestId('tab-history').click();
    const closed = page.locator(`[data-testid="history-order"][data-order-id="${orderId}"]`);
    await expect.poll(() => closed.textContent(), { timeout: 30_000 }).toContain('Canceled');
  });

  it('places a stop that waits, says what it waits for, and shows why it ended', async (context) => {
    if (missing !== null) return context.skip(missing);
    await page.getByTestId('tab-orders').click();
    await page.getByTestId('ticket-type').selectOption('STOP_LIMIT');
    const ask = Number(((await page.getByTestId('ticket-use-ask').textContent()) ?? '').replace('Ask', '').replaceAll(',', ''));
    const far = (Math.ceil(ask * 110) / 100).toFixed(2); // above the market, inside its collar
    await page.getByTestId('ticket-stop-price').fill(far);
    await page.getByTestId('ticket-price').fill(far);
    await page.getByTestId('ticket-quantity').fill('2');
    await page.getByTestId('ticket-submit').click();
    const row = page.getByTestId('open-order');
    await row.first().waitFor();
    expect(await row.first().textContent()).toContain('Stop limit');
    expect(await page.getByTestId('order-trigger').first().textContent()).toBe(`last ≥ ${far}`);
    expect(await row.first().textContent()).toContain('Waiting');
    const orderId = await row.first().getAttribute('data-order-id');
    await page.getByTestId('cancel-order').click();
    await expect.poll(() => row.count(), { timeout: 30_000 }).toBe(0);
    await page.getByTestId('tab-history').click();
    const closed = page.locator(`[data-testid="history-order"][data-order-id="${orderId}"]`);
    await expect.poll(() => closed.textContent(), { timeout: 30_000 }).toContain('Canceled as you asked.');
    await page.getByTestId('ticket-limit').click();
  });

  it('says why an order came out as it did: each check, and what became of it', async (context) => {
    if (missing !== null) return context.skip(missing);
    await page.getByTestId('tab-history').click();
    const canceled = page.getByTestId('history-order').filter({ hasText: 'Stop limit' }).first();
    await canceled.getByTestId('explain-order').click();
    await expect.poll(() => page.getByTestId('explain-step').count(), { timeout: 30_000 }).toBe(2);
    expect(await page.getByTestId('explain-step').first().textContent()).toMatch(/The order came in.*buy 2 at .*, trigger /);
    await page.getByTestId('explain-checks').first().locator('summary').click();
    expect(await page.getByTestId('explain-check').count()).toBeGreaterThan(15);
    expect(await page.locator('[data-testid="explain-check"][data-code="MAX_ORDER_QUANTITY"]').first().textContent()).toMatch(
      /order quantity2 ≤ /,
    );
    expect(await page.getByTestId('explain-event').last().textContent()).toContain('Canceled as you asked.');
    await page.keyboard.press('Escape');
    expect(await page.getByTestId('explain').count()).toBe(0);
    await page.getByTestId('history-order').filter({ hasText: 'Filled' }).first().getByTestId('explain-order').click();
    await expect
      .poll(() => page.locator('[data-testid="explain-event"][data-kind="MATCH"]').count(), { timeout: 30_000 })
      .toBeGreaterThan(0);
    await page.getByTestId('explain-close').click();
  });

  it('shows a refusal with its code and remedy', async (context) => {
    if (missing !== null) return context.skip(missing);
    await page.getByTestId('ticket-price').fill('1.00'); // far outside the price collar
    await page.getByTestId('ticket-quantity').fill('2');
    await page.getByTestId('ticket-submit').click();
    const refusal = page.getByTestId('ticket-refusal');
    await refusal.waitFor();
    expect(await refusal.textContent()).toMatch(/PRICE_OUTSIDE_COLLAR 2005/);
  });

  it('meets no fault in the page, the content security policy included', (context) => {
    if (missing !== null) return context.skip(missing);
    expect(faults).toEqual([]);
  });
});
