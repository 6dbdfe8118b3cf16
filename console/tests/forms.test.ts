/** Forms that are generated from schemas, of commands that an admin has registered while the server runs. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import { importPrivateKey, Nexus } from '@nexus/client';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { Server, messages, open } from './common.ts';
import { opened, panel } from './panel.ts';
import { atEnd } from './server.ts';

const ADMIN = { address: '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf', key: '1'.padStart(64, '0') };

type Definition = Record<string, unknown>;

/** A page of a server that has this command. It answers with the arguments that came. */
async function withCommand(definition: Definition): Promise<Page> {
  const webhook = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { command, args } = JSON.parse(Buffer.concat(chunks).toString());
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ message: `${command} ${JSON.stringify(args, Object.keys(args).sort())}` }));
  }).listen(0, '127.0.0.1');
  atEnd(() => webhook.close());
  await once(webhook, 'listening');
  const at = webhook.address();
  const url = `http://localhost:${typeof at === 'object' ? at?.port : ''}/`;

  const server = await Server.start({ NEXUS_ADMINS: ADMIN.address, NEXUS_WEBHOOK_ALLOW: 'localhost' });
  const admin = new Nexus(server.url, { signer: await importPrivateKey(ADMIN.key) });
  const body = { definition: { name: 'form', description: 'Fills a form.', requiresGUI: true, ...definition }, url };
  const answer = await admin.request('POST', '/api/v1/commands', { body, sign: true });
  expect(answer.http, answer.message).toBe(201);
  return open(server);
}

const properties = {
  title: { type: 'string', minLength: 1, maxLength: 60, pattern: '^[A-Z]', description: 'What it is called.' },
  body: { type: 'string', maxLength: 5000 },
  count: { type: 'integer', minimum: 1, maximum: 9, default: 3 },
  weight: { type: ['number', 'null'], minimum: 0.5, multipleOf: 0.25 },
  kind: { enum: ['small', 'large'], type: 'string', default: 'small' },
  size: { type: 'string', enum: ['a', 'b', 'c', 'd'] },
  colour: {
    oneOf: [
      { const: 'red', description: 'Like fire' },
      { const: 'blue', description: 'Like water' },
    ],
  },
  loud: { type: 'boolean', default: false },
  tags: { type: 'array', items: { type: 'string', maxLength: 5 } },
  when: { type: ['string', 'null'], format: 'date-time' },
  link: { type: 'string', format: 'uri' },
  secret: { type: 'string', writeOnly: true },
};

const full = { parameters: { type: 'object', properties, required: ['title'] }, examples: ['/form Title'] };

const send = (page: Page) => panel(page).getByRole('button', { name: 'Run' }).click();
const field = (page: Page, name: string) => panel(page).getByLabel(name, { exact: false }).first();

test('each kind of argument has its control, with its bounds, its default and its description', async () => {
  const page = await withCommand(full);
  await opened(page, '/form');
  await panel(page).getByRole('heading', { name: '/form' }).waitFor();
  await panel(page).getByText('Fills a form.').waitFor();
  const attribute = (name: string, what: string) => field(page, name).getAttribute(what);
  expect(await attribute('title', 'aria-required')).toBe('true');
  const help = await attribute('title', 'aria-describedby');
  expect(await page.locator(`[id="${help}"]`).textContent()).toBe(
    'What it is called. · 1 to 60 characters, pattern ^[A-Z]',
  );
  expect(await field(page, 'body').evaluate((element) => element.tagName)).toBe('TEXTAREA');
  expect(await field(page, 'count').inputValue()).toBe('3');
  expect([await attribute('count', 'type'), await attribute('count', 'min'), await attribute('count', 'max')]).toEqual([
    'number',
    '1',
    '9',
  ]);
  expect(await attribute('weight', 'step')).toBe('0.25');
  expect(await panel(page).getByRole('radio', { name: 'small' }).isChecked()).toBe(true);
  expect(await field(page, 'size').locator('option').allTextContents()).toEqual(['(none)', 'a', 'b', 'c', 'd']);
  expect(await field(page, 'colour').locator('option').allTextContents()).toEqual([
    '(none)',
    'red – Like fire',
    'blue – Like water',
  ]);
  expect(await attribute('loud', 'type')).toBe('checkbox');
  expect(await attribute('when', 'type')).toBe('datetime-local');
  expect(await attribute('link', 'type')).toBe('url');
  expect(await attribute('secret', 'type')).toBe('password');
  expect(await page.locator('form').last().getAttribute('novalidate')).not.toBe(null);
});

