/** The short version of `bun run test:kill`, which kills longer runs more often. */
import { Database } from "bun:sqlite";
import { expect, setDefaultTimeout, test } from "bun:test";
import { crashPoints } from "../../machines/domain/crash-point.ts";
import { WorkFolder } from "./harness.ts";
import { generated } from "./market-run.ts";
import {
  crashedRun,
  everyCrashPoint,
  judgedLedger,
  judgedRun,
  judgeLedger,
  killedRun,
  wholeRun,
} from "./scenarios.ts";

// A bound on hanging, not on how fast a machine is: each test starts some twenty processes.
setDefaultTimeout(180_000);

const day = generated("2026-01-02T00:00:00Z");

const holds = {
  ...{ P1: [], P2: [], P3: [], P4: [], P5: [], P6: [], P7: [], P8: [] },
  unforeseen: [],
};

test("a run killed at eight sequences ends with the ledger of one that was not", async () => {
  using folder = new WorkFolder();
  const whole = await wholeRun(day, folder);
  const { outcome, killedAt } = await killedRun(whole, 8, folder);
  expect(outcome).toEqual(whole.outcome);
  expect(new Set(killedAt).size).toBe(8);
  expect(whole.outcome.trades).toBeGreaterThan(10);
});

test("a run crashed at every named point ends with the ledger of one that was not", async () => {
  expect(everyCrashPoint.map(([point]) => point).toSorted()).toEqual(crashPoints.toSorted());
  using folder = new WorkFolder();
  const whole = await wholeRun(day, folder);
  const { outcome } = await crashedRun(day, everyCrashPoint, folder);
  expect(outcome).toEqual(whole.outcome);
});

test.each(["rough", "storm"] as const)(
  "P1 to P8 hold over a venue that is %s, killed, with an operator at it",
  async (faults) => {
    using folder = new WorkFolder();
    const run = generated("2026-01-03T00:00:00Z", faults);
    const crashes = everyCrashPoint.filter(([point]) => point.endsWith(".afterSend"));
    const judged = await judgedRun(run, { crashes, kills: 5, lastKill: 9_000 }, folder);
    expect(judged.findings).toEqual(holds);
    expect(judged.fills).toBeGreaterThan(50);

    const file = folder.file(judgedLedger);
    {
      using database = new Database(file);
      database.run("DELETE FROM fills WHERE rowid = (SELECT max(rowid) FROM fills)");
    }
    const { findings } = await judgeLedger(run, file, []);
    expect([findings.P4?.length, findings.P5?.length]).toEqual([1, 1]);
  },
);
