/** Whose turn it is to listen, among the tabs of an origin: who holds a lock of the browser. */

/** Milliseconds in which the tab that listens answers, unless the browser has put it to sleep. */
const ANSWERED = 5_000;

export interface Turn {
  /** The tab whose turn it is has given a sign of life. */
  answered(): void;
  close(): void;
}

/**
 * Calls `lead` when it is this tab's turn, and `follow` when another has taken it. A tab that sleeps keeps its lock, so
 * one that is seen asks whether somebody listens, and else takes it away.
 */
export function turn(locks: LockManager, name: string, tab: { lead(): void; follow(): void; ask(): void }): Turn {
  let waiting = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let release: (() => void) | undefined;
  let closed = false;

  const held = () =>
    new Promise<void>((done) => {
      release = done;
      answered();
      tab.lead();
    });

  function stand(steal: boolean): void {
    waiting.abort();
    waiting = new AbortController();
    const { signal } = waiting;
    locks.request(name, steal ? { steal } : { signal }, held).catch(() => {
      if (closed || signal.aborted) return;
      const taken = release !== undefined;
      release = undefined;
      if (!taken) return tab.lead();
      tab.follow();
      stand(false);
    });
  }

  function answered(): void {
    clearTimeout(timer);
    timer = undefined;
  }

  // A worker has no document, and is as good as seen.
  const page = globalThis.document as Document | undefined;

  function look(): void {
    if (release) return;
    tab.ask();
    if (!page?.hidden) timer ??= setTimeout(() => stand(true), ANSWERED);
  }

  page?.addEventListener('visibilitychange', look);
  stand(false);
  look();
  return {
    answered,
    close() {
      closed = true;
      answered();
      page?.removeEventListener('visibilitychange', look);
      waiting.abort();
      release?.();
    },
  };
}
