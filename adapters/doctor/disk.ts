/** Is there room on the ledger's disk, and does it keep what it is told to keep? */
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Finding, found } from "./finding.ts";

export interface Space {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** Where the running desk stops new exposure, and well before. */
const bytesCritical = 200_000_000;
const bytesLow = 2_000_000_000;
const shareLow = 0.05;

/** Room on the disk that holds a folder, for others than the superuser. */
export function spaceOf(folder: string): Space {
  const { bavail, blocks, bsize } = statfsSync(folder);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

export function spaceFinding({ freeBytes, totalBytes }: Space): Finding {
  const share = totalBytes > 0 ? freeBytes / totalBytes : 0;
  const text = `${Math.round(freeBytes / 1e6)} MB are free, ${(share * 100).toFixed(1)} % of the disk`;
  const cure = "Make room, or move archive files elsewhere; the desk brakes below 200 MB";
  if (freeBytes < bytesCritical) return found("disk", "critical", text, cure);
  if (freeBytes < bytesLow || share < shareLow) return found("disk", "warning", text, cure);
  return found("disk", "ok", text);
}

/** No disk that keeps anything is as fast as this; no desk should wait as long as that. */
const flushFastMs = 0.02;
const flushSlowMs = 50;

const blockBytes = 4096;

/**
 * How long a block takes to reach the disk, milliseconds, so many times: written and synced at the
 * end of a file of its own in the folder, as the ledger's log is.
 *
 * @throws the system's error if nothing can be written there.
 */
export function measureFlush(folder: string, rounds: number): number[] {
  const path = join(folder, `.novactor-flush-${process.pid}`);
  const block = Buffer.alloc(blockBytes, 0x6e);
  const descriptor = openSync(path, "wx", 0o600);
  try {
    return Array.from({ length: rounds }, () => {
      const started = performance.now();
      writeSync(descriptor, block);
      fsyncSync(descriptor);
      return performance.now() - started;
    });
  } finally {
    closeSync(descriptor);
    rmSync(path);
  }
}

/** The value below which that share of the times is; NaN of none. */
function percentile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export function flushFinding(times: readonly number[]): Finding {
  const [half, most] = [percentile(times, 0.5), percentile(times, 0.99)];
  const text = `A write reaches the disk in ${shown(half)} (median), ${shown(most)} (99 of 100)`;
  if (half < flushFastMs) {
    const cure =
      "Put the ledger on a real disk that keeps its promises: this is memory, or a disk that " +
      "says that it wrote before it did; a power cut would lose what was acknowledged";
    return found("flush", "warning", text, cure);
  }
  if (most > flushSlowMs) {
    const cure = "Use a faster disk, or one that is less busy: each decision waits for it";
    return found("flush", "warning", text, cure);
  }
  return found("flush", "ok", text);
}

function shown(ms: number): string {
  return ms < 1 ? `${Math.round(ms * 1000)} µs` : `${ms.toFixed(1)} ms`;
}
