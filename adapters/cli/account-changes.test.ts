import { expect, test } from "bun:test";
import type { AccountConfig } from "../../actors/desk/mod.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import { accountChanges } from "./account-changes.ts";
import { type RunConfig, runConfig } from "./run-config.ts";

const symbolOf = (symbol: string) => ({ symbol, tick: decimal("0.1"), timeframeMs: 60_000 });
const source = (...symbols: readonly string[]) =>
  ({ identity: { kind: "files" }, symbols: symbols.map(symbolOf) }) as never;
const one = runConfig(source("BTC/USD", "ETH/USD"), 7, "none");
const other = (venue: string, parts: Partial<AccountConfig> = {}): AccountConfig => ({
  ...{ at: { venue, account: "second" }, symbols: one.desk.symbols, quote: "USD" },
  ...{ risk: one.desk.risk, ...parts },
});
/** As it comes back from a ledger: through JSON. */
const withOthers = (...others: readonly AccountConfig[]): RunConfig =>
  JSON.parse(
    JSON.stringify({ ...one, desk: { ...one.desk, ...(others.length > 0 && { others }) } }),
  );
const [kraken, coinbase] = [other("kraken"), other("coinbase")];
const only = { ...kraken, symbols: kraken.symbols.slice(0, 1) };

test.each([
  ["the first other one", withOthers(), withOthers(kraken), ['account "kraken:second" is added']],
  [
    "one more",
    withOthers(kraken),
    withOthers(kraken, coinbase),
    ['account "coinbase:second" is added'],
  ],
  ["one less", withOthers(kraken), withOthers(), ['account "kraken:second" is left out']],
  [
    "another venue",
    withOthers(kraken),
    withOthers(coinbase),
    ['account "coinbase:second" is added', 'account "kraken:second" is left out'],
  ],
  [
    "another order",
    withOthers(kraken, coinbase),
    withOthers(coinbase, kraken),
    [
      "accounts are in the order paper:main, coinbase:second, kraken:second, " +
        "wanted paper:main, kraken:second, coinbase:second",
    ],
  ],
  [
    "other symbols",
    withOthers(kraken),
    withOthers(only),
    ['account "kraken:second" trades "BTC/USD", in the ledger "BTC/USD, ETH/USD"'],
  ],
  [
    "other prices",
    withOthers(kraken),
    withOthers({ ...kraken, market: "kraken" }),
    ['account "kraken:second" goes by prices of "kraken", in the ledger "the run\'s market"'],
  ],
  [
    "another risk",
    withOthers(kraken),
    withOthers({
      ...kraken,
      risk: { ...kraken.risk, positionCap: 99 },
    }),
    [
      `account "kraken:second" risk.positionCap: ledger has ${kraken.risk.positionCap}, command has 99`,
    ],
  ],
])("accountChanges() tells %s in words, and nothing as JSON", (_, ledger, command, words) => {
  expect(accountChanges(ledger, command)).toEqual({ words, rest: [] });
});

test("accountChanges() leaves the first account's risk and all else to the settings", () => {
  const { risk } = one.desk;
  const desk = { ...one.desk, seed: 8, risk: { ...risk, positionCap: 99 } };
  expect(accountChanges(withOthers(), { ...withOthers(), desk })).toEqual({
    words: [],
    rest: [
      "desk.seed: ledger has 7, command has 8",
      `desk.risk.positionCap: ledger has ${risk.positionCap}, command has 99`,
    ],
  });
});
