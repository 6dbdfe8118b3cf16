/** How long a visitor waits for the page, with an empty cache and a processor that is four times slower. */

import { test } from 'vitest';
import { input, Server, visitor } from '../tests/common.ts';
import { told } from './told.ts';

const VISITS = 10;

test('first paint, and until a command can be typed', async () => {
  const server = await Server.start();
  const paints: number[] = [];
  const ready: number[] = [];
  for (let visit = 0; visit <= VISITS; visit += 1) {
    const context = await visitor();
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    await page.goto(server.url);
    await input(page).waitFor();
    const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
    paints.push(paint ?? Number.NaN);
    ready.push(await page.evaluate(() => performance.now()));
    await context.close();
  }
  // The first is of a browser that has just been started.
  told('first contentful paint', paints.slice(1));
  told('a command can be typed', ready.slice(1));
});
