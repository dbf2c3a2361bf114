/** Research beside the desk: jobs, what they came to, and runs side by side. */
import { z } from "zod";
import { jobKinds } from "../../machines/job.machine.ts";
import { time } from "./desk.ts";
import type { RouteTable } from "./route.ts";

export const jobView = z.object({
  jobId: z.string(),
  kind: z.enum(jobKinds),
  state: z.enum(["queued", "running", "done", "failed", "cancelled"]),
  /** As it would be written in a shell. */
  command: z.string(),
  who: z.string(),
  queuedAt: time,
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  starts: z.number(),
  done: z.number(),
  of: z.number().nullable(),
  reason: z.string().nullable(),
});

const scores = z.record(z.string(), z.number().nullable());
const stretch = z.object({ from: time, until: time });
const fact = z.tuple([z.string(), z.string()]);

/** A backtest's report; see `RunReport` for units. Null stands for "not enough data". */
export const reportView = z.object({
  kind: z.literal("report"),
  market: z.string(),
  seed: z.number(),
  configHash: z.string(),
  version: z.string(),
  ledgerHead: z.string(),
  quote: z.string(),
  from: time.nullable(),
  until: time.nullable(),
  candles: z.number(),
  decisions: z.number(),
  /** Measures with their values in words, by what they are of. */
  facts: z.record(z.string(), z.array(fact)),
  /** Time, equity, share below the peak, share in positions. */
  curve: z.array(z.tuple([time, z.number(), z.number(), z.number()])),
  groups: z.record(
    z.string(),
    z.array(
      z.object({
        group: z.string(),
        trades: z.number(),
        winRate: z.number().nullable(),
        profit: z.number(),
        profitFactor: z.number().nullable(),
        fees: z.number(),
      }),
    ),
  ),
  months: z.array(z.object({ month: z.string(), return: z.number() })),
  noTrade: z.array(z.object({ code: z.string(), count: z.number() })),
  costs: z.array(fact),
  sensitivity: z.array(
    z.object({
      fees: z.number(),
      slippage: z.number(),
      totalReturn: z.number(),
      trades: z.number(),
      maxDrawdown: z.number(),
    }),
  ),
  /** The last ones, of so many. */
  trades: z.array(
    z.object({
      lane: z.string(),
      openedAt: time,
      closedAt: time.nullable(),
      entryPrice: z.string(),
      exitPrice: z.string().nullable(),
      profit: z.string(),
      exitReason: z.string().nullable(),
    }),
  ),
  tradesInAll: z.number(),
});

const objective = z.object({ name: z.string(), isMore: z.boolean() });

export const studyView = z.object({
  kind: z.literal("study"),
  objectives: z.array(objective),
  /** Best first, at most 500 of so many. */
  rows: z.array(
    z.object({
      trial: z.number(),
      point: z.record(z.string(), z.string()),
      state: z.string(),
      scores,
      pareto: z.boolean(),
      error: z.string().nullable(),
    }),
  ),
  rowsInAll: z.number(),
  /** Of the best one's Sharpe ratio, corrected for the trials; null for too few. */
  deflated: z.number().nullable(),
});

export const walkView = z.object({
  kind: z.literal("walk"),
  objectives: z.array(objective),
  steps: z.array(
    z.object({
      train: stretch,
      test: stretch,
      trials: z.number(),
      point: z.record(z.string(), z.string()).nullable(),
      inSample: scores.nullable(),
      outOfSample: scores.nullable(),
    }),
  ),
});

export const resultView = z.discriminatedUnion("kind", [
  reportView,
  studyView,
  walkView,
  /** Numbers of an analysis, by name. */
  z.object({ kind: z.literal("analysis"), values: z.record(z.string(), z.unknown()) }),
  z.object({ kind: z.literal("text"), text: z.string() }),
]);

const key = z.string().regex(/^[a-zA-Z][\w.[\]]{0,99}$/, 'a key such as "risk.positionCap"');
const value = z.string().regex(/^[\w.,:+ -]{1,100}$/, "a value without a path in it");
const moment = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z)?$/, "a time such as 2026-01-31");
const length = z.string().regex(/^\d{1,5}[mhd]$/, "a length such as 10d");
const measure = z.string().regex(/^[a-zA-Z]{1,40}$/);

/** What a job is asked with: nothing of it is a path. */
export const jobRequest = z.strictObject({
  kind: z.enum(jobKinds),
  analysis: z.enum(["lookahead", "warmup", "montecarlo", "significance"]).optional(),
  /** `configured`: that of the desk; `stored`: series of the store. */
  market: z.enum(["configured", "generator", "stored"]),
  series: z
    .array(z.string().regex(/^[a-z][\w-]*(\/[A-Z0-9][\w-]*){2}\/\d+[mhd]$/))
    .max(20)
    .default([]),
  from: moment.optional(),
  until: moment.optional(),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 53 - 1)
    .optional(),
  set: z.array(z.strictObject({ key, value })).max(50).default([]),
  vary: z.array(z.strictObject({ key, value })).max(10).default([]),
  search: z.enum(["grid", "random"]).optional(),
  count: z.number().int().min(1).max(10_000).optional(),
  objectives: z.array(measure).max(5).default([]),
  train: length.optional(),
  test: length.optional(),
  sensitivity: z.boolean().default(false),
  /** Whether a backtest's journal is kept, to be looked at as that of any ledger. */
  keepsJournal: z.boolean().default(false),
  reason: z.string().max(500).default(""),
  idempotencyKey: z.string().min(16).max(64),
});

export const researchRoutes = {
  "GET /api/v1/jobs": {
    role: "view",
    summary: "List the desk's jobs, newest first",
    changes: "nothing",
    reply: z.object({
      jobs: z.array(jobView),
      /** Stored candles that a backtest may run on. */
      series: z.array(z.string()),
    }),
  },
  "GET /api/v1/jobs/:id": {
    role: "view",
    summary: "Show a job and what it came to",
    changes: "nothing",
    reply: z.object({ job: jobView, result: resultView.nullable() }),
  },
  "POST /api/v1/jobs": {
    role: "operate",
    summary: "Queue a job",
    changes: "desk",
    body: jobRequest,
    reply: z.object({ done: z.boolean(), text: z.string() }),
  },
} as const satisfies RouteTable;
