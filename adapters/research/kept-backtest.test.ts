/** A backtest whose ledger is kept in a file: the same run, and a journal to look at. */
import { expect, spyOn, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runConfig } from "../cli/run-config.ts";
import { usualGenerator } from "../cli/sources.ts";
import { startConfiguration } from "../cli/start-configuration.ts";
import { CandleTimeline } from "../simulation/candle-timeline.ts";
import { LedgerReader } from "../store/reader.ts";
import { runBacktest } from "./backtest.ts";
import { crossSettings } from "./reference-cross.ts";

test.each([
  ["each price looked at for a move", []],
  ["prices taken in one step where nobody trades", ["strategy.eventPriceMovePct=0"]],
  ["orders at market alone, whose fills are at opens", crossSettings(5, 15, "0.01", "0.001")],
])("comes to what one in memory does, with %s, and leaves its journal", async (_, set) => {
  const folder = mkdtempSync(join(tmpdir(), "novactor-kept-"));
  const leaps = spyOn(CandleTimeline.prototype, "leap");
  try {
    const { source } = usualGenerator(3);
    const until = Date.UTC(2026, 0, 1, 16);
    const { settings } = startConfiguration({ set });
    const run = { config: runConfig(source, 3, "none", settings), source, until };
    const ledgerFile = join(folder, "backtest.db");
    const { elapsedMs: _, ...kept } = await runBacktest({ ...run, ledgerFile });
    expect(leaps.mock.calls).toEqual([]);
    const { elapsedMs: __, ...inMemory } = await runBacktest(run);
    expect(kept).toEqual(inMemory);
    expect(leaps.mock.calls.length > 1_000).toBe(set.length > 0);
    expect(kept.trades.length).toBeGreaterThan(0);
    expect(kept.trades.every(({ votedBy }) => votedBy.length > 0)).toBe(true);
    using reader = new LedgerReader(ledgerFile);
    expect(reader.head().seq).toBeGreaterThan(kept.counts.decisions);
    expect([...reader.journal.range(1, 1)].map(({ kind }) => kind)).toEqual(["genesis"]);
  } finally {
    leaps.mockRestore();
    rmSync(folder, { recursive: true });
  }
});
