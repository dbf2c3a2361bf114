/** Jobs of a running desk: from the shell, over HTTP, beside the market, and through SIGKILL. */
import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JobView } from "../../actors/desk/mod.ts";
import { TrialStore } from "../../adapters/store/trials.ts";

const main = join(import.meta.dir, "../../adapters/cli/main.ts");
const folder = mkdtempSync(join(tmpdir(), "novactor-jobs-"));
const db = join(folder, "desk.db");
const desks: Bun.Subprocess[] = [];

afterAll(async () => {
  for (const desk of desks) {
    desk.kill("SIGKILL");
    await desk.exited;
  }
  rmSync(folder, { recursive: true });
});

writeFileSync(
  join(folder, "study.yaml"),
  "market: { source: generator, symbols: [{ symbol: BTC/USD, startPrice: 64000, tick: 0.1 }] }\n",
);
const market = ["--config", "study.yaml", "--until", "2026-01-01T06:00:00Z"];
const study = ["optimize", ...market, "--json", "--vary", "risk.riskShare=0.001..0.03:0.001"];

async function shell(...args: string[]): Promise<{ out: string; code: number }> {
  const process = Bun.spawn(["bun", main, ...args], {
    ...{ cwd: folder, stdout: "pipe", stderr: "pipe", env: { ...globalThis.process.env } },
  });
  const [out, err] = await Promise.all([
    new Response(process.stdout).text(),
    new Response(process.stderr).text(),
  ]);
  return { out: `${out}${err}`.trim(), code: await process.exited };
}

/** A paced desk on the ledger, once it answers; with the origin of its panel. */
async function desk() {
  const args = ["start", "--db", db, "--port", "0", "--speed", "60"];
  const process = Bun.spawn(["bun", main, ...args], {
    ...{ cwd: folder, stdout: "pipe", stderr: "inherit" },
  });
  desks.push(process);
  let said = "";
  const reader = process.stdout.getReader();
  while (!/http:\/\/[\d.:]+/.test(said)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`Cannot start desk: it said "${said}"`);
    said += new TextDecoder().decode(value);
  }
  // Whatever else it says is read, so that it never waits for a reader.
  (async () => {
    while (!(await reader.read()).done);
  })();
  return { process, origin: /http:\/\/[\d.:]+/.exec(said)?.[0] ?? "" };
}

const jobs = async (): Promise<JobView[]> => {
  for (;;) {
    const { out, code } = await shell("job", "list", "--json", "--db", db);
    if (code === 0) return JSON.parse(out);
    await Bun.sleep(200);
  }
};

async function jobOnce(id: string, is: (job: JobView) => boolean): Promise<JobView> {
  for (;;) {
    const job = (await jobs()).find(({ jobId }) => jobId === id);
    if (job && is(job)) return job;
    if (job && ["done", "failed", "cancelled"].includes(job.state)) {
      throw new Error(`Cannot wait for job ${id}: it is ${job.state}, ${job.reason}`);
    }
    await Bun.sleep(200);
  }
}

const start = (...args: string[]) => shell("job", "start", "--db", db, ...args);

function trialsKept(): number {
  const file = `${db}.trials.db`;
  if (!existsSync(file)) return 0;
  using store = new TrialStore(file);
  return store.size;
}

describe("jobs of a running desk", () => {
  test("survive SIGKILL of the desk, go on from their trials, and come to the same table", async () => {
    const first = await desk();
    expect(await start(...study)).toEqual({ out: "job 1 is queued", code: 0 });
    const begun = await jobOnce("1", ({ state, done }) => state === "running" && done > 2);
    expect(begun.of).toBe(30);
    // The desk trades on beside it.
    const before = JSON.parse((await shell("status", "--json", "--db", db)).out);
    first.process.kill("SIGKILL");
    await first.process.exited;
    const kept = trialsKept();
    expect(kept).toBeGreaterThan(2);

    const { origin } = await desk();
    const done = await jobOnce("1", ({ state }) => state !== "running" && state !== "queued");
    expect(done).toMatchObject({ state: "done", done: 30, of: 30, reason: null });
    expect(done.starts).toBe(2);
    const after = JSON.parse((await shell("status", "--json", "--db", db)).out);
    expect(after.counts.candles).toBeGreaterThan(before.counts.candles);
    const alone = await shell(...study, "--trials", "alone.db");
    expect(readFileSync(done.result ?? "", "utf8").trim()).toBe(alone.out);

    const { out: key } = await shell("key", "create", "--name", "me", "--role", "view", "--db", db);
    const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json" };
    const reply = await fetch(`${origin}/api/v1/jobs`, { headers });
    expect(await reply.json()).toMatchObject({ jobs: [{ jobId: "1", state: "done" }] });
    const write = { method: "POST", body: "{}", headers };
    expect((await fetch(`${origin}/api/v1/jobs`, write)).status).toBe(403);
  }, 600_000);

  test("are cancelled, wait their turn, and say why they failed", async () => {
    const long = ["--vary", "risk.riskShare=0.0001..0.05:0.0001"];
    expect((await start("optimize", ...market, ...long)).code).toBe(0);
    expect((await start("analyze", "--", "montecarlo", "--candles", "none.csv")).code).toBe(0);
    const running = await jobOnce("2", ({ state, done }) => state === "running" && done > 0);
    expect((await jobs()).find(({ jobId }) => jobId === "3")?.state).toBe("queued");
    const cancelled = await shell("job", "cancel", running.jobId, "--db", db, "--reason", "enough");
    expect(cancelled.out).toContain("job 2 is cancelled");
    expect(await jobOnce("2", ({ state }) => state !== "running")).toMatchObject({
      state: "cancelled",
    });
    const failed = await jobOnce("3", ({ state }) => state !== "queued" && state !== "running");
    expect(failed.state).toBe("failed");
    expect(failed.reason).toContain("Cannot pair 1 candle files with 0 symbols");
    expect((await start("start")).code).toBe(14);
    expect((await shell("job", "list", "--db", db)).out).toContain("cancelled");
  }, 600_000);
});
