import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { configCheck } from "./config.ts";
import { exitCode } from "./exit-codes.ts";

const folder = fileURLToPath(new URL("../../test/fixtures/config/", import.meta.url));

/** For each wrong configuration: where, and what is said. Without a line it is the whole file. */
const messages: readonly (readonly [fixture: string, problems: readonly string[]])[] = [
  [
    "anchors",
    [
      "line 2 | the line has an anchor (&) or an alias (*), wanted the value itself, written out",
      "line 3 | the line has an anchor (&) or an alias (*), wanted the value itself, written out",
      "line 4 | the line has an anchor (&) or an alias (*), wanted the value itself, written out",
    ],
  ],
  ["binary", [" | the file holds bytes that are not text, wanted a YAML text in UTF-8"]],
  [
    "bonus-for-other-frames",
    [
      'default | strategy.confluence.frameBonus is "1, 1.3, 1.5", wanted 2 numbers in a row, for strategy.frames names 2',
      'line 5 | strategy.confluence.minFrames is "3", wanted at most 2, for strategy.frames names 2',
    ],
  ],
  [
    "bonus-of-words",
    [
      'line 4 | strategy.confluence.frameBonus is a list of 3: "1, high, 1.5", wanted at most 6 in a row, parted by commas, such as 1, 1.3, 1.5: each a number above 0, at most 10, in plain digits such as 1.3',
      'line 5 | strategy.frames is a list of 1, wanted whole multiples of market.timeframe in a row, rising from 1 to at most 1440, at most 6 of them, such as 1, 5, 15, or "standard"',
    ],
  ],
  [
    "books-as-names",
    [
      'line 2 | books[0] is "trend", wanted keys of its own, each on a line below: name, capital, votes, minStrategies, minConfidence',
      'line 2 | books[1] is "reversion", wanted keys of its own, each on a line below: name, capital, votes, minStrategies, minConfidence',
    ],
  ],
  [
    "books-beyond-capital",
    [
      'line 8 | books[1].name is "trend", wanted each name once, and it is also books[0].name',
      'line 9 | books[1].capital is "0.300000000000000001", wanted at most 0.3, for the books before it have 0.7, and all have at most 1',
    ],
  ],
  [
    "books-by-name",
    [
      'line 2 | books is a group of keys, wanted a list of at most 10 maps, each line of it begun with "- "',
    ],
  ],
  [
    "books-of-silent",
    [
      'line 15 | books[1].votes is "breakout,squeeze", wanted only strategies that vote, and strategy.votes.breakout.use, strategy.votes.squeeze.use are false',
      'line 20 | books[2].votes is a list of 2: "keltner, trend", wanted only strategies that vote, and strategy.votes.keltner.use is false',
    ],
  ],
  [
    "books-of-unknown",
    [
      'line 3 | books[0].name is "Trend Followers", wanted a name of small letters, digits and "-", a letter first, such as trend, at most 20 of them; perhaps trend-followers was meant',
      'line 4 | books[0].capital is "0", wanted a number above 0, at most 1, in plain digits such as 0.5',
      'line 5 | books[0].votes is a list of 2: "trend, superTrends", wanted names in a row, parted by commas, such as trend, supertrend: each once, and one of keltner, meanReversion, ichimoku, orderFlow, trend, stochasticDivergence, squeeze, supertrend, reversal, momentum, breakout, smaCross; perhaps trend, supertrend was meant',
      'line 6 | books[0].minStrategies is "0", wanted a whole number from 1 to 12',
      'line 7 | books[0].minConfidence is "55%", wanted a number above 0, at most 1, in plain digits such as 0.55; perhaps 0.55 was meant',
      "line 8 | books[1].minConfidence is not set, wanted a number above 0, at most 1, in plain digits such as 0.55",
      "line 10 | books[1].votes is a list of 0, wanted names in a row, parted by commas, such as trend, supertrend: each once, and one of keltner, meanReversion, ichimoku, orderFlow, trend, stochasticDivergence, squeeze, supertrend, reversal, momentum, breakout, smaCross",
      'line 15 | books[2].minStrategies is "3", wanted at most 2, for so many strategies vote in the book',
      "line 17 | books[2].weight is not a key of books[2], wanted one of name, capital, votes, minStrategies, minConfidence; perhaps strategy.votes.keltner.weight was meant",
    ],
  ],
  [
    "decimal-comma",
    [
      'line 3 | risk.riskShare is "0,01", wanted a number above 0, at most 0.1, in plain digits such as 0.01',
    ],
  ],
  ["duplicate-key", ['line 4 | the line sets "seed" a second time, wanted each key once']],
  [
    "duration-without-unit",
    [
      'line 3 | order.settle is "30", wanted a time from 1s to 10m, a whole number with its unit (ms, s, m, h, d)',
    ],
  ],
  ["empty-value", ["line 3 | server.port is empty, wanted a whole number from 0 to 65535"]],
  ["empty", [' | the file is empty, wanted at least one key, such as "seed: 7"']],
  [
    "equals-signs",
    [
      'line 2 | risk is "riskShare = 0.01", wanted keys of its own, each on a line below: riskShare, maxShare, positionCap',
    ],
  ],
  [
    "fast-above-slow",
    [
      'line 5 | strategy.votes.trend.fast is "36", wanted a number below strategy.votes.trend.slow, which is 12',
    ],
  ],
  [
    "frames-not-from-one",
    [
      'line 3 | strategy.frames is "5, 15", wanted whole multiples of market.timeframe in a row, rising from 1 to at most 1440, at most 6 of them, such as 1, 5, 15, or "standard"',
    ],
  ],
  [
    "frames-not-rising",
    [
      'line 3 | strategy.frames is a list of 3: "1, 15, 5", wanted whole multiples of market.timeframe in a row, rising from 1 to at most 1440, at most 6 of them, such as 1, 5, 15, or "standard"',
    ],
  ],
  [
    "group-for-value",
    ["line 2 | seed is a group of keys, wanted a whole number from 0 to 9007199254740991"],
  ],
  [
    "group-without-keys",
    [
      "line 2 | risk is empty, wanted keys of its own, each on a line below: riskShare, maxShare, positionCap",
      "line 3 | riskShare is not a key, wanted one of preset, template, mode, seed, secretsFile, market, account, accounts, live, strategy, books, risk, breakers, entry, stop, coolDown, order, position, reconcile, matching, server, log; perhaps risk.riskShare was meant",
    ],
  ],
  [
    "impossible-day",
    [
      'line 3 | market.startAt is "2026-02-29", wanted a day from 2000-01-01 to 2099-12-31, written as 2026-01-31',
    ],
  ],
  ["live-mode", ['default | account.venue is "paper", wanted kraken while mode is live']],
  [
    "many-problems",
    [
      'line 2 | seed is "-1", wanted a whole number from 0 to 9007199254740991',
      'line 4 | risk.riskShare is "0.5", wanted a number above 0, at most 0.1, in plain digits such as 0.01',
      "line 5 | risk.positionCaps is not a key of risk, wanted one of riskShare, maxShare, positionCap; perhaps risk.positionCap was meant",
      'line 7 | log.level is "verbose", wanted one of "debug", "info", "warn", "error"',
      'line 9 | server.port is "http", wanted a whole number from 0 to 65535',
    ],
  ],
  [
    "misplaced-key",
    [
      "line 2 | riskShare is not a key, wanted one of preset, template, mode, seed, secretsFile, market, account, accounts, live, strategy, books, risk, breakers, entry, stop, coolDown, order, position, reconcile, matching, server, log; perhaps risk.riskShare was meant",
    ],
  ],
  [
    "missing-file",
    [
      'line 6 | market.files[0].path is "nowhere/btc-usd.csv", and this user cannot read "FOLDER/nowhere/btc-usd.csv", wanted a candle file, its path taken from the folder of its configuration file',
    ],
  ],
  [
    "missing-path",
    [
      "line 5 | market.files[0].path is not set, wanted the path of a file, taken from the folder of the file that names it",
    ],
  ],
  [
    "mixed-quote-coins",
    [
      'line 7 | market.symbols[1].symbol is "ETH/EUR", wanted a symbol quoted in USD like market.symbols[0].symbol, in which equity is counted',
    ],
  ],
  [
    "negative-share",
    [
      'line 3 | risk.maxShare is "-0.25", wanted a number above 0, at most 1, in plain digits such as 0.25',
    ],
  ],
  [
    "no-candle-files",
    [
      'line 3 | market.source is "candles", wanted "generator", or at least one item in market.files',
    ],
  ],
  [
    "no-space-after-colon",
    [
      ' | the file is a single value, wanted keys with values, such as "seed: 7" (with a space after the colon)',
    ],
  ],
  [
    "none-votes",
    [
      'line 4 | strategy.votes.keltner.use is "false", wanted "true" for it or for another strategy, for none votes',
    ],
  ],
  [
    "old-strategy-key",
    [
      "line 3 | strategy.use is not a key of strategy, wanted one of frames, eventPriceMovePct, quarantineAfter, confluence, votes, regime, multipliers, performance, guardrail, session; perhaps strategy.votes.keltner.use was meant",
    ],
  ],
  [
    "on-off",
    [
      'line 3 | matching.volumeShare is "off", wanted a number above 0, at most 1, in plain digits such as 0.25, or "none"',
    ],
  ],
  [
    "only-a-list",
    [
      ' | the file is a list, wanted keys with values, such as "seed: 7" (with a space after the colon)',
    ],
  ],
  [
    "parameter-of-another",
    [
      "line 5 | strategy.votes.keltner.periods is not a key of strategy.votes.keltner, wanted one of use, weight, period, range, width, slope; perhaps strategy.votes.keltner.period was meant",
      'line 6 | strategy.votes.keltner.width is "50", wanted a number from 0.1 to 20, in plain digits such as 2',
      'line 8 | strategy.votes.supertrend.period is "2.5", wanted a whole number from 2 to 2000',
    ],
  ],
  [
    "percent",
    [
      'line 3 | risk.riskShare is "1%", wanted a number above 0, at most 0.1, in plain digits such as 0.01; perhaps 0.01 was meant',
    ],
  ],
  ["port-too-large", ['line 3 | server.port is "70000", wanted a whole number from 0 to 65535']],
  ["position-cap-zero", ['line 3 | risk.positionCap is "0", wanted a whole number from 1 to 100']],
  [
    "price-off-tick",
    ['line 5 | market.symbols[0].startPrice is "64000.05", wanted a whole number of ticks of 0.1'],
  ],
  ["prototype", ['line 2 | the line has "__proto__", wanted the name of a key']],
  [
    "regime-bounds-crossed",
    [
      'line 4 | strategy.votes.ichimoku.conversion is "26", wanted a number below strategy.votes.ichimoku.base, which is 9',
      'line 5 | strategy.votes.momentum.fast is "30", wanted a number below strategy.votes.momentum.slow, which is 26',
      'line 7 | strategy.regime.low is "1.5", wanted a number below strategy.regime.high, which is 1.4',
      'line 9 | strategy.performance.minTrades is "40", wanted at most strategy.performance.window, which is 30: else results never count',
    ],
  ],
  [
    "scientific-notation",
    [
      'line 3 | risk.riskShare is "1e-2", wanted a number above 0, at most 0.1, in plain digits such as 0.01',
    ],
  ],
  [
    "secret-in-file",
    [
      "line 2 | apiSecret is or holds a secret, wanted secrets only from the environment (NOVACTOR_SECRET_NAME) or from a file of mode 600 that secretsFile names",
      "line 3 | kraken is or holds a secret, wanted secrets only from the environment (NOVACTOR_SECRET_NAME) or from a file of mode 600 that secretsFile names",
    ],
  ],
  [
    "rehearsal-elsewhere",
    [
      'line 11 | account.rest is "http://api.kraken.com", wanted an address on this machine, such as http://127.0.0.1:8080, in a rehearsal',
    ],
  ],
  [
    "share-above-one",
    [
      'line 3 | risk.maxShare is "1.5", wanted a number above 0, at most 1, in plain digits such as 0.25',
    ],
  ],
  [
    "small-letters",
    [
      'line 4 | market.symbols[0].symbol is "btc-usd", wanted a symbol BASE/QUOTE in capitals, such as BTC/USD; perhaps BTC/USD was meant',
    ],
  ],
  [
    "live-address",
    [
      'line 6 | market.live.rest is "api.kraken.com", wanted an address that begins with https:// or http://, or "standard"',
    ],
  ],
  [
    "live-quotes",
    [
      'line 6 | market.live.symbols is a list of 2: "BTC/USD, ETH/EUR", wanted each symbol once, all quoted in one coin like BTC/USD, in which equity is counted',
    ],
  ],
  [
    "symbol-twice",
    [
      'line 7 | market.symbols[1].symbol is "BTC/USD", wanted each symbol once, and it is also market.symbols[0].symbol',
    ],
  ],
  [
    "tab-indentation",
    ["line 3 | the line is indented with a tab, wanted spaces, two for each level"],
  ],
  [
    "target-too-near",
    [
      'line 7 | stop.targetAtrMultiple is "6", wanted above strategy.confluence.minRewardToRisk times stop.atrMultiple, which are 2 and 3: else no entry ever passes',
    ],
  ],
  [
    "timeframe-without-unit",
    [
      'line 3 | market.timeframe is "60", wanted a candle length from "1s" to "1d", a whole number with its unit (s, m, h, d)',
    ],
  ],
  [
    "too-few-vote",
    [
      'line 3 | strategy.confluence.minStrategies is "10", wanted at most 9, for so many strategies vote',
    ],
  ],
  [
    "trail-below-stop",
    [
      'line 4 | stop.trailAtrMultiple is "2", wanted at least stop.atrMultiple, which is 3: else the first bar raises the stop',
    ],
  ],
  ["two-documents", ["line 3 | the line begins a second document with ---, wanted one document"]],
  [
    "unclosed-quote",
    [
      'line 4 | the line lacks a colon after a key, or ends what has a quote or bracket left open above, wanted YAML such as "seed: 7", keys of a group indented by two spaces below its name',
    ],
  ],
  [
    "unknown-key",
    [
      "line 2 | sead is not a key, wanted one of preset, template, mode, seed, secretsFile, market, account, accounts, live, strategy, books, risk, breakers, entry, stop, coolDown, order, position, reconcile, matching, server, log; perhaps seed was meant",
    ],
  ],
  [
    "unknown-nested-key",
    [
      "line 3 | risk.riskSahre is not a key of risk, wanted one of riskShare, maxShare, positionCap; perhaps risk.riskShare was meant",
    ],
  ],
  [
    "unknown-strategy",
    [
      "line 4 | strategy.votes.superTrends is not a key of strategy.votes, wanted one of keltner, meanReversion, ichimoku, orderFlow, trend, stochasticDivergence, squeeze, supertrend, reversal, momentum, breakout, smaCross; perhaps strategy.votes.supertrend was meant",
    ],
  ],
  [
    "use-yes",
    [
      'line 5 | strategy.votes.keltner.use is "yes", wanted "true" or "false"; perhaps true was meant',
    ],
  ],
  [
    "unknown-preset",
    [
      'line 2 | preset is "paper-causious", wanted one of binanceus-paper, coinbase-live, coinbase-paper, kraken-live, kraken-paper, paper-books, paper-cautious, paper-demo, paper-fast; perhaps paper-cautious was meant',
    ],
  ],
  [
    "value-for-group",
    [
      'line 2 | strategy is "trend", wanted keys of its own, each on a line below: frames, eventPriceMovePct, quarantineAfter, confluence, votes, regime, multipliers, performance, guardrail, session',
    ],
  ],
  ["wrong-type", ['line 3 | risk.positionCap is "three", wanted a whole number from 1 to 100']],
];