test('what is filled in is sent with its types, and what nobody has touched is left to the server', async () => {
  const page = await withCommand(full);
  await opened(page, '/form');
  await field(page, 'title').fill('Title');
  await send(page);
  // The server puts in the defaults.
  await panel(page).getByText('/form {"count":3,"kind":"small","loud":false,"title":"Title"}').waitFor();

  const sent = page.waitForRequest('**/commands/execute');
  await field(page, 'weight').fill('1.75');
  await panel(page).getByRole('radio', { name: 'large' }).check();
  await field(page, 'colour').selectOption({ label: 'blue – Like water' });
  await field(page, 'loud').check();
  await panel(page).getByRole('button', { name: 'Add to tags' }).click();
  await panel(page).getByRole('button', { name: 'Add to tags' }).click();
  await panel(page).getByLabel('tags 1', { exact: true }).fill('one');
  await panel(page).getByLabel('tags 2', { exact: true }).fill('two');
  await panel(page).getByRole('button', { name: 'Remove tags 1' }).click();
  await field(page, 'when').fill('2026-01-02T03:04:05');
  await send(page);
  const { args } = (await sent).postDataJSON();
  const when = await page.evaluate(() => new Date('2026-01-02T03:04:05').toISOString());
  expect(args).toEqual({
    title: 'Title',
    weight: 1.75,
    kind: 'large',
    colour: 'blue',
    loud: true,
    tags: ['two'],
    when,
  });
  await messages(page).getByText('"tags":["two"]').waitFor();
});

test('faults are put to their fields, and the first of them has the focus', async () => {
  const page = await withCommand(full);
  await opened(page, '/form');
  await field(page, 'count').fill('99');
  await panel(page).getByRole('button', { name: 'Add to tags' }).click();
  await panel(page).getByLabel('tags 1', { exact: true }).fill('far too long');
  await send(page);
  await panel(page).getByRole('alert').getByText('Not everything is as it must be').waitFor();
  for (const name of ['title', 'count', 'tags 1']) {
    expect(await field(page, name).getAttribute('aria-invalid')).toBe('true');
  }
  expect(await field(page, 'size').getAttribute('aria-invalid')).toBe(null);
  await expect.poll(() => field(page, 'title').evaluate((element) => element === document.activeElement)).toBe(true);

  // A pattern is looked at when all else is right.
  await field(page, 'title').fill('lower');
  await field(page, 'count').fill('1');
  await panel(page).getByRole('button', { name: 'Remove tags 1' }).click();
  await send(page);
  await expect.poll(() => messages(page).count()).toBe(2);
  await panel(page).locator('[aria-invalid="true"][name="title"]').waitFor();
  expect(await field(page, 'count').getAttribute('aria-invalid')).toBe(null);
  await field(page, 'title').fill('Upper');
  await send(page);
  await panel(page).getByText('/form {"count":1').waitFor();
});

test('faults of no field of the form are listed', async () => {
  const page = await withCommand(full);
  const refusal = {
    status: 'error',
    code: 'invalid_arguments',
    message: 'No.',
    data: { other: ['is missing'], constructor: ['is wrong'] },
  };
  await page.route('**/commands/execute', (route) => route.fulfill({ status: 422, json: refusal }));
  await opened(page, '/form');
  await send(page);
  await panel(page).getByText('The server found more wrong:').waitFor();
  await panel(page).getByRole('listitem').getByText('is missing').waitFor();
  await panel(page).getByRole('listitem').getByText('is wrong').waitFor();
});

test('one of several subcommands is chosen in the panel', async () => {
  const text = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] };
  const page = await withCommand({
    examples: ['/form'],
    subcommands: [
      { name: 'say', description: 'Says it.', examples: ['/form/say x'], requiresGUI: true, parameters: text },
    ],
  });
  await opened(page, '/form');
  await panel(page).getByLabel('What to run').selectOption('/form/say');
  await panel(page).getByText('Says it.').waitFor();
  await field(page, 'text').fill('hello');
  await send(page);
  await panel(page).getByText('/form/say {"text":"hello"}').waitFor();
  expect(await messages(page).getByText('/form/say', { exact: true }).count()).toBe(1);
});

test('hostile names and descriptions are nothing but text', async () => {
  const hostile = '<img src=x onerror="window.harmed=1"> **bold** javascript:alert(1)';
  const page = await withCommand({
    description: hostile,
    parameters: {
      type: 'object',
      properties: {
        constructor: { type: 'string', description: hostile },
        to_string: { type: 'string', enum: ['<b>x</b>', 'y'], description: '<script>window.harmed=1</script>' },
      },
    },
    examples: ['/form'],
  });
  await opened(page, '/form');
  await panel(page).getByText('<img src=x onerror="window.harmed=1">').first().waitFor();
  expect(await panel(page).locator('img, script, b').count()).toBe(0);
  expect(await field(page, 'constructor').inputValue()).toBe('');
  await field(page, 'to_string').selectOption('0');
  await send(page);
  await panel(page).getByText('/form {"to_string":"<b>x</b>"}').waitFor();
  expect(await page.evaluate(() => 'harmed' in window)).toBe(false);
});
