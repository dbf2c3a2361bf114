import { expect, test } from "bun:test";
import { namedFileRequests } from "./file-names.ts";

test.each([
  ["btc-usd-perp-1m-2022-01.csv.gz", "BTC/USD", "1m"],
  ["/data/eth-btc-5m-2018-01.csv.gz", "ETH/BTC", "5m"],
  ["goog-usd-1d-2004-2013.csv.gz", "GOOG/USD", "1d"],
  ["SOL-USD-1h.csv", "SOL/USD", "1h"],
])("%s says what it holds", (path, symbol, timeframe) => {
  expect(namedFileRequests([path], [], [])).toEqual([{ path, symbol, timeframe }]);
});

test("what is said of a file wins over its name", () => {
  const [request] = namedFileRequests(["btc-usd-1m.csv"], ["XBT/USD"], ["5m"]);
  expect(request).toMatchObject({ symbol: "XBT/USD", timeframe: "5m" });
});

test.each([
  [["candles.csv"], [], [], "Cannot tell what"],
  [["btc-usd.csv"], [], [], "Cannot tell what"],
  [["btc-usd-1m.csv"], ["BTC/USD"], [], "Cannot pair"],
  [[], ["BTC/USD"], ["1m"], "Cannot read candles"],
])("%p with %p and %p is refused", (files, symbols, timeframes, text) => {
  expect(() => namedFileRequests(files, symbols, timeframes)).toThrow(text);
});
