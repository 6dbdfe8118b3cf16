/** Sees to it that what has failed is tried again: more and more slowly, and at once where there is hope. */

import { useCatalogue } from '../catalogue/store.ts';
import { useIdentity } from '../identity/store.ts';
import { check } from './check.ts';
import { retry } from './listen.ts';
import { useConnection } from './store.ts';

/** How long to wait before each attempt; ms. The last holds for all that follow. */
const PAUSES = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
/** How often the way to the server is measured while the page is seen; ms. */
const MEASURE = 30_000;
/** How often a visitor without a stream asks for the list at most; ms. */
const REFRESH = 60_000;

let attempts = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let refreshed = 0;

const isIll = () => Boolean(useConnection.getState().trouble ?? useCatalogue.getState().failure);

/** Tries at once. Resolves when it is known whether it has helped. */
export async function tryNow(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  await check();
  if (!useConnection.getState().trouble) await useCatalogue.getState().load();
  if (isIll()) return plan();
  attempts = 0;
  if (useConnection.getState().stream?.phase === 'waiting') retry();
}

function plan(): void {
  if (!isIll() || timer !== undefined) return;
  const pause = PAUSES[Math.min(attempts, PAUSES.length - 1)];
  attempts += 1;
  timer = setTimeout(() => void tryNow(), pause);
}

/** Called once, when the page starts. */
export function heal(): void {
  useConnection.subscribe(plan);
  useCatalogue.subscribe(plan);
  window.addEventListener('online', () => void tryNow());
  window.addEventListener('offline', () => void check());
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && isIll()) void tryNow();
  });
  window.addEventListener('focus', refresh);
  setInterval(() => {
    if (!document.hidden) void check();
  }, MEASURE);
  void useCatalogue.getState().load().then(check);
}

function refresh(): void {
  if (useIdentity.getState().address || Date.now() - refreshed < REFRESH) return;
  refreshed = Date.now();
  void useCatalogue.getState().load();
}
