/** What the tests ask of the log. */

import type { Page } from 'playwright-core';
import { messages } from './common.ts';

/** The message of a command; the last where there are several. */
export const message = (page: Page, command: string) => messages(page).and(page.getByLabel(command, { exact: true })).last();

/** The same once it waits no longer. */
export const settled = (page: Page, command: string) => message(page, command).and(page.locator('[aria-busy=false]'));

/** The commands of all messages that are mounted, in their order. */
export const commands = (page: Page) => messages(page).evaluateAll((all) => all.map((each) => each.getAttribute('aria-label')));
