/** A walk forward is killed and goes on: its table is that of one that never stopped. */
import { describe, expect, test } from "bun:test";
import { StudyFolder } from "./study.fixture.ts";

const minute = 60_000;
const from = Date.parse("2026-01-01T03:00:00Z");
const walk = [
  ...["walkforward", "--config", "study.yaml", "--until", "2026-01-01T06:00:00Z"],
  ...["--train", "3h", "--test", "90m", "--warm-up", "2h", "--objective", "totalReturn"],
  ...["--vary", "strategy.votes.trend.fast=2..9:1", "--vary", "entry.type=limit,market"],
];

type Scores = Readonly<Record<string, number | null>>;

interface Step {
  readonly train: { readonly from: number; readonly until: number };
  readonly test: { readonly from: number; readonly until: number };
  readonly trials: number;
  readonly best: {
    readonly trial: number;
    readonly point: Readonly<Record<string, string>>;
    readonly inSample: Scores;
    readonly outOfSample: Scores;
    readonly provenance: Readonly<Record<"inSample" | "outOfSample", Record<string, string>>>;
  };
}

describe("walkforward", () => {
  test("survives SIGKILL and goes on to the same in-sample and out-of-sample results", async () => {
    using folder = new StudyFolder();
    const whole = await folder.output([...walk, "--json", "--trials", "whole.db"]);
    expect({ code: whole.code, err: whole.err }).toEqual({ code: 0, err: "" });
    const steps = JSON.parse(whole.out).steps as Step[];
    // Tests follow each other without a gap, each right after its own training.
    expect(
      steps.map(({ train, test }) => [train.from, train.until, test.from, test.until]),
    ).toEqual(
      [0, 90].map((later) => [-180, 0, 0, 90].map((minutes) => from + (minutes + later) * minute)),
    );
    for (const { trials, best } of steps) {
      expect(trials).toBe(16);
      expect(Object.keys(best.point)).toEqual(["strategy.votes.trend.fast", "entry.type"]);
      // One configuration, two stretches of the market.
      const { inSample, outOfSample } = best.provenance;
      expect(inSample.dataHash).not.toBe(outOfSample.dataHash ?? "");
      expect([best.inSample.totalReturn, best.outOfSample.totalReturn]).toEqual([
        ...[expect.any(Number), expect.any(Number)],
      ]);
      expect(best.outOfSample.totalReturn).not.toBe(best.inSample.totalReturn ?? null);
    }

    const kept = await folder.killedAfter(5, "killed.db", [...walk, "--json"]);
    expect(kept).toBeGreaterThanOrEqual(5);
    expect(kept).toBeLessThan(34);
    const resumed = [...walk, "--trials", "killed.db", "--workers", "1"];
    expect((await folder.output([...resumed, "--json"])).out).toBe(whole.out);
    expect(folder.keptIn("killed.db")).toBe(34);

    const shown = await folder.output(resumed);
    expect(shown.err).toContain("34 of 34 trials, 34 of them known");
    expect(shown.out).toMatch(/test from +until +trials +best +totalReturn in +out/);
    for (const { best } of steps) {
      const both = [best.inSample.totalReturn, best.outOfSample.totalReturn].map((value) =>
        String(+(value ?? 0).toPrecision(5)),
      );
      expect(shown.out).toMatch(new RegExp(both.join(" +").replaceAll(".", "\\.")));
    }
    expect(shown.out).toMatch(/mean return of a window: \S+ in sample, \S+ out of it; \d of 2/);
  }, 600_000);
});
