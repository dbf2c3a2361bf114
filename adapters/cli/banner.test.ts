/** What a desk says of itself when it starts. */
import { expect, test } from "bun:test";
import { banner, marketsWords } from "./banner.ts";

const kraken = { description: "Kraken, candles of 1 min, BTC/USD" };
const coinbase = { description: "Coinbase Advanced, candles of 1 min, ETH/USD" };

test("the banner names every market that is traded, one line each beside the first", () => {
  const markets = marketsWords("live", kraken, new Map([["coinbase", coinbase]]));
  const lines = banner("live", markets, "http://127.0.0.1:8080", "desk.db", ["a note"]).split("\n");
  expect(lines[0]).toEndWith(`  LIVE, REAL MONEY  live market data: ${kraken.description}`);
  expect(lines.slice(1)).toEqual([
    `  beside  live market data: ${coinbase.description}`,
    "  panel   http://127.0.0.1:8080",
    "  ledger  desk.db",
    "  note    a note",
  ]);
});

test("the banner of one market has no line beside it", () => {
  const markets = marketsWords("generator", { description: "seed 1" }, new Map());
  expect(banner("paper", markets, null, "desk.db", []).split("\n")).toEqual([
    expect.stringMatching(/ {2}PAPER {2}simulated market: seed 1$/) as string,
    "  ledger  desk.db",
  ]);
});
