import { expect, test } from "bun:test";
import { defaultConfiguration } from "../../config/default-configuration.ts";
import { defaults, generatedMarket, paperInstrument } from "../../config/defaults.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import { timeframeMs } from "../../machines/domain/market.ts";
import { generatorSource } from "../market/mod.ts";
import { candleFileRequestsOf, deskConfigOf, generatorOptionsOf } from "./desk-config.ts";

const source = { symbol: "BTC/EUR", timeframeMs: 300_000, tick: decimal("0.5") };

test("deskConfigOf() gives the desk all that sways a decision", () => {
  const { account: at, accounts: _, matching: __, fees: ___, ...rules } = defaults;
  expect(deskConfigOf(defaultConfiguration, [source])).toEqual({
    mode: "paper",
    seed: defaultConfiguration.seed,
    at,
    quote: "EUR",
    symbols: [{ instrument: paperInstrument("BTC/EUR", source.tick), timeframeMs: 300_000 }],
    ...rules,
  });
});

test("deskConfigOf() puts the configured fees into the instruments", () => {
  const fees = { maker: decimal("-0.0001"), taker: decimal("0.0003") };
  const { matching } = defaultConfiguration;
  const configuration = { ...defaultConfiguration, matching: { ...matching, fees } };
  expect(deskConfigOf(configuration, [source]).symbols[0]?.instrument).toMatchObject({
    makerFee: "-0.0001",
    takerFee: "0.0003",
  });
});

test("deskConfigOf() refuses symbols of two quote coins, and none at all", () => {
  const other = { ...source, symbol: "BTC/USD" };
  expect(() => deskConfigOf(defaultConfiguration, [source, other])).toThrow('in "EUR", "USD"');
  expect(() => deskConfigOf(defaultConfiguration, [])).toThrow(RangeError);
});

test("generatorOptionsOf() are options that the generator takes", () => {
  const options = generatorOptionsOf(defaultConfiguration);
  expect(options).toMatchObject({
    timeframeMs: timeframeMs(generatedMarket.timeframe),
    startAt: generatedMarket.startAt,
  });
  expect(generatorSource(options).symbols.map(({ symbol }) => symbol)).toEqual(
    generatedMarket.symbols.map(({ symbol }) => symbol),
  );
});

test.each([
  [60_000, "1m"],
  [90_000, "90s"],
  [5_400_000, "90m"],
  [86_400_000, "1d"],
])("candleFileRequestsOf() writes %d ms as %s", (length, text) => {
  const { market } = defaultConfiguration;
  const files = [
    { symbol: "BTC/USD", path: "/a.csv" },
    { symbol: "ETH/USD", path: "/b.csv", timeframe: 3_600_000 },
  ];
  const configuration = {
    ...defaultConfiguration,
    market: { ...market, files, timeframe: length },
  };
  expect(candleFileRequestsOf(configuration)).toEqual([
    { symbol: "BTC/USD", path: "/a.csv", timeframe: text },
    { symbol: "ETH/USD", path: "/b.csv", timeframe: "1h" },
  ]);
});
