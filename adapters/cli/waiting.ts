/** Waits between two tries to reach a venue; the last one is kept. */
const waits = [1_000, 2_000, 5_000, 15_000, 30_000] as const;

/** How long to wait after so many tries in vain, the first one being 0; milliseconds. */
export function waitMs(tries: number): number {
  return waits[Math.min(tries, waits.length - 1)] ?? 0;
}

/** Sleeps, but not on after it was stopped. */
export async function waitUnless(isStopped: () => boolean, pauseMs: number): Promise<void> {
  const until = performance.now() + pauseMs;
  while (!isStopped() && performance.now() < until) await Bun.sleep(100);
}

/** What an operator can do while a venue's prices are waited for. */
export function unreachedCure({ rest }: { readonly rest: string | null }): string {
  const address = rest === null ? "" : `, whether its address "${rest}" is the one that is meant,`;
  return `See this machine's network${address} and the venue's status page; Ctrl+C ends the wait`;
}

/** Comes after so many milliseconds, and keeps no process alive that ends before. */
export function passed(afterMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, afterMs).unref());
}
