import { mkdirSync } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { z } from "zod";
import type { JobView } from "../../actors/desk/mod.ts";
import type { RunReport } from "../../actors/research/mod.ts";
import type { reportView, resultView } from "../../web/api/research.ts";
import type { PanelResearch } from "../../web/server/ports.ts";
import { CandleStore } from "../research/candle-store.ts";
import { factsOf } from "../research/report-words.ts";
import { seriesName } from "../research/series-key.ts";
import type { WalkStep } from "../research/walk-forward.ts";
import type { ConfigurationFlags } from "./start-configuration.ts";
import type { StudyReport } from "./study-report.ts";

type Result = z.input<typeof resultView>;
/** As `walkforward --json` writes it. */
type Walk = Pick<StudyReport, "objectives"> & { readonly steps: readonly WalkStep[] };

/** A larger result is not shown, but named. */
const bytesMost = 64 * 1024 * 1024;
const rowsMost = 500;
const tradesMost = 200;

/** What the panel needs of research beside this desk. */
export function panelResearch(
  ledgerFile: string,
  storeFolder: string,
  { config, preset, set }: Pick<ConfigurationFlags, "config" | "preset" | "set">,
): PanelResearch {
  const reports = resolve(`${ledgerFile}.jobs`, "reports");
  return {
    folder: process.cwd(),
    // What the desk itself was started with: a job takes no less for granted.
    configuration: [
      ...(config === undefined ? [] : ["--config", config]),
      ...(preset === undefined ? [] : ["--preset", preset]),
      ...set.flatMap((each) => ["--set", each]),
    ],
    reportFile(name) {
      mkdirSync(reports, { recursive: true });
      return join(reports, `${plainName(name)}.json`);
    },
    ledgerFile: (name) => join(dirname(reports), `backtest-${plainName(name)}.db`),
    async series() {
      return (await new CandleStore(storeFolder).list()).map(seriesName);
    },
    async resultOf(job) {
      if (job.state !== "done") return null;
      const isOurs = (path: string | null) => path?.startsWith(`${dirname(reports)}/`) ?? false;
      // A report that a shell had written elsewhere is not read: what the job printed is.
      const report = jsonFileOf(job);
      const path = isOurs(report) ? report : job.result;
      if (path === null || !isOurs(path)) return null;
      const size = await stat(path).then(
        (found) => found.size,
        () => null,
      );
      if (size === null) return { kind: "text", text: `Its result "${path}" is no longer there` };
      if (size > bytesMost)
        return { kind: "text", text: `Its result is in "${path}": ${size} bytes` };
      const text = await Bun.file(path).text();
      const isText = job.kind === "backtest" && path !== report;
      return isText ? { kind: "text", text } : resultOf(job, text);
    },
  };
}

const plainName = (name: string): string => name.replace(/[^\w-]/g, "_");

/** Where a backtest wrote its report. */
function jsonFileOf({ kind, args }: JobView): string | null {
  if (kind !== "backtest") return null;
  const at = args.indexOf("--json");
  return at < 0 ? null : (args[at + 1] ?? null);
}

function resultOf({ kind, args }: JobView, text: string): Result {
  if (!args.includes("--json")) return { kind: "text", text };
  const found: unknown = JSON.parse(text);
  switch (kind) {
    case "backtest":
      return reportOf(found as RunReport);
    case "optimize":
      return studyOf(found as StudyReport);
    case "walkforward":
      return walkOf(found as Walk);
    case "analyze":
      return { kind: "analysis", values: found as Record<string, unknown> };
  }
}

function reportOf(report: RunReport): z.input<typeof reportView> {
  const { run, groups, sensitivity, trades, curve } = report;
  const { market, seed, configHash, version, costs } = run;
  const { ledgerHead, quote, from, until, candles, decisions, months, noTrade } = report;
  return {
    kind: "report",
    ...{ market, seed, configHash, version, ledgerHead, quote, from, until, candles, decisions },
    facts: Object.fromEntries(
      Object.entries(factsOf(report)).map(([name, facts]) => [name, facts.map(pair)]),
    ),
    curve: curve.map(([at, equity, drawdown, exposure]) => [at, equity, drawdown, exposure]),
    groups: Object.fromEntries(Object.entries(groups).map(([name, rows]) => [name, [...rows]])),
    months: [...months],
    noTrade: [...noTrade],
    costs: Object.entries(costs),
    sensitivity: [...sensitivity],
    trades: trades.slice(-tradesMost).reverse(),
    tradesInAll: trades.length,
  };
}

const pair = ([name, value]: readonly [string, string]): [string, string] => [name, value];

function studyOf({ objectives, rows, deflated }: StudyReport): Result {
  return {
    kind: "study",
    objectives: [...objectives],
    rows: rows.slice(0, rowsMost).map(({ trial, point, state, scores, pareto, error }) => ({
      ...{ trial, state, pareto, error },
      point: { ...point },
      scores: { ...scores },
    })),
    rowsInAll: rows.length,
    deflated: deflated?.probability ?? null,
  };
}

function walkOf({ objectives, steps }: Walk): Result {
  return {
    kind: "walk",
    objectives: [...objectives],
    steps: steps.map(({ train, test, trials, best }) => ({
      ...{ train: { ...train }, test: { ...test }, trials },
      point: best ? { ...best.point } : null,
      inSample: best ? { ...best.inSample } : null,
      outOfSample: best?.outOfSample ? { ...best.outOfSample } : null,
    })),
  };
}
