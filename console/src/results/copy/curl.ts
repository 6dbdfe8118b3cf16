/** What was sent, as a line for curl. What was signed cannot be sent again, so `nexus sign` signs it anew. */

import type { Entry } from '../../log/entry.ts';
import { json } from '../json.ts';
import { quoted } from './shell.ts';

type Sent = NonNullable<Entry['sent']>;

/** `url`: the server's origin. `isProven`: whether the server wants to know who asks. */
export function curl(sent: Sent, url: string, isProven: boolean): string {
  const body = unsigned(sent.body);
  const call = `curl -s ${quoted(url + sent.path)} -H ${quoted('content-type: application/json')} -d`;
  return isProven ? `${sign(body, url)} | ${call} @-` : `${call} ${quoted(compact(body))}`;
}

function sign({ command, args }: Record<string, unknown>, url: string): string {
  const given = args === undefined || args === null ? '' : ` --args ${quoted(compact(args))}`;
  return `nexus sign ${quoted(String(command))}${given} --key NAME --server ${quoted(url)}`;
}

function unsigned(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null) return {};
  const { auth: _, ...rest } = Object.fromEntries(Object.entries(body));
  return rest;
}

/** What was sent was written as JSON before. */
const compact = (value: unknown) => json(value, 0) ?? '';
