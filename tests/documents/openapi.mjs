// Opens /docs of the server at argv[2] in a real browser, runs /ping from it, and prints what was seen and asked for.

import { createRequire } from 'node:module';

const { chromium } = createRequire(`${process.env.NODE_PATH}/`)('playwright-core');
const server = process.argv[2];
const BOUND = 30_000;

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(BOUND);
  const complaints = [];
  const requests = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(`${server}/docs`);
  await page.waitForSelector('.opblock');
  const paths = await page.$$eval('.opblock-summary-path', (all) => all.map((one) => one.dataset.path));

  const execute = page.locator('.opblock', { has: page.locator('[data-path="/api/v1/commands/execute"]') });
  await execute.locator('.opblock-summary-control').click();
  await execute.getByRole('button', { name: 'Try it out' }).click();
  await execute.locator('textarea.body-param__text').fill('{"command": "/ping"}');
  await execute.locator('button.execute').click();
  const answer = execute.locator('.live-responses-table .highlight-code code').first();
  await answer.waitFor();
  const tried = JSON.parse(await answer.innerText()).message;
  console.log(JSON.stringify({ operations: paths, tried, complaints, requests }));
} finally {
  await browser.close();
}
