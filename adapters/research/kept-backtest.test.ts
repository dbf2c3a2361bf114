/** A backtest whose ledger is kept in a file: the same run, and a journal to look at. */
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runConfig } from "../cli/run-config.ts";
import { usualGenerator } from "../cli/sources.ts";
import { LedgerReader } from "../store/reader.ts";
import { runBacktest } from "./backtest.ts";

test("comes to what one in memory does, and leaves its journal", async () => {
  const folder = mkdtempSync(join(tmpdir(), "novactor-kept-"));
  try {
    const { source } = usualGenerator(3);
    const until = Date.UTC(2026, 0, 1, 16);
    const run = { config: runConfig(source, 3, "none"), source, until };
    const ledgerFile = join(folder, "backtest.db");
    const { elapsedMs: _, ...kept } = await runBacktest({ ...run, ledgerFile });
    const { elapsedMs: __, ...inMemory } = await runBacktest(run);
    expect(kept).toEqual(inMemory);
    expect(kept.trades.length).toBeGreaterThan(0);
    expect(kept.trades.every(({ votedBy }) => votedBy.length > 0)).toBe(true);
    using reader = new LedgerReader(ledgerFile);
    expect(reader.head().seq).toBeGreaterThan(kept.counts.decisions);
    expect([...reader.journal.range(1, 1)].map(({ kind }) => kind)).toEqual(["genesis"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
