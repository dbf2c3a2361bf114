/** A study of 200 trials is killed and goes on: its table is that of one that never stopped. */
import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TrialStore } from "../../adapters/store/trials.ts";

const main = join(import.meta.dir, "../../adapters/cli/main.ts");
/** One symbol and two strategies that agree with nobody but themselves: it trades within hours. */
const configuration = `
market:
  source: generator
  symbols: [{ symbol: BTC/USD, startPrice: 64000, tick: 0.1 }]
strategy:
  frames: [1]
  confluence:
    { minFrames: 1, minStrategies: 1, minConfidence: 0.1, minRewardToRisk: 0.1, frameBonus: [1] }
  votes:
    breakout: { use: false }
    ichimoku: { use: false }
    keltner: { use: false }
    squeeze: { use: false }
    supertrend: { use: false }
    reversal: { use: false }
    stochasticDivergence: { use: false }
    meanReversion: { use: false }
    orderFlow: { use: false }
`;
const study = [
  ...["optimize", "--config", "study.yaml", "--until", "2026-01-01T02:30:00Z", "--json"],
  ...["--vary", "strategy.votes.trend.fast=2..21:1", "--vary", "stop.atrMultiple=1..3:0.5"],
  ...["--vary", "entry.type=limit,market", "--objective", "totalReturn"],
];

interface Row {
  readonly provenance: object;
  readonly state: string;
  readonly scores: Readonly<Record<string, number>>;
  readonly pareto: boolean;
}

function novactor(args: readonly string[], cwd: string) {
  return Bun.spawn(["bun", main, ...args], { cwd, stdout: "pipe", stderr: "pipe" });
}

async function output(args: readonly string[], cwd: string) {
  const process = novactor(args, cwd);
  const [out, err, code] = await Promise.all([
    new Response(process.stdout).text(),
    new Response(process.stderr).text(),
    process.exited,
  ]);
  return { out, err, code };
}

/** Trials that are kept in a file; 0 while there is none. */
function keptIn(file: string): number {
  if (!existsSync(file)) return 0;
  try {
    using store = new TrialStore(file);
    return store.size;
  } catch {
    // It is being made.
    return 0;
  }
}

describe("optimize", () => {
  test("of 200 trials survives SIGKILL and goes on to the same table", async () => {
    const folder = mkdtempSync(join(tmpdir(), "novactor-optimize-"));
    try {
      writeFileSync(join(folder, "study.yaml"), configuration);
      const whole = await output([...study, "--trials", "whole.db"], folder);
      expect({ code: whole.code, err: whole.err }).toEqual({ code: 0, err: "" });
      const rows = JSON.parse(whole.out).rows as Row[];
      expect(rows).toHaveLength(200);
      expect(rows.every(({ state }) => state === "done")).toBe(true);
      expect(new Set(rows.map(({ scores }) => scores.totalReturn)).size).toBeGreaterThan(10);
      expect(rows.filter(({ pareto }) => pareto).length).toBeGreaterThan(0);
      expect(Object.keys(rows[0]?.provenance ?? {})).toEqual([
        ...["configHash", "dataHash", "codeVersion"],
      ]);

      const file = join(folder, "killed.db");
      const victim = novactor([...study, "--trials", file], folder);
      while (keptIn(file) < 20 && victim.exitCode === null) await Bun.sleep(50);
      victim.kill("SIGKILL");
      await victim.exited;
      const kept = keptIn(file);
      expect(kept).toBeGreaterThanOrEqual(20);
      expect(kept).toBeLessThan(200);

      const resumed = await output([...study, "--trials", file, "--workers", "1"], folder);
      expect(resumed.out).toBe(whole.out);
      expect(keptIn(file)).toBe(200);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 600_000);

  test("refuses what cannot be varied, and says what can", async () => {
    const folder = mkdtempSync(join(tmpdir(), "novactor-optimize-"));
    try {
      const cases = [
        ["--vary", "market.timeframe=1m,5m"],
        ["--vary", "strategy.votes.trend.fats=1,2"],
        ["--vary", "risk.riskShare=0.1..0.01:0.01"],
        [],
      ];
      for (const vary of cases) {
        const { code, err } = await output(["optimize", "--market", "generator", ...vary], folder);
        expect([code, err.startsWith("Cannot")]).toEqual([2, true]);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
