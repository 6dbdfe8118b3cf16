/** How smoothly a log of ten thousand messages scrolls: the time from one frame to the next, while a wheel is turned. */

import { test } from 'vitest';
import { messages, open, Server } from '../tests/common.ts';
import { owner, runElsewhere } from '../tests/key.ts';
import { message } from '../tests/log.ts';
import { told } from './told.ts';

const MESSAGES = 10_000;
const TURNS = 200;

test('ten thousand messages scroll', async () => {
  const server = await Server.start();
  const here = await owner();
  const page = await open(server, here.context);
  await page.getByText('live').waitFor();
  await runElsewhere(server, here, MESSAGES);
  await message(page, `/echo ${MESSAGES - 1}`).waitFor({ timeout: 120_000 });
  console.log(`articles in the page: ${await messages(page).count()}`);
  await page.evaluate(() => {
    const frames: number[] = [];
    Object.assign(window, { frames });
    let before = performance.now();
    const frame = (now: number): void => {
      frames.push(now - before);
      before = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  const log = await page.getByRole('log').boundingBox();
  if (!log) throw new Error('the log is not seen');
  await page.mouse.move(log.x + log.width / 2, log.y + log.height / 2);
  for (let turn = 0; turn < TURNS; turn += 1) await page.mouse.wheel(0, turn % 100 < 50 ? -2_000 : 1_500);
  told('from frame to frame', await page.evaluate<number[]>('frames'));
});
