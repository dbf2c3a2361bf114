import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configCheck } from "./config.ts";

const folder = mkdtempSync(join(tmpdir(), "novactor-accounts-"));
afterAll(() => rmSync(folder, { recursive: true }));

const twin = {
  ...{ venue: "paper", account: "twin", rest: "none", stream: "none", symbols: "[BTC/USD]" },
  ...{ prices: "market", pricesRest: "standard", pricesStream: "standard" },
  ...{ riskShare: "0.01", maxShare: "0.2", positionCap: "2", dailyLossShare: "0.05" },
};

/** What the check says of a configuration with one account, or two, beside the first. */
function check(changes: readonly Readonly<Record<string, string>>[], top = ""): string {
  const items = changes.map((change) =>
    Object.entries({ ...twin, ...change })
      .map(([key, value], index) => `${index === 0 ? "  - " : "    "}${key}: ${value}`)
      .join("\n"),
  );
  const file = join(folder, "accounts.yaml");
  writeFileSync(file, `${top}accounts:\n${items.join("\n")}\n`);
  return configCheck({ file, preset: null, set: [], env: {}, uid: 0 }).text;
}

test("an account beside the first is taken as it is", () => {
  expect(check([{}])).not.toContain("Cannot");
});

test("accounts at two venues are taken with real money, where each venue's own addresses are", () => {
  const text = check([{ venue: "coinbase", prices: "coinbase" }], "preset: kraken-live\n");
  expect(text).not.toContain("Cannot");
});

type Changes = Parameters<typeof check>[0];

const wrong: readonly [name: string, said: string, changes: Changes, top?: string][] = [
  [
    "the first account again",
    'accounts[0].account is "main", wanted each account once, and it is also account',
    [{ account: "main" }],
  ],
  [
    "one account twice",
    'accounts[1].account is "twin", wanted each account once, and it is also accounts[0]',
    [{}, {}],
  ],
  [
    "a venue while mode is paper",
    'accounts[0].venue is "kraken", wanted paper while mode is paper',
    [{ venue: "kraken" }],
  ],
  [
    "two quote coins",
    "wanted symbols of one quote coin, in which the account is counted",
    [{ symbols: "[BTC/USD, ETH/BTC]" }],
  ],
  [
    "a risk above what a position holds",
    'accounts[0].riskShare is "0.1", wanted at most its maxShare, which is 0.05',
    [{ riskShare: "0.1", maxShare: "0.05" }],
  ],
  [
    "another venue's prices beside a made up market",
    'accounts[0].prices is "coinbase", wanted market while market.source is not live',
    [{ prices: "coinbase" }],
  ],
  [
    "prices of the market's own venue by name",
    'accounts[0].prices is "kraken", wanted market, for market.live.venue is kraken',
    [{ prices: "kraken" }],
    "preset: kraken-paper\n",
  ],
  [
    "a rehearsal's orders to the venue itself",
    'accounts[0].rest is "none", wanted an address on this machine',
    [{ venue: "kraken" }],
    "mode: rehearsal\n",
  ],
  [
    "a rehearsal's orders to somewhere else",
    'accounts[0].stream is "wss://ws-auth.kraken.com/v2", wanted an address on this machine',
    [{ venue: "kraken", rest: "http://127.0.0.1:8080", stream: "wss://ws-auth.kraken.com/v2" }],
    "mode: rehearsal\n",
  ],
  [
    "keys with real money in the clear",
    'accounts[0].rest is "http://api.example", wanted an address of https or wss',
    [{ venue: "kraken", rest: "http://api.example" }],
    "preset: kraken-live\n",
  ],
  [
    "real orders after the prices of this machine",
    'accounts[0].rest is "none", wanted the venue\'s own, like all addresses of the account',
    [{ venue: "coinbase", prices: "coinbase", pricesRest: "http://127.0.0.1:8080" }],
    "preset: kraken-live\n",
  ],
  [
    "a second quote coin with real money, of which the cap would hold once more",
    "wanted symbols quoted in USD like the first account's: live.maxExposure caps all together",
    [{ venue: "coinbase", prices: "coinbase", symbols: "[BTC/USDC]" }],
    "preset: kraken-live\n",
  ],
];

test.each(wrong)("%s is refused with what is wanted", (_, said, changes, top = "") => {
  expect(check(changes, top)).toContain(said);
});
