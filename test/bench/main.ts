/** `bun run bench`: every figure that the project claims, measured here and now. */
import { benchCandles } from "./candles.ts";
import { benchIndicators } from "./indicators.ts";
import { benchJournal } from "./journal.ts";
import { benchLatency } from "./latency.ts";
import { benchOptimize } from "./optimize.ts";
import { benchPanel } from "./panel.ts";
import { benchPlane } from "./plane.ts";
import { benchPortfolio } from "./portfolio.ts";
import { benchRecovery } from "./recovery.ts";
import { benchResearch } from "./research.ts";
import { type BenchRow, benchTable } from "./row.ts";
import { benchTurns } from "./turns.ts";

const suites: Readonly<Record<string, () => BenchRow[] | Promise<BenchRow[]>>> = {
  turns: () => benchTurns(4_096),
  candles: () => benchCandles(),
  recovery: () => benchRecovery(10_000, 1_000_000),
  latency: () => benchLatency({ orders: 4_000, warmUp: 300, mostMs: 50_000 }),
  optimize: () => benchOptimize({ trials: 200, minutes: 10_080 }),
  panel: () =>
    benchPanel({
      ...{ symbols: 20, speed: 100, keys: 10, streamsOfKey: 5 },
      ...{ seconds: 20, requests: 500 },
    }),
  plane: () => benchPlane({ candles: 500_000 }),
  indicators: () => benchIndicators({ candles: 500_000 }),
  research: () => benchResearch({ candles: 500_000 }),
  journal: () => benchJournal(),
  portfolio: () => benchPortfolio(10_000),
  year: () => benchPortfolio(525_600),
};

/** What takes too long to be measured unless it is named. */
const onlyNamed = ["journal", "portfolio", "year"];

/** What each measures, for `--help`. */
const says: Readonly<Record<string, string>> = {
  turns: "durable turns a second, beside raw SQLite inserts of the same bytes",
  candles: "candles a second through a whole desk before the paper venue",
  recovery: "a start with ten thousand open positions and a million records",
  latency:
    "market message to signed order on the socket, intent on disk in between; ccxt alone; a flush",
  optimize: "a study on two threads against one: 200 trials, each a whole desk for a week",
  panel: "fifty streams of the panel while twenty symbols trade at a hundred times their speed",
  plane: "the data plane of a symbol: time and memory of a candle",
  indicators: "indicators beside those of other libraries, on the same candles",
  research: "a backtest with the real machines: 500,000 candles, a sweep, a cold start",
  journal: "the past of a million records: first view, search, any moment; only if named",
  portfolio: "twenty symbols in one backtest: rate and memory, a week sampled; only if named",
  year: "the same over a year of one-minute candles: takes long; only if named",
};

if (process.argv.includes("--help")) {
  console.log("bun run bench [NAME ...] [--json]: measures all, or those that are named\n");
  for (const name of Object.keys(suites)) console.log(`  ${name.padEnd(12)}${says[name]}`);
  process.exit(0);
}

const names = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const unknown = names.filter((name) => !(name in suites));
if (unknown.length > 0) {
  console.error(`Cannot run "${unknown.join('", "')}": wanted ${Object.keys(suites).join(", ")}`);
  process.exit(2);
}

const asJson = process.argv.includes("--json");
const all: Record<string, BenchRow[]> = {};
for (const [name, suite] of Object.entries(suites)) {
  if (names.length > 0 ? !names.includes(name) : onlyNamed.includes(name)) continue;
  if (!asJson) console.log(name);
  const rows = await suite();
  all[name] = rows;
  if (!asJson) console.log(`${benchTable(rows)}\n`);
}
if (asJson) console.log(JSON.stringify(all));
