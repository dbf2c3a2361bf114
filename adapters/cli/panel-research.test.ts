/** What the panel shows of a job: its report where that is kept for it, else what it printed. */
import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JobView } from "../../actors/desk/mod.ts";
import { panelResearch } from "./panel-research.ts";

test("a backtest whose report a shell had written elsewhere is shown as what it printed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "novactor-research-"));
  try {
    const ledger = join(folder, "desk.db");
    const jobs = `${ledger}.jobs`;
    mkdirSync(jobs);
    const [elsewhere, printed] = [join(folder, "report.json"), join(jobs, "1.out")];
    writeFileSync(elsewhere, "{}");
    writeFileSync(printed, "NOVACTOR  BACKTEST\n");
    const research = panelResearch(ledger, join(folder, "store"), { set: [] });
    const job = (part: Partial<JobView>) =>
      ({ kind: "backtest", state: "done", args: [], result: printed, ...part }) as JobView;
    const text = { kind: "text", text: "NOVACTOR  BACKTEST\n" } as const;
    expect(await research.resultOf(job({}))).toEqual(text);
    expect(await research.resultOf(job({ args: ["--json", elsewhere] }))).toEqual(text);
    expect(await research.resultOf(job({ result: elsewhere }))).toBe(null);
    expect(await research.resultOf(job({ state: "failed" }))).toBe(null);
    const gone = await research.resultOf(job({ args: ["--json", research.reportFile("gone")] }));
    expect(gone).toMatchObject({ kind: "text", text: expect.stringContaining("no longer there") });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
