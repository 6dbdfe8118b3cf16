/** What is measured, in a line. */

/** Writes down the median, the slowest hundredth and the slowest. */
export function told(what: string, measured: readonly number[]): void {
  const rising = measured.toSorted((one, other) => one - other);
  const at = (share: number) => rising[Math.floor(share * (rising.length - 1))]?.toFixed(1);
  console.log(`${what}: median ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms of ${rising.length}`);
}
