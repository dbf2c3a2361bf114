/** A study of 200 trials is killed and goes on: its table is that of one that never stopped. */
import { describe, expect, test } from "bun:test";
import { StudyFolder } from "./study.fixture.ts";

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

describe("optimize", () => {
  test("of 200 trials survives SIGKILL and goes on to the same table", async () => {
    using folder = new StudyFolder();
    const whole = await folder.output([...study, "--trials", "whole.db"]);
    expect({ code: whole.code, err: whole.err }).toEqual({ code: 0, err: "" });
    const rows = JSON.parse(whole.out).rows as Row[];
    expect(rows).toHaveLength(200);
    expect(rows.every(({ state }) => state === "done")).toBe(true);
    expect(new Set(rows.map(({ scores }) => scores.totalReturn)).size).toBeGreaterThan(10);
    expect(rows.filter(({ pareto }) => pareto).length).toBeGreaterThan(0);
    expect(Object.keys(rows[0]?.provenance ?? {})).toEqual([
      ...["configHash", "dataHash", "codeVersion"],
    ]);

    const kept = await folder.killedAfter(20, "killed.db", study);
    expect(kept).toBeGreaterThanOrEqual(20);
    expect(kept).toBeLessThan(200);
    const resumed = await folder.output([...study, "--trials", "killed.db", "--workers", "1"]);
    expect(resumed.out).toBe(whole.out);
    expect(folder.keptIn("killed.db")).toBe(200);
  }, 600_000);

  test("refuses what cannot be varied, and says what can", async () => {
    using folder = new StudyFolder();
    const cases = [
      ["--vary", "market.timeframe=1m,5m"],
      ["--vary", "strategy.votes.trend.fats=1,2"],
      ["--vary", "risk.riskShare=0.1..0.01:0.01"],
      [],
    ];
    const said = cases.map((vary) => folder.output(["optimize", "--market", "generator", ...vary]));
    for (const { code, err } of await Promise.all(said)) {
      expect([code, err.startsWith("Cannot")]).toEqual([2, true]);
    }
  }, 120_000);
});
