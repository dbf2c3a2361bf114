import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decimal } from "../../machines/domain/decimal.ts";
import { canonicalAmount, readRecordedMessage } from "./recording-message.ts";

const received = "1723161600001658384";
const line = (stream: string, data: object) => `${received} ${JSON.stringify({ stream, data })}`;

const depth = {
  ...{ e: "depthUpdate", E: 1723161601273, s: "BTCUSDT", U: 5, u: 7 },
  ...{ b: [["61685.99000000", "1.25869000"]], a: [["61694.34000000", "0.00000000"]] },
};
const ticker = { u: 8, s: "BTCUSDT", b: "10.50000000", B: "2.00000000", a: "11", A: "0.00100000" };
const trade = {
  ...{ e: "trade", E: 1723161601438, s: "BTCUSDT", t: 9, p: "61685.99000000", q: "0.5", m: true },
};

describe("readRecordedMessage()", () => {
  const common = { receivedMs: 1723161600001, receivedNs: 658384, symbol: "BTCUSDT" };

  test("reads changed levels of the book, those that are gone with quantity 0", () => {
    expect(readRecordedMessage(line("btcusdt@depth@100ms", depth))).toEqual({
      ...common,
      type: "depth",
      eventAt: 1723161601273,
      firstId: 5,
      lastId: 7,
      bids: [["61685.99", decimal("1.25869")]],
      asks: [["61694.34", decimal("0")]],
    });
  });

  test("reads touches", () => {
    expect(readRecordedMessage(line("btcusdt@bookTicker", ticker))).toEqual({
      ...common,
      type: "ticker",
      updateId: 8,
      bid: ["10.5", decimal("2")],
      ask: ["11", decimal("0.001")],
    });
  });

  test("reads prints", () => {
    expect(readRecordedMessage(line("btcusdt@trade", trade))).toEqual({
      ...common,
      type: "print",
      eventAt: 1723161601438,
      tradeId: 9,
      price: "61685.99",
      quantity: decimal("0.5"),
      isBuy: false,
    });
    const taken = readRecordedMessage(line("btcusdt@trade", { ...trade, m: false }));
    expect(taken).toMatchObject({ type: "print", isBuy: true });
  });

  const flaws: readonly (readonly [what: string, text: string, words: string])[] = [
    ["an empty line", "", 'is "", wanted nanoseconds of receipt, a space and the message'],
    ["milliseconds for nanoseconds", "1723161600001 {}", "wanted nanoseconds of receipt"],
    ["a message that was cut off", `${received} {"stream":"btcus`, "wanted whole JSON"],
    [
      "a reply to a subscription",
      `${received} {"result":null,"id":1}`,
      'wanted an object with "stream" and "data"',
    ],
    [
      "a stream that is not known",
      line("btcusdt@kline_1m", ticker),
      'has stream "btcusdt@kline_1m"',
    ],
    ["a stream of another symbol", line("ethusdt@trade", trade), "wanted btcusdt@bookTicker"],
    ["no symbol", line("btcusdt@trade", { ...trade, s: undefined }), "has no symbol s"],
    [
      "update ids that fall",
      line("btcusdt@depth", { ...depth, u: 4 }),
      "has last update id u 4, wanted 5 or above",
    ],
    [
      "an update id that is text",
      line("btcusdt@bookTicker", { ...ticker, u: "8" }),
      "has update id u",
    ],
    [
      "a level without quantity",
      line("btcusdt@depth", { ...depth, b: [["1"]] }),
      "wanted price and quantity",
    ],
    [
      "levels that are no list",
      line("btcusdt@depth", { ...depth, a: {} }),
      "has a {}, wanted a list of levels",
    ],
    [
      "a price of zero",
      line("btcusdt@trade", { ...trade, p: "0.00000000" }),
      "wanted a decimal above 0 in quotes",
    ],
    ["a price that is a number", line("btcusdt@trade", { ...trade, p: 1.5 }), "has price p 1.5"],
    [
      "a print without its maker side",
      line("btcusdt@trade", { ...trade, m: undefined }),
      "has no maker side m, wanted true or false",
    ],
    ["a negative quantity", line("btcusdt@trade", { ...trade, q: "-1" }), "has quantity q"],
    [
      "a price in scientific notation",
      line("btcusdt@bookTicker", { ...ticker, b: "1e5" }),
      "has best bid b",
    ],
    [
      "a touch without size",
      line("btcusdt@bookTicker", { ...ticker, A: "0.00" }),
      "has quantity A",
    ],
    [
      "an event time in seconds",
      line("btcusdt@trade", { ...trade, E: 1723161601 }),
      "within a day of receipt",
    ],
  ];
  test.each(flaws)("tells %s from a message", (_what, text, words) => {
    expect(readRecordedMessage(text)).toContain(words);
  });

  test("canonicalAmount() is decimal() for the numbers that venues write", () => {
    const written = fc
      .tuple(fc.nat(1_000_000), fc.option(fc.stringMatching(/^\d{1,8}$/), { nil: null }))
      .map(([whole, places]) => (places === null ? `${whole}` : `${whole}.${places}`));
    fc.assert(
      fc.property(written, (text) => {
        expect(canonicalAmount(text)).toBe(decimal(text));
      }),
      { seed: 20240809, numRuns: 2_000 },
    );
  });
});
