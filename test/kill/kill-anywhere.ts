/**
 * Kills real desks on real files, everywhere, and holds what they come to against what they
 * promised: `bun run test:kill [--kills N] [TEXT]`, TEXT being part of a scenario's name.
 */
import { parseArgs } from "node:util";
import { type CrashPoint, crashPoints } from "../../machines/domain/crash-point.ts";
import { WorkFolder } from "./harness.ts";
import {
  braked,
  btcMonth,
  btcPairs,
  generated,
  inBooks,
  isAvailable,
  type MarketRun,
} from "./market-run.ts";
import {
  type Crash,
  crashedRun,
  everyCrashPoint,
  judgedRun,
  killedRun,
  type WholeRun,
  wholeRun,
} from "./scenarios.ts";

interface Scenario {
  readonly name: string;
  readonly run: MarketRun;
  /** Returns what went wrong; prints what went on. */
  readonly act: (whole: WholeRun, folder: WorkFolder) => Promise<readonly string[]>;
}

const { values, positionals } = parseArgs({
  options: { kills: { type: "string", default: "40" } },
  allowPositionals: true,
});
const kills = Number(values.kills);

/** Several times each: early, in a row, and well into the run. */
const crashTimes = [1, 2, 5];

const say = (text: string) => console.log(`  ${text}`);

function unlike(whole: WholeRun, outcome: WholeRun["outcome"]): string[] {
  return Object.entries(outcome)
    .filter(([key, value]) => !Bun.deepEquals(value, whole.outcome[key as keyof typeof outcome]))
    .map(([key, value]) => {
      const wanted = whole.outcome[key as keyof typeof outcome];
      return `${key} is ${JSON.stringify(value)}, uninterrupted ${JSON.stringify(wanted)}`;
    });
}

function equalHeads(run: MarketRun): Scenario {
  return {
    name: `${run.name}: same ledger after ${kills} kills`,
    run,
    async act(whole, folder) {
      const { outcome, killedAt } = await killedRun(whole, kills, folder);
      say(`killed at records ${killedAt.join(" ")}`);
      say(`ledger head ${outcome.ledgerHead}`);
      const distinct = new Set(killedAt).size;
      return distinct < kills
        ? [`killed at ${distinct} sequences, wanted ${kills}`]
        : unlike(whole, outcome);
    },
  };
}

/** A look-up happens only after something was under way when the process died. */
function crashesAt(point: CrashPoint): Crash[] {
  return crashTimes.flatMap((times): Crash[] =>
    point.startsWith("lookUp.")
      ? [
          ["submit.afterSend", times],
          [point, 1],
        ]
      : [[point, times]],
  );
}

function crashPointsOf(run: MarketRun): Scenario {
  return {
    name: `${run.name}: same ledger after crashes at every named point`,
    run,
    async act(whole, folder) {
      const wrong: string[] = [];
      for (const point of crashPoints) {
        const { outcome, killedAt } = await crashedRun(run, crashesAt(point), folder);
        const found = unlike(whole, outcome);
        say(`${point.padEnd(18)} at records ${killedAt.join(" ").padEnd(36)} ${verdict(found)}`);
        wrong.push(...found.map((text) => `${point}: ${text}`));
      }
      return wrong;
    },
  };
}

function promisesOf(run: MarketRun): Scenario {
  return {
    name: `${run.name}: P1 to P8 after ${everyCrashPoint.length} crashes and ${kills} kills`,
    run,
    async act({ total }, folder) {
      const disturbance = { crashes: everyCrashPoint, kills, lastKill: Math.floor(total * 0.7) };
      const judged = await judgedRun(run, disturbance, folder);
      const { killedAt, orders, fills, trades, findings } = judged;
      say(`killed at records ${killedAt.join(" ")}`);
      say(`${orders} orders, ${fills} fills, ${trades} trades`);
      say(`settled within ${judged.settledHours} virtual hours of the end`);
      const [longest, bound] = [judged.longestUncoveredMs, judged.exposureBoundMs];
      say(`longest without cover ${longest / 1_000} s of virtual time, bound ${bound / 1_000} s`);
      for (const [promise, found] of Object.entries(findings)) {
        say(`${promise.padEnd(10)} ${verdict(found)}`);
      }
      return Object.entries(findings).flatMap(([promise, found]) =>
        found.map((text) => `${promise}: ${text}`),
      );
    },
  };
}

const verdict = (found: readonly string[]) =>
  found.length === 0 ? "holds" : `BROKEN ${found.length} times`;

const scenarios = [
  equalHeads(btcMonth),
  equalHeads(btcPairs),
  equalHeads(generated("2026-01-03T00:00:00Z")),
  equalHeads(braked(generated("2026-01-03T00:00:00Z"))),
  equalHeads(inBooks("2026-01-03T00:00:00Z")),
  crashPointsOf(generated("2026-01-02T00:00:00Z")),
  promisesOf({ ...btcMonth, name: `${btcMonth.name}, faults rough`, faults: "rough" }),
  promisesOf({ ...btcPairs, name: `${btcPairs.name}, faults storm`, faults: "storm" }),
  promisesOf(generated("2026-01-05T00:00:00Z", "rough")),
  promisesOf(generated("2026-01-05T00:00:00Z", "storm")),
  promisesOf(braked(generated("2026-01-05T00:00:00Z", "rough"))),
  promisesOf(braked(generated("2026-01-05T00:00:00Z", "storm"))),
].filter(({ name }) => positionals.every((text) => name.includes(text)));

let [passed, failed, skipped] = [0, 0, 0];
for (const { name, run, act } of scenarios) {
  console.log(`\n${name}`);
  if (!isAvailable(run)) {
    say("skipped: its data is not here");
    skipped += 1;
    continue;
  }
  using folder = new WorkFolder();
  const startedAt = performance.now();
  try {
    const whole = await wholeRun(run, folder);
    say(`uninterrupted: ${whole.total} records, ${whole.outcome.trades} trades`);
    const wrong = await act(whole, folder);
    for (const text of wrong.slice(0, 20)) say(`WRONG ${text}`);
    folder.keep = wrong.length > 0;
  } catch (error) {
    say(`WRONG ${error instanceof Error ? error.message : String(error)}`);
    folder.keep = true;
  }
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
  if (folder.keep) {
    failed += 1;
    say(`FAILED after ${seconds} s; its ledgers are left in ${folder.path}`);
  } else {
    passed += 1;
    say(`passed in ${seconds} s`);
  }
}
console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 ? 1 : 0;
