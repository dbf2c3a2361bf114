/** Another process's part of the benchmark: reads, trades and reports, from nothing. */
import { crossSource, runCross } from "./research.ts";

const source = crossSource(Number(process.argv[2]));
const { candles, counts, trades, ledgerHead } = await runCross(source);
const profit = trades.reduce((total, trade) => total + Number(trade.profit), 0);
console.log(
  JSON.stringify({ candles, trades: trades.length, codes: counts.codes, profit, ledgerHead }),
);
