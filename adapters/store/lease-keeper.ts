/** Renews a ledger's lease while a desk has nothing to commit. */
import type { Ledger } from "./ledger.ts";

/** A third of the lease's usual duration. */
const usualMs = 10_000;

/**
 * Renews at once and then again and again, without keeping the process alive.
 *
 * @param onFailure told of the first renewal that failed, `LeaseLost` or `CommitFailed`, after
 * which none is tried: the desk must send nothing more and end.
 */
export function keepLease(
  ledger: Pick<Ledger, "renew">,
  onFailure: (error: unknown) => void,
  everyMs = usualMs,
): Disposable {
  const renew = (): void => {
    try {
      ledger.renew();
    } catch (error) {
      clearInterval(timer);
      onFailure(error);
    }
  };
  const timer = setInterval(renew, everyMs);
  timer.unref();
  renew();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
