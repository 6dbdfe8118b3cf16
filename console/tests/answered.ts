/** A page whose commands are answered by the test, in the place of the server, and what such a page must never do. */

import type { BrowserContext, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { messages, open, type, visitor } from './common.ts';
import { atEnd, Server } from './server.ts';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** Commands that the server has not, each with the renderer of its name: `/as-table`. */
const RENDERERS = ['table', 'markdown', 'chart', 'list', 'keyvalue', 'json', 'text', 'nobody', 'loud', 'broken'];

interface Opened {
  /** Whom the server takes for an admin. */
  admin?: string;
  /** Another page than the one that is built. */
  body?: string;
}

/** Of a server of its own, under the strictest policy. */
export async function page(visiting?: BrowserContext, { admin, body }: Opened = {}): Promise<Page> {
  const server = await Server.start(admin === undefined ? {} : { NEXUS_ADMINS: admin });
  const context = visiting ?? (await visitor());
  await context.route('**/*', async (route) => {
    if (route.request().resourceType() !== 'document') return route.fallback();
    const response = await route.fetch();
    const headers = { ...response.headers(), 'content-security-policy': POLICY };
    return route.fulfill({ response, headers, ...(body !== undefined && { body }) });
  });
  await context.route('**/api/v1/commands', async (route) => {
    const response = await route.fetch();
    const { etag: _, ...headers } = response.headers();
    const [first, ...rest]: { name: string; renderer?: string }[] = await response.json();
    const more = RENDERERS.map((renderer) => ({ ...first, handler: 'rest', name: `as-${renderer}`, renderer }));
    return route.fulfill({ response, headers, json: [first, ...rest, ...more] });
  });
  const opened = await open(server, context);
  const strayed: string[] = [];
  opened.on('dialog', (dialog) => {
    strayed.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  opened.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(opened.url()).origin) strayed.push(request.url());
  });
  atEnd(() => expect(strayed).toEqual([]));
  return opened;
}

/** The message of a command that is answered so. */
export async function answered(opened: Page, answer: object, line = '/echo x'): Promise<Locator> {
  await opened.route('**/api/v1/commands/execute', (route) =>
    route.fulfill({ json: { status: 'success', message: 'Done.', ...answer } }),
  );
  await type(opened, line);
  const message = messages(opened).last();
  await message.getByRole('button', { name: /^(Copy|复制)/ }).waitFor();
  return message;
}

export const rows = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: index, name: `name ${index}`, even: index % 2 === 0 }));
