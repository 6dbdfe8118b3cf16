/** A server of which a page believes that it has a thousand commands. */

import type { BrowserContext } from 'playwright-core';

const VERBS = ['list', 'show', 'make', 'move', 'copy', 'send', 'read', 'find', 'sort', 'join'];
const THINGS = ['reports', 'members', 'folders', 'invoices', 'messages', 'pictures', 'servers', 'backups', 'notes', 'keys'];

export async function crowd(context: BrowserContext, count = 1000): Promise<BrowserContext> {
  const commands = Array.from({ length: count }, (_, at) => command(at));
  await context.route('**/api/v1/commands', (route) => route.fulfill({ json: commands }));
  return context;
}

function command(at: number) {
  const verb = VERBS[at % VERBS.length];
  const thing = THINGS[Math.floor(at / VERBS.length) % THINGS.length];
  const name = `${verb}-${thing}-${at}`;
  return {
    name,
    description: `To ${verb} all ${thing} of department ${at}, the newest of them first.`,
    usage: `/${name} <text> [--times N]`,
    handler: 'rest',
    examples: [`/${name} a`],
    requiresSignature: false,
    requiresIdentity: false,
    requiresGUI: false,
    replaySafe: true,
    parameters: {
      type: 'object',
      properties: { text: { type: 'string' }, times: { type: 'integer', minimum: 1, maximum: 10 } },
      required: ['text'],
    },
  };
}
