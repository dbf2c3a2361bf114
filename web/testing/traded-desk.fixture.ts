/** A desk that has traded on a real ledger file, and what a panel of it is given. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Composition, compose } from "../../adapters/cli/compose.ts";
import { doorOf } from "../../adapters/cli/door.ts";
import { withSeenBooks } from "../../adapters/cli/panel-lanes.ts";
import { panelOptions } from "../../adapters/cli/panel-options.ts";
import { type FaultLevel, runConfig } from "../../adapters/cli/run-config.ts";
import { ShownConfiguration } from "../../adapters/cli/shown-configuration.ts";
import { usualGenerator } from "../../adapters/cli/sources.ts";
import { startConfiguration } from "../../adapters/cli/start-configuration.ts";
import { Log, toFile } from "../../adapters/log/mod.ts";
import { SeenBooks } from "../../adapters/simulation/seen-books.ts";
import { defaults } from "../../config/defaults.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import type { PanelOptions } from "../server/ports.ts";

export interface TradedDesk extends AsyncDisposable {
  readonly parts: Composition;
  readonly folder: string;
  readonly ledgerFile: string;
  readonly panel: PanelOptions;
  readonly log: Log;
  /** Runs the market on for so many hours of it. */
  runOn(hours: number): Promise<void>;
}

const hourMs = 3_600_000;

const second = {
  at: { venue: "paper", account: "second" },
  symbols: ["BTC/USD", "ETH/USD"],
  risk: {
    ...{ riskShare: decimal("0.01"), maxShare: decimal("0.25") },
    ...{ positionCap: 2, dailyLossShare: decimal("0.05") },
  },
} as const;

/** Holds a run at a time of its market until it is let on. */
class Gate {
  private limit = 0;
  private passed = Promise.withResolvers<void>();
  private reached = Promise.withResolvers<void>();

  until(time: number): Promise<void> | null {
    if (time <= this.limit) return null;
    this.reached.resolve();
    return this.passed.promise;
  }

  /** Resolves once the run stands at that time. */
  async letOn(limit: number): Promise<void> {
    this.limit = limit;
    this.reached = Promise.withResolvers<void>();
    const { passed } = this;
    this.passed = Promise.withResolvers<void>();
    passed.resolve();
    await this.reached.promise;
  }

  open(): void {
    this.limit = Number.POSITIVE_INFINITY;
    this.passed.resolve();
  }
}

/** A paper desk over so many hours of the generated market: ten hours make a few trades. */
export async function tradedDesk({
  hours = 10,
  seed = 1,
  faults = "none" as FaultLevel,
  /** A second account trades two of the symbols too. */
  hasSecond = false,
} = {}): Promise<TradedDesk> {
  const folder = mkdtempSync(join(tmpdir(), "novactor-panel-"));
  const ledgerFile = join(folder, "desk.db");
  const { source } = usualGenerator(seed);
  const gate = new Gate();
  const settings = hasSecond ? { ...defaults, accounts: [second] } : defaults;
  const seenBooks = new SeenBooks();
  let stoodAt: number | null = null;
  const parts = compose({
    ...{
      config: runConfig(source, seed, faults, settings),
      ...withSeenBooks(seenBooks, source, new Map()),
      ledgerFile,
    },
    until: null,
    ...{ pace: () => gate, reached: () => {}, onBar: () => {} },
    onMove: () => {},
  });
  const { desk, run, clock } = parts;
  const { panel, log } = panelOver({ parts, folder, ledgerFile, seenBooks });
  await desk.start(() => run.takeReports());
  const running = run.run();
  const runOn = async (more: number): Promise<void> => {
    stoodAt = (stoodAt ?? clock.now()) + more * hourMs;
    await gate.letOn(stoodAt);
    await desk.settle();
    desk.commit();
  };
  await runOn(hours);
  return {
    ...{ parts, folder, ledgerFile, panel, log, runOn },
    async [Symbol.asyncDispose]() {
      run.stop();
      gate.open();
      await running;
      panel[Symbol.dispose]();
      desk.stop();
      parts[Symbol.dispose]();
      log.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a panel over that desk is given, and the log that it writes to. */
export function panelOver(
  of: Pick<TradedDesk, "parts" | "folder" | "ledgerFile"> & { readonly seenBooks: SeenBooks },
): { readonly panel: PanelOptions & Disposable; readonly log: Log } {
  const { parts, folder, ledgerFile, seenBooks } = of;
  const { desk } = parts;
  const log = new Log({
    level: "debug",
    destination: toFile(join(folder, "desk.log")),
    secrets: [],
  });
  const read = () => startConfiguration({ set: [] });
  const panel = panelOptions({
    wires: [],
    shown: { desk, market: "simulated market", uptimeMs: () => 1_000, version: "0.0.0" },
    ...{
      parts,
      log,
      seenBooks,
      configuration: new ShownConfiguration(read(), read),
      door: doorOf(desk),
    },
    flags: { db: ledgerFile, set: [] },
  });
  return { panel, log };
}
