// Two tabs of an allowed origin and one of another, in a real browser, against the server at argv[2]. Prints what they saw.

import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const require = createRequire(`${process.env.NODE_PATH}/`);
const { chromium } = require('playwright-core');
const ethers = readFileSync(require.resolve('ethers').replace(/lib\.commonjs.*/, 'dist/ethers.umd.min.js'));
const server = process.argv[2];
const BOUND = 30_000;

// The page of a frontend: nothing but the library that signs.
function frontend(port) {
  const page = createServer((request, response) => {
    const script = request.url === '/ethers.js';
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html');
    response.end(script ? ethers : '<!doctype html><script src="/ethers.js"></script>');
  });
  return new Promise((resolve) => page.listen(port, '127.0.0.1', () => resolve(page)));
}

const allowed = await frontend(5173);
const foreign = await frontend(0);
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
try {
  const context = await browser.newContext();
  context.setDefaultTimeout(BOUND);
  const tab = async (port) => {
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${port}/`);
    return page;
  };
  const [first, second, other] = [await tab(5173), await tab(5173), await tab(foreign.address().port)];
  const privateKey = await first.evaluate(() => globalThis.ethers.Wallet.createRandom().privateKey);

  // Opens the stream, and keeps promises of what comes.
  const listen = ([url, key]) => new Promise((resolve, reject) => {
    const address = new globalThis.ethers.Wallet(key).address;
    const source = new EventSource(`${url}/api/v1/stream/${address}`);
    globalThis.result = new Promise((heard) => {
      source.addEventListener('command_result', (event) => heard({ ...JSON.parse(event.data), id: event.lastEventId }));
    });
    source.addEventListener('connection_state', (event) => resolve(JSON.parse(event.data).visitor), { once: true });
    source.addEventListener('error', () => reject(new Error('the stream failed')));
  });
  const execute = async ([url, key]) => {
    const { Wallet, keccak256, toUtf8Bytes } = globalThis.ethers;
    const wallet = new Wallet(key);
    const signature = wallet.signingKey.sign(keccak256(toUtf8Bytes('/identity'))).serialized;
    const response = await fetch(`${url}/api/v1/commands/execute`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ command: '/identity', auth: { publicKey: wallet.address, signature } }),
    });
    return response.json();
  };

  const visitor = [await first.evaluate(listen, [server, privateKey]), await second.evaluate(listen, [server, privateKey])];
  const answer = await first.evaluate(execute, [server, privateKey]);
  const results = await Promise.all([first, second].map((page) => page.evaluate(() => globalThis.result)));
  const seenByOther = {
    stream: await other.evaluate(listen, [server, privateKey]).then(() => 'open', () => 'error'),
    fetch: await other.evaluate(execute, [server, privateKey]).then(() => 'read', (error) => /TypeError/.exec(error.message)?.[0]),
  };
  console.log(JSON.stringify({ visitor, answer, results, foreign: seenByOther }));
} finally {
  await browser.close();
  allowed.close();
  foreign.close();
}
