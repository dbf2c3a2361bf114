import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { explanations, isEvaluation } from "../../actors/desk/mod.ts";
import type { CandleSource } from "../../actors/market/ports.ts";
import type { JournalRecord } from "../../actors/runtime/ports.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import type { Decision } from "../../machines/domain/decision.ts";
import type { Candle } from "../../machines/domain/market.ts";
import { compose } from "../cli/compose.ts";
import { runConfig } from "../cli/run-config.ts";
import { openCandleFiles, openGenerator } from "../cli/sources.ts";
import { startConfiguration } from "../cli/start-configuration.ts";
import { configurationHistory } from "../cli/why-ledger.ts";
import { pacedBy, unpaced } from "../clock/pace.ts";
import { ledgerHead } from "../store/ledger-head.ts";
import { type BacktestRequest, runBacktest } from "./backtest.ts";
import { crossSettings } from "./reference-cross.ts";
import { sampledSource } from "./sampled-source.ts";

const month = join(import.meta.dir, "../../../shared/data/btc-usd-perp-1m-2022-01.csv.gz");

/** The same run over a ledger file, at a pace or none, and what its journal holds. */
async function runOnFile({ config, source }: BacktestRequest, speed: number | null) {
  const folder = mkdtempSync(join(tmpdir(), "novactor-parity-"));
  try {
    const decisions: Decision[] = [];
    const hear = (each: readonly Decision[]) => void decisions.push(...each);
    using parts = compose({
      ...{ config, source, until: null, onBar: hear, onMove: hear },
      ledgerFile: join(folder, "desk.db"),
      pace: () => (speed === null ? unpaced() : pacedBy(speed)),
      reached: () => {},
    });
    const { desk, run, reader } = parts;
    await desk.start(() => run.takeReports());
    await run.run();
    const result = {
      decisions,
      records: [...reader.history()],
      history: configurationHistory(reader),
      entries: [...reader.books.eachOrder()]
        .filter(({ intent }) => intent.role === "entry")
        .map(({ intent }) => `${intent.positionId} ${intent.quantity}`),
      counts: structuredClone(desk.counts),
      head: ledgerHead(reader),
    };
    desk.stop();
    return result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function backtest(request: BacktestRequest) {
  const decisions: Decision[] = [];
  const result = await runBacktest({
    ...request,
    onDecisions: (each) => void decisions.push(...each),
  });
  return { ...result, decisions };
}

/** The market as the journal of a run has it, and nothing else has. */
function journaledSource(source: CandleSource, records: readonly JournalRecord[]): CandleSource {
  const bars = records.filter(({ kind }) => kind === "bar");
  const candles = Map.groupBy(
    bars.map(({ subject, content }): Candle => {
      const { input } = JSON.parse(content) as { readonly input: Omit<Candle, "symbol"> };
      return { ...input, symbol: subject };
    }),
    ({ symbol }) => symbol,
  );
  return {
    ...source,
    cursor(symbol, from) {
      let next = from;
      return { next: () => candles.get(symbol)?.[next++] ?? null };
    },
  };
}

const generated = sampledSource(
  openGenerator({
    seed: 11,
    symbols: [
      { symbol: "BTC/USD", startPrice: decimal(64_000), tick: decimal("0.1") },
      { symbol: "ETH/USD", startPrice: decimal(3_400), tick: decimal("0.01") },
    ],
    timeframeMs: 60_000,
    startAt: Date.UTC(2026, 0, 1),
  }).source,
  2_500,
);

const lively = startConfiguration({ preset: "paper-fast", set: [] }).settings;
const plain = startConfiguration({ set: crossSettings(10, 30, "0.05", "0.001") }).settings;

describe.each([
  ["eleven strategies, stops, slippage", runConfig(generated, 5, "none", lively)],
  ["a venue that lies", runConfig(generated, 5, "rough", lively)],
  ["a bare cross of means", runConfig(generated, 5, "none", plain)],
])("with %s", (_, config) => {
  const request = { config, source: generated };

  test("a backtest, a paced paper run and the run of a journal's own bars are the same", async () => {
    const tested = await backtest(request);
    const paced = await runOnFile(request, 100_000_000);
    expect(tested.counts.trades).toBeGreaterThan(3);
    expect(paced.decisions).toEqual(tested.decisions);
    expect(paced.counts).toEqual(tested.counts);
    expect(paced.head).toBe(tested.ledgerHead);
    const again = await backtest({ config, source: journaledSource(generated, paced.records) });
    expect(again.decisions).toEqual(tested.decisions);
    expect(again.ledgerHead).toBe(tested.ledgerHead);
    expect(again.trades).toEqual(tested.trades);
  });

  test("the journal explains each decision as it was made, with the size that was ordered", async () => {
    const { records, history, entries } = await runOnFile(request, null);
    const sized: string[] = [];
    const others: number[] = [];
    for (const { symbol } of generated.symbols) {
      const wanted = records.filter((record) => isEvaluation(record, symbol));
      const seqs = new Set(wanted.map(({ seq }) => seq));
      let number = 0;
      for (const each of explanations(records, seqs, { symbol, history })) {
        const { decision, levels } = each.again;
        if (decision !== null && !each.isSame) others.push(each.record.seq);
        if (decision?.code !== "trade") continue;
        number += 1;
        sized.push(`paper:main/${symbol}/${number} ${levels.quantity}`);
      }
    }
    expect(others).toEqual([]);
    expect(sized.toSorted()).toEqual(entries.toSorted());
  });
});

test.skipIf(!existsSync(month))(
  "the month has one ledger head, in memory and on a file",
  async () => {
    const file = { path: month, symbol: "BTC/USD", timeframe: "1m" };
    const { source } = await openCandleFiles([file]);
    const request = { config: runConfig(source, 7, "none"), source };
    const [tested, written] = [await backtest(request), await runOnFile(request, null)];
    expect(tested.candles).toBe(45_031);
    expect(tested.ledgerHead).toBe(written.head);
    expect(tested.counts).toEqual(written.counts);
  },
);
