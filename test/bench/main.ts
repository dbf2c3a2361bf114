/** `bun run bench`: every figure that the project claims, measured here and now. */
import { benchCandles } from "./candles.ts";
import { benchIndicators } from "./indicators.ts";
import { benchPlane } from "./plane.ts";
import { benchRecovery } from "./recovery.ts";
import { type BenchRow, benchTable } from "./row.ts";
import { benchTurns } from "./turns.ts";

const suites: Readonly<Record<string, () => BenchRow[] | Promise<BenchRow[]>>> = {
  turns: () => benchTurns(4_096),
  candles: () => benchCandles(),
  recovery: () => benchRecovery(10_000, 1_000_000),
  plane: () => benchPlane({ candles: 500_000 }),
  indicators: () => benchIndicators({ candles: 500_000 }),
};

const names = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const unknown = names.filter((name) => !(name in suites));
if (unknown.length > 0) {
  console.error(`Cannot run "${unknown.join('", "')}": wanted ${Object.keys(suites).join(", ")}`);
  process.exit(2);
}

const asJson = process.argv.includes("--json");
const all: Record<string, BenchRow[]> = {};
for (const [name, suite] of Object.entries(suites)) {
  if (names.length > 0 && !names.includes(name)) continue;
  if (!asJson) console.log(name);
  const rows = await suite();
  all[name] = rows;
  if (!asJson) console.log(`${benchTable(rows)}\n`);
}
if (asJson) console.log(JSON.stringify(all));
