import { verifyChain } from "../../actors/runtime/mod.ts";
import type { Ledger } from "../store/ledger.ts";
import { keptRecords } from "../store/retention.ts";

/** Between two looks whether a segment can be archived, milliseconds. */
const everyMs = 60_000;

/** Looks between two prunings of actors that no late fill can be expected for. */
const pruneEvery = 24 * 60;

/**
 * Keeps a running desk's ledger bounded: archives the oldest segment now and then, and drops what
 * nobody will ask for any more.
 */
export function keepTidy(ledger: Ledger, onFailure: (error: unknown) => void): Disposable {
  let looks = 0;
  const timer = setInterval(() => {
    try {
      ledger.archiveOldest({ keepRecords: keptRecords, verify: verifyChain });
      looks += 1;
      if (looks % pruneEvery === 0) ledger.pruneActors();
    } catch (error) {
      clearInterval(timer);
      onFailure(error);
    }
  }, everyMs);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
