import { expect, test } from 'vitest';
import { NexusError, Unreachable } from '../src/index.ts';
import { backoff, passes } from '../src/stream/backoff.ts';

const refused = (http: number, retryAfter?: number) =>
  new NexusError({
    status: 'error',
    message: 'no',
    code: 'any',
    http,
    ...(retryAfter !== undefined && { retryAfter }),
  });

test.each([
  ['at first what the server asks for', 0, 3_000, undefined, 3_000],
  ['then twice as long', 1, 3_000, undefined, 6_000],
  ['and again', 3, 3_000, undefined, 24_000],
  ['a minute at most', 30, 3_000, undefined, 60_000],
  ['unless the server wants more', 30, 90_000, undefined, 90_000],
  ['what a refusal asks for', 0, 3_000, refused(429, 20), 20_000],
  ['no less after many', 4, 3_000, refused(503, 1), 48_000],
])('waits %s', (_, failures, retry, failure, wait) => {
  expect(backoff(failures, retry, failure, 0)).toBe(wait);
  expect(backoff(failures, retry, failure, 1)).toBe(wait * 1.5);
});

test.each([
  [undefined, true],
  [new Unreachable('down', 'http://127.0.0.1'), true],
  [new Unreachable('cors', 'http://127.0.0.1'), true],
  [refused(429), true],
  [refused(503), true],
  [refused(500), true],
  [refused(401), false],
  [refused(403), false],
  [refused(400), false],
])('after %s another attempt is of use: %s', (failure, use) => {
  expect(passes(failure)).toBe(use);
});
