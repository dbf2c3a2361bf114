import { existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import type { Vital } from "../../actors/desk/ports.ts";

export interface VitalOptions {
  readonly ledgerFile: string;
  /** Told of each change for the worse or the better, and of nothing else. */
  readonly observe: (vital: Vital) => void;
  /**
   * Whether the desk is braked by it now: from before a restart, and its end is to be told too; or
   * not any more, though it lasts, and it is to be told again.
   */
  readonly isBraked: (by: "eventLoopLag" | "lowDisk" | "file") => boolean;
  /** Told when looking or telling failed, after which nothing is watched any more. */
  readonly onFailure: (error: unknown) => void;
  /** Between two looks, milliseconds. */
  readonly everyMs: number;
  /** A pause of the process that counts as lag, milliseconds. */
  readonly lagMs: number;
  /** Looks in a row that must agree before it is told. */
  readonly patience: number;
  /** Free bytes below which the disk is low. */
  readonly lowDiskBytes: number;
  /** Free bytes on the ledger's disk; the file system's own word unless a test says otherwise. */
  readonly freeBytes?: () => number;
}

/** The file whose mere presence stops all new exposure: `<ledger>.halt`. */
export function emergencyFile(ledgerFile: string): string {
  return `${ledgerFile}.halt`;
}

/** Tells when a condition changed and has lasted for some looks. */
class Change {
  private streak = 0;

  constructor(
    private readonly patience: number,
    private told: boolean,
    private readonly isBraked: () => boolean,
  ) {}

  /** The new state if it is to be told now, else null. */
  look(isGood: boolean): boolean | null {
    // A brake that was released by hand while its cause lasts is set again.
    if (isGood === this.told && (isGood || this.isBraked())) {
      this.streak = 0;
      return null;
    }
    this.streak += 1;
    if (this.streak < this.patience) return null;
    this.streak = 0;
    this.told = isGood;
    return isGood;
  }
}

/** Watches event-loop lag, free disk space and the emergency file until it is stopped. */
export function watchVitals(options: VitalOptions): { stop(): void } {
  const { ledgerFile, observe, everyMs, lagMs, patience, lowDiskBytes } = options;
  const file = emergencyFile(ledgerFile);
  const freeBytes =
    options.freeBytes ??
    (() => {
      const { bavail, bsize } = statfsSync(dirname(ledgerFile));
      return bavail * bsize;
    });
  const change = (by: "eventLoopLag" | "lowDisk" | "file", looks: number): Change =>
    new Change(looks, !options.isBraked(by), () => options.isBraked(by));
  const lag = change("eventLoopLag", patience);
  const disk = change("lowDisk", 1);
  const calm = change("file", 1);
  let expected = performance.now() + everyMs;

  const look = (): void => {
    const late = Math.max(0, performance.now() - expected);
    expected = performance.now() + everyMs;
    const lagChanged = lag.look(late <= lagMs);
    if (lagChanged !== null) {
      const text = `the process paused for ${Math.round(late)} ms, limit ${lagMs} ms`;
      observe({ type: "vital", rule: "eventLoopLag", isGood: lagChanged, text });
    }
    const free = freeBytes();
    const diskChanged = disk.look(free >= lowDiskBytes);
    if (diskChanged !== null) {
      const text = `${Math.round(free / 1e6)} MB free, wanted ${Math.round(lowDiskBytes / 1e6)} MB`;
      observe({ type: "vital", rule: "lowDisk", isGood: diskChanged, text });
    }
    const fileChanged = calm.look(!existsSync(file));
    if (fileChanged !== null) {
      observe({ type: "emergencyFile", path: file, isThere: !fileChanged });
    }
  };
  const watch = (): void => {
    try {
      look();
    } catch (error) {
      clearInterval(timer);
      options.onFailure(error);
    }
  };
  const timer = setInterval(watch, everyMs);
  // At once: an emergency file that was there before the start stops the first trade too.
  watch();
  return { stop: () => clearInterval(timer) };
}
