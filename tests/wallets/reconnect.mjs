// A browser whose connection to the server at argv[2] is cut, and comes back by itself. Prints what its page was told.

import { connect, createServer } from 'node:net';
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.NODE_PATH}/`);
const { chromium } = require('playwright-core');
const { Wallet, keccak256, toUtf8Bytes } = require('ethers');
const server = new URL(process.argv[2]);
const wallet = Wallet.createRandom();
const ORIGIN = 'http://localhost:5173';
const BOUND = 30_000;

// Between the browser and the server, so that the one can be cut off and the other goes on.
const open = new Set();
let cut = false;
const between = createServer((browser) => {
  if (cut) return void browser.destroy();
  const onward = connect(server.port, server.hostname);
  for (const [one, other] of [[browser, onward], [onward, browser]]) {
    open.add(one);
    one.on('error', () => {}).on('close', () => { open.delete(one); other.destroy(); }).pipe(other);
  }
});
await new Promise((resolve) => between.listen(0, '127.0.0.1', resolve));

async function run(command) {
  const signature = wallet.signingKey.sign(keccak256(toUtf8Bytes(command))).serialized;
  const body = JSON.stringify({ command, auth: { publicKey: wallet.address, signature } });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(new URL('/api/v1/commands/execute', server), { method: 'POST', headers, body });
  if (!response.ok) throw new Error(await response.text());
}

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--disable-features=LocalNetworkAccessChecks'],
});
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(BOUND);
  await page.route(`${ORIGIN}/**`, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
  await page.goto(`${ORIGIN}/`);
  await page.evaluate((url) => {
    globalThis.told = [];
    globalThis.recovered = [];
    const source = new EventSource(url);
    source.addEventListener('connection_state', (event) => globalThis.recovered.push(JSON.parse(event.data).recovered));
    source.addEventListener('command_result', (event) => globalThis.told.push(JSON.parse(event.data).command));
  }, `http://127.0.0.1:${between.address().port}/api/v1/stream/${wallet.address}`);
  await page.waitForFunction(() => globalThis.recovered.length === 1);
  await run('/echo before');
  await page.waitForFunction(() => globalThis.told.length === 1);
  cut = true;
  open.forEach((socket) => socket.destroy());
  await run('/echo meanwhile');
  await run('/echo still meanwhile');
  cut = false;
  await page.waitForFunction(() => globalThis.told.length === 3);
  await run('/echo after');
  await page.waitForFunction(() => globalThis.told.length === 4);
  console.log(JSON.stringify(await page.evaluate(() => ({ told: globalThis.told, recovered: globalThis.recovered }))));
} finally {
  await browser.close();
  open.forEach((socket) => socket.destroy());
  between.close();
}
