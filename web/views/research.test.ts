/** Research in the panel: what a request becomes, and what is refused. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { jobsOf } from "../../actors/desk/mod.ts";
import { commandBody } from "../api/commands.ts";
import { jobRequest, researchRoutes } from "../api/research.ts";
import { RouteError } from "../api/route.ts";
import { type TradedDesk, tradedDesk } from "../testing/traded-desk.fixture.ts";
import { researchViews } from "./research.ts";

const who = { name: "ada", role: "operate" } as const;
let traded: TradedDesk;
let views: ReturnType<typeof researchViews>;

beforeAll(async () => {
  traded = await tradedDesk({ hours: 1 });
  views = researchViews(traded.panel);
});
afterAll(() => traded[Symbol.asyncDispose]());

let asked = 0;

function ask(request: object) {
  asked += 1;
  const body = jobRequest.parse({ idempotencyKey: `research-test-${asked}-key`, ...request });
  return views["POST /api/v1/jobs"]({ params: {}, query: undefined, body, who });
}

const jobs = () => jobsOf(traded.parts.desk.actors());
const lastArgs = () => jobs().at(-1)?.args ?? [];

describe("POST /api/v1/jobs", () => {
  test("queues what a shell would, by the name of who asked", async () => {
    const answer = await ask({
      ...{ kind: "optimize", market: "generator", until: "2026-01-02", seed: 3 },
      ...{ vary: [{ key: "risk.positionCap", value: "1,2" }], objectives: ["sharpe"] },
    });
    expect(answer).toEqual({ done: true, text: "job 1 is queued" });
    expect(jobs().at(-1)).toMatchObject({ kind: "optimize", who: "ada", state: "queued" });
    expect(lastArgs()).toEqual([
      ...["--market", "generator", "--until", "2026-01-02", "--seed", "3"],
      ...["--vary", "risk.positionCap=1,2", "--objective", "sharpe", "--json"],
    ]);
  });

  test("queues a study of stored candles", async () => {
    const vary = [{ key: "risk.positionCap", value: "1,2" }];
    await ask({ kind: "optimize", market: "stored", series: ["kraken/BTC/USD/1m"], vary });
    expect(lastArgs().slice(0, 2)).toEqual(["--data", "kraken/BTC/USD/1m"]);
  });

  test("has a backtest write its report where it is read from", async () => {
    await ask({ kind: "backtest", market: "generator", until: "2026-01-02", sensitivity: true });
    const { args = [], jobId = "" } = jobs().at(-1) ?? {};
    const file = args[args.indexOf("--json") + 1] ?? "";
    expect(file).toStartWith(`${traded.ledgerFile}.jobs/reports/`);
    expect(args).toContain("--sensitivity");
    expect(args).not.toContain("--ledger");
    const shown = await views["GET /api/v1/jobs/:id"]({
      ...{ params: { id: jobId }, who },
      ...none,
    });
    expect(shown.result).toBeNull();
    expect(researchRoutes["GET /api/v1/jobs/:id"].reply.parse(shown).job.state).toBe("queued");
  });

  test("has a backtest keep its journal among the ledgers that can be looked into", async () => {
    await ask({ kind: "backtest", market: "generator", until: "2026-01-02", keepsJournal: true });
    const args = lastArgs();
    const file = args[args.indexOf("--ledger") + 1] ?? "";
    expect(file).toStartWith(`${traded.ledgerFile}.jobs/backtest-`);
    expect(file).toEndWith(".db");
  });

  test.each([
    ["a backtest of no series", { kind: "backtest", market: "stored" }],
    ["a study in which nothing varies", { kind: "optimize", market: "generator" }],
    ["an analysis without a question", { kind: "analyze", market: "generator" }],
    [
      "a walk without lengths",
      { kind: "walkforward", market: "generator", vary: [{ key: "seed", value: "1,2" }] },
    ],
  ])("refuses %s in words, and queues nothing", async (_name, request) => {
    const before = jobs().length;
    await expect(ask(request)).rejects.toBeInstanceOf(RouteError);
    expect(jobs().length).toBe(before);
  });

  test.each([
    ["a path as a value", { set: [{ key: "market.files[0].path", value: "/etc/passwd" }] }],
    ["an option as a key", { set: [{ key: "--config", value: "x" }] }],
    ["an option as a time", { until: "--config" }],
    ["a series outside of the store", { series: ["../../etc/passwd"] }],
    ["what it does not know", { config: "x.yaml" }],
  ])("takes no %s", (_name, part) => {
    const request = { kind: "backtest", market: "generator", idempotencyKey: "x".repeat(16) };
    expect(jobRequest.safeParse(request).success).toBe(true);
    expect(jobRequest.safeParse({ ...request, ...part }).success).toBe(false);
  });
});

test("no job is started by the general command: its arguments could name any file", () => {
  const body = { name: "jobStart", target: "backtest", idempotencyKey: "x".repeat(16) };
  expect(commandBody.safeParse({ ...body, name: "jobCancel" }).success).toBe(true);
  expect(commandBody.safeParse(body).success).toBe(false);
});

const none = { query: undefined, body: undefined };

describe("GET /api/v1/jobs/:id", () => {
  test("says what is known of a result that is gone, and reads none from elsewhere", async () => {
    const { desk } = traded.parts;
    const result = `${traded.ledgerFile}.jobs/1.out`;
    mkdirSync(dirname(result), { recursive: true });
    desk.observe({ type: "job", jobId: "1", news: { type: "job.begun" } });
    desk.observe({ type: "job", jobId: "1", news: { type: "job.finished", result } });
    const read = () => views["GET /api/v1/jobs/:id"]({ ...{ params: { id: "1" }, who }, ...none });
    expect((await read()).result).toEqual({
      kind: "text",
      text: `Its result "${result}" is no longer there`,
    });
    const row = { trial: 1, point: { a: "1" }, state: "done", scores: { sharpe: null } };
    const rows = [{ ...row, pareto: true, error: null }];
    const objectives = [{ name: "sharpe", isMore: true }];
    writeFileSync(result, JSON.stringify({ objectives, rows, deflated: null }));
    expect(researchRoutes["GET /api/v1/jobs/:id"].reply.parse(await read()).result).toEqual({
      ...{ kind: "study", objectives, rows, rowsInAll: 1, deflated: null },
    });
  });

  test("refuses a job that there is not", async () => {
    const asked = views["GET /api/v1/jobs/:id"]({ ...{ params: { id: "77" }, who }, ...none });
    await expect(asked).rejects.toThrow('Cannot find job "77"');
  });
});

test("GET /api/v1/jobs lists the newest first", async () => {
  const reply = await views["GET /api/v1/jobs"]({ ...{ params: {}, who }, ...none });
  const ids = researchRoutes["GET /api/v1/jobs"].reply.parse(reply).jobs.map(({ jobId }) => jobId);
  expect(ids).toEqual([...ids].sort((a, b) => Number(b) - Number(a)));
  expect(ids.length).toBeGreaterThan(1);
});
