/** A desk on a ledger file that has traded generated coins, with what the panel is given of it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compose } from "../../adapters/cli/compose.ts";
import { panelLanes, withSeenBooks } from "../../adapters/cli/panel-lanes.ts";
import { runConfig } from "../../adapters/cli/run-config.ts";
import { openGeneratedBooks, openGenerator } from "../../adapters/cli/sources.ts";
import { unpaced } from "../../adapters/clock/pace.ts";
import { SeenBooks } from "../../adapters/simulation/seen-books.ts";
import { defaults, generatedMarket } from "../../config/defaults.ts";
import { timeframeMs } from "../../machines/domain/market.ts";

/** Anything that two strategies lean to is a trade. */
const eager = {
  ...defaults,
  strategy: {
    ...defaults.strategy,
    confluence: {
      ...defaults.strategy.confluence,
      minStrategies: 1,
      minConfidence: 0.2,
      minRewardToRisk: 0,
    },
  },
};

export interface TradedOptions {
  /** Hours of the market. */
  readonly hours: number;
  readonly symbols?: number;
  /** Whether the market comes in books. */
  readonly books?: boolean;
  /** A ledger to go on with. */
  readonly folder?: string;
}

/** Runs a desk over so much of a generated market, and leaves it standing there. */
export async function tradedLanes({ hours, symbols = 2, books = false, folder }: TradedOptions) {
  const { startAt, symbols: all, timeframe } = generatedMarket;
  const home = folder ?? mkdtempSync(join(tmpdir(), "traded-lanes-"));
  const generator = {
    ...{ seed: 5, startAt, timeframeMs: timeframeMs(timeframe) },
    symbols: all.slice(0, symbols),
  };
  const { source } = books ? openGeneratedBooks(generator) : openGenerator(generator);
  const seen = new SeenBooks();
  const parts = compose({
    ...withSeenBooks(seen, source, new Map()),
    config: runConfig(source, generator.seed, "none", eager),
    ledgerFile: join(home, "ledger.db"),
    pace: () => unpaced(),
    until: startAt + hours * 3_600_000,
    reached: () => {},
    onBar: () => {},
  });
  await parts.desk.start(() => parts.run.takeReports());
  await parts.run.run();
  parts.desk.commit();
  return {
    ...{ desk: parts.desk, ledger: parts.reader, folder: home },
    lanes: panelLanes(parts.reader, seen),
    /** Lets the ledger go, and the files too unless another desk goes on with them. */
    close(keepsFiles = false) {
      parts.desk.stop();
      parts[Symbol.dispose]();
      if (!keepsFiles) rmSync(home, { recursive: true, force: true });
    },
  };
}

export const who = { name: "tester", role: "view" } as const;
