/** What was sent, as a line for curl. What was signed cannot be sent again, so `nexus sign` signs it anew. */

import type { Entry } from '../../log/entry.ts';
import { json } from '../json.ts';
import { quoted } from './shell.ts';

type Sent = NonNullable<Entry['sent']>;

const EXECUTE = '/api/v1/commands/execute';
const BATCH = '/api/v1/commands/batch';

/** `url`: the server's origin. `isProven`: whether the server wants to know who asks. */
export function curl(sent: Sent, url: string, isProven: boolean): string {
  const body = unsigned(sent.body);
  const call = ['curl -s', quoted(url + sent.path), ...(sent.method === 'POST' && body ? [] : ['-X', sent.method])];
  const typed = ['-H', quoted('content-type: application/json'), '-d'];
  if (!isProven) return [...call, ...(body ? [...typed, quoted(compact(body))] : [])].join(' ');
  const piped = ['|', ...call, ...typed, '@-'];
  if (sent.path === EXECUTE && body) return [sign(String(body.command), body.args, url), ...piped].join(' ');
  const signed = sign(`${sent.method} ${sent.path}`, body, url);
  if (sent.path === BATCH) return [signed, ...piped].join(' ');
  const proof = ['-H', `"authorization: $(${signed})"`];
  return [...call, ...proof, ...(body ? [...typed, quoted(compact(body))] : [])].join(' ');
}

function sign(text: string, args: unknown, url: string): string {
  const given = args === undefined || args === null ? [] : ['--args', quoted(compact(args))];
  return ['nexus sign', quoted(text), ...given, '--key NAME --server', quoted(url)].join(' ');
}

function unsigned(body: unknown): Record<string, unknown> | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { auth: _, ...rest } = Object.fromEntries(Object.entries(body));
  return rest;
}

/** What was sent was written as JSON before. */
const compact = (value: unknown) => json(value, 0) ?? '';
