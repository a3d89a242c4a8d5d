// Takes the page at three widths: node services/terminal/testing/screenshots.ts FOLDER [URL [TOKEN]]. Without an address it starts the fake gateway.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { startFakeGateway } from './fake-gateway.ts';

const [folder = 'screenshots', address, token] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const fake = address === undefined ? await startFakeGateway({ port: 0 }) : null;
const browser = await chromium.launch({
  executablePath: execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim(),
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--no-first-run',
    '--disable-sync',
  ],
});
try {
  for (const [width, height] of [
    [1440, 900],
    [1024, 768],
    [390, 844],
  ] as const) {
    const page = await browser.newPage({ viewport: { width, height } });
    page.on('console', (message) => message.type() === 'error' && process.stderr.write(`${width}: ${message.text()}\n`));
    page.on('pageerror', (error) => process.stderr.write(`${width}: ${error.message}\n`));
    await page.goto(address ?? fake?.url ?? '');
    await page.getByTestId('account').or(page.getByTestId('token')).waitFor();
    if (token !== undefined && (await page.getByTestId('token').isVisible())) {
      await page.getByTestId('token').fill(token);
      await page.keyboard.press('Enter');
    }
    await page.getByTestId('chart').waitFor();
    await page.waitForFunction(() => document.querySelectorAll('[data-testid="trades"] li').length > 5);
    if (width >= 768) {
      await page.getByTestId('ticket-quantity').fill('5');
      await page.getByTestId('book-bid-5').click();
      await page.getByTestId('ticket-submit').click();
      await page.getByTestId('notice').first().waitFor();
      await page.getByTestId('ticket-quantity').fill('25');
      await page.waitForFunction(() => document.querySelector('[data-testid="notice"]') === null, undefined, { timeout: 15_000 });
    }
    await page.screenshot({ path: join(folder, `${width}.png`) });
    if (width < 768) {
      for (const view of ['book', 'trade', 'account']) {
        await page.getByTestId(`view-${view}`).click();
        await page.screenshot({ path: join(folder, `${width}-${view}.png`) });
      }
      await page.getByTestId('view-trade').click();
      await page.getByTestId('ticket-mode-bracket').click();
      await page.getByTestId('ticket-conditions').locator('summary').click();
      await page.screenshot({ path: join(folder, `${width}-bracket.png`) });
    } else {
      await page.getByTestId('ticket-type').selectOption('STOP_LIMIT');
      await page.getByTestId('ticket-stop-price').fill('190.00');
      await page.getByTestId('ticket-price').fill('191.00');
      await page.getByTestId('ticket-conditions').locator('summary').click();
      await page.getByTestId('ticket-display-quantity').fill('5');
      await page.screenshot({ path: join(folder, `${width}-stop-limit.png`) });
      await page.getByTestId('ticket-submit').click();
      await page.getByTestId('ticket-type').selectOption('TRAILING_STOP');
      await page.getByTestId('ticket-trailing-unit').selectOption('BASIS_POINTS');
      await page.getByTestId('ticket-trailing-offset').fill('1.5');
      await page.getByTestId('ticket-display-quantity').fill('');
      await page.getByTestId('ticket-sell').click();
      await page.getByTestId('ticket-submit').click();
      await page.getByTestId('ticket-buy').click();
      await page.getByTestId('ticket-mode-bracket').click();
      await page.getByTestId('ticket-limit').click();
      await page.getByTestId('ticket-price').fill('180.00');
      await page.getByTestId('ticket-take-profit').fill('195.00');
      await page.getByTestId('ticket-stop-loss').fill('175.00');
      await page.screenshot({ path: join(folder, `${width}-bracket.png`) });
      await page.getByTestId('ticket-submit').click();
      await page.getByTestId('tab-orders').click();
      await page.getByTestId('order-list').first().waitFor();
      await page.screenshot({ path: join(folder, `${width}-orders.png`) });
      await page.getByTestId('watch-ORBIT').click();
      await page.getByTestId('market-phase').waitFor();
      await page.screenshot({ path: join(folder, `${width}-auction.png`) });
    }
    await page.close();
  }
} finally {
  await browser.close();
  await fake?.close();
}
