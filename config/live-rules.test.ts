/** Where real money may go, and what has to be said before. */
import { describe, expect, test } from "bun:test";
import { decimal } from "../machines/domain/decimal.ts";
import { defaultLayer } from "./default-configuration.ts";
import { exposureCapOf, liveNotice } from "./live-schema.ts";
import { resolveLayers } from "./resolve.ts";
import { keySecretNames } from "./secret-names.ts";
import { flagLayer } from "./variables.ts";

const live = { mode: "live", "market.source": "live", "account.venue": "kraken" };

const here = {
  "account.rest": "http://127.0.0.1:8080",
  "account.stream": "ws://localhost:8080/auth/v2",
  "market.live.rest": "http://127.0.0.1:8080",
  "market.live.stream": "ws://[::1]:8080/v2",
};

/** Problems with these keys set, as `path: what was wanted`. */
function problemsOf(values: Readonly<Record<string, string>>): string[] {
  const flags = Object.entries(values).map(([path, value]) => ({ flag: "--set", path, value }));
  const result = resolveLayers([defaultLayer, flagLayer(flags).tree]);
  return result.type === "ok" ? [] : result.problems.map((each) => `${each.path}: ${each.wanted}`);
}

describe("mode live", () => {
  test.each([
    ["the venue's own addresses", {}],
    ["a venue on this machine", here],
    [
      "others, encrypted",
      {
        "account.rest": "https://proxy.example",
        "account.stream": "wss://proxy.example/auth",
        "market.live.rest": "https://proxy.example",
      },
    ],
    ["Coinbase", { "account.venue": "coinbase", "market.live.venue": "coinbase" }],
    ["symbols of another money", { "market.live.symbols": "BTC/EUR" }],
  ])("takes %s", (_, values) => {
    expect(problemsOf({ ...live, ...values })).toEqual([]);
  });

  test.each([
    ["paper", { "account.venue": "paper" }, "account.venue: kraken while mode is live"],
    ["made-up prices", { "market.source": "generator" }, "market.source: live while mode is live"],
    [
      "the prices of another venue",
      { "market.live.venue": "coinbase" },
      "account.venue: coinbase like market.live.venue",
    ],
    [
      "keys sent in the clear",
      { "account.rest": "http://api.example" },
      "account.rest: an address of https or wss",
    ],
    [
      "a stream in the clear",
      { "market.live.stream": "ws://api.example" },
      "market.live.stream: an address of https or wss",
    ],
    [
      "orders of the venue after prices of this machine",
      { ...here, "account.rest": "none" },
      "account.rest: the venue's own, like all addresses",
    ],
    [
      "symbols of which the cap would be a fortune",
      { "market.live.symbols": "ETH/BTC" },
      "market.live.symbols: symbols quoted in USD, USDC, USDT, EUR, GBP while mode is live",
    ],
    ["Binance.US", { "account.venue": "binanceus" }, 'account.venue: one of "paper", "kraken"'],
  ])("refuses %s", (_, values, problem) => {
    const problems = problemsOf({ ...live, ...values });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toStartWith(problem);
  });
});

describe("the dead man's switch", () => {
  const armed = { ...live, "account.deadMansSwitch": "60s" };

  test.each([
    ["off", { ...live, "account.deadMansSwitch": "off" }],
    ["armed by who accepts positions without stops", { ...armed, "account.acceptNaked": "true" }],
  ])("is taken %s", (_, values) => {
    expect(problemsOf(values)).toEqual([]);
  });

  test.each([
    ["without a word on stops", {}, "off, or account.acceptNaked true"],
    ["with a no", { "account.acceptNaked": "false" }, "off, or account.acceptNaked true"],
    [
      "at a venue that has none",
      {
        ...{ "account.venue": "coinbase", "market.live.venue": "coinbase" },
        "account.acceptNaked": "true",
      },
      "off: coinbase has none",
    ],
    ["on paper", { mode: "paper", "account.venue": "paper" }, "off: paper has none"],
  ])("is refused %s", (_, values, wanted) => {
    const [problem, ...others] = problemsOf({ ...armed, ...values });
    expect(problem).toStartWith(`account.deadMansSwitch: ${wanted}`);
    expect(others).toEqual([]);
  });
});

test.each([
  ["other words", "live.acknowledged", "yes"],
  ["no cap", "live.maxExposure", "none"],
  ["a cap of nothing", "live.maxExposure", "0"],
])("%s in %s are refused", (_, path, value) => {
  expect(problemsOf({ [path]: value })).toHaveLength(1);
});

test("the notice is taken word for word, and its cap counts only live", () => {
  expect(problemsOf({ "live.acknowledged": liveNotice })).toEqual([]);
  const settings = { live: { maxExposure: decimal(50) } };
  expect(exposureCapOf({ mode: "live", ...settings })).toEqual({ exposureCap: decimal(50) });
  expect(exposureCapOf({ mode: "rehearsal", ...settings })).toEqual({});
});

test.each([
  ["kraken", "main", "KRAKEN_API_KEY", "KRAKEN_SECRET"],
  ["coinbase", "long-term", "COINBASE_LONG_TERM_API_KEY", "COINBASE_LONG_TERM_SECRET"],
])("secrets of %s:%s", (venue, account, apiKey, secret) => {
  expect(keySecretNames({ venue, account })).toEqual({ apiKey, secret });
});
