/** A run with faults on a real ledger, and every snapshot that it ever committed. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PastState } from "../../../machines/domain/transition.ts";
import { compose } from "../../cli/compose.ts";
import { type FaultLevel, runConfig } from "../../cli/run-config.ts";
import { usualGenerator } from "../../cli/sources.ts";
import { unpaced } from "../../clock/pace.ts";

export interface Seen {
  readonly name: string;
  readonly seq: number;
  readonly state: PastState;
}

export interface FaultyRun extends Disposable {
  readonly folder: string;
  readonly ledgerFile: string;
  /** Actors as they were committed, in that order; those of one commit as of its last record. */
  readonly seen: readonly Seen[];
  /** Goes on with the same ledger up to so many hours of its market. */
  runTo(hours: number): Promise<void>;
}

export interface FaultyRunOptions {
  readonly hours: number;
  readonly faults?: FaultLevel;
  readonly seed?: number;
}

/** Makes it; ten thousand records take about a day of the market. */
export async function faultyRun(options: FaultyRunOptions): Promise<FaultyRun> {
  const { hours, faults = "rough", seed = 1 } = options;
  const folder = mkdtempSync(join(tmpdir(), "novactor-past-"));
  const ledgerFile = join(folder, "desk.db");
  const seen: Seen[] = [];
  const runTo = async (until: number): Promise<void> => {
    const { source } = usualGenerator(seed);
    const begin = Date.UTC(2026, 0, 1);
    using parts = compose({
      ...{ config: runConfig(source, seed, faults), source, ledgerFile },
      ...{ until: begin + until * 3_600_000, reached: () => {}, onBar: () => {} },
      ...{ onMove: () => {}, pace: () => unpaced() },
      listener: {
        loaded: () => {},
        committed: ({ actors, archived }) => {
          for (const { name, seq, snapshot } of [...actors, ...archived]) {
            const { value, context } = snapshot as PastState;
            seen.push({ name, seq, state: structuredClone({ value, context }) });
          }
        },
      },
    });
    await parts.desk.start(() => parts.run.takeReports());
    await parts.run.run();
    parts.desk.stop();
  };
  await runTo(hours);
  return {
    ...{ folder, ledgerFile, seen, runTo },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
