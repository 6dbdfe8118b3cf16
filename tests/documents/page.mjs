// Opens the page in the file argv[2] in a browser, under an origin that the server allows, with the library that signs beside
// it, and prints what it shows first.

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const require = createRequire(`${process.cwd()}/`);
const { chromium } = require('playwright-core');
const ethers = require.resolve('ethers').replace(/lib\.commonjs.*/, 'dist/ethers.min.js');
const ORIGIN = 'http://localhost:5173';
const BOUND = 30_000;

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync',
    // It would ask whether a page that comes from nowhere may talk to this machine.
    '--disable-features=LocalNetworkAccessChecks'],
});
try {
  const page = await browser.newPage();
  page.on('console', (message) => console.error(message.text()));
  page.on('pageerror', (error) => console.error(error.message));
  // The page comes from here instead of from a port, which another test may hold.
  await page.route(`${ORIGIN}/**`, (route) => route.fulfill({ contentType: 'text/html', body: readFileSync(process.argv[2]) }));
  await page.route(`${ORIGIN}/ethers.min.js`, (route) => route.fulfill({ contentType: 'text/javascript', path: ethers }));
  await page.goto(`${ORIGIN}/`);
  await page.waitForFunction(() => document.body?.innerText.trim(), undefined, { timeout: BOUND });
  console.log(await page.evaluate(() => document.body.innerText.trim()));
} finally {
  await browser.close();
}