/** What the check prints, less what is common to all: the file's name, and what keys are for. */
function problemsOf(fixture: string): string[] {
  const file = `${relative(".", folder)}/${fixture}.yaml`;
  const { text, exitCode: code } = configCheck({ file, preset: null, set: [], env: {}, uid: 0 });
  expect(code).toBe(exitCode.badConfiguration);
  const [title, ...lines] = text.trimEnd().split("\n");
  expect(title).toStartWith(`Cannot use configuration "${file}": `);
  const said = lines.filter((line) => !line.startsWith("    ("));
  return said.flatMap((place, index) => {
    if (index % 2 === 1) return [];
    const where = place.trim().replace(file, "").replace(/^, /, "");
    return [`${where} | ${said[index + 1]?.trim().replace(folder, "FOLDER/")}`];
  });
}

test.each(messages)("config check says what is wrong with %s", (fixture, problems) => {
  expect(problemsOf(fixture)).toEqual([...problems]);
});

test("every fixture is in the table, and says itself what is wrong", () => {
  const names = readdirSync(folder).map((name) => name.replace(/\.yaml$/, ""));
  expect(names.sort()).toEqual(messages.map(([name]) => name).sort());
  const silent = names.filter(
    (name) => !readFileSync(`${folder}${name}.yaml`, "latin1").startsWith("# Wrong: "),
  );
  expect(silent).toEqual([]);
  expect(names.length).toBeGreaterThanOrEqual(30);
});

test("config check says what the keys in question are for", () => {
  const file = `${folder}percent.yaml`;
  const { text } = configCheck({ file, preset: null, set: [], env: {}, uid: 0 });
  expect(text).toContain("    (Share of equity lost if an entry's stop is hit: 0.01 is 1 %.)\n");
});
