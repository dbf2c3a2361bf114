import { expect, test } from "bun:test";
import fc from "fast-check";
import { decimal } from "../machines/domain/decimal.ts";
import {
  accountName,
  bookName,
  calendarDay,
  duration,
  exactNumber,
  frameMultiples,
  type Kind,
  namesInRow,
  numbersInRow,
  oneOf,
  orWord,
  realNumber,
  symbolName,
  timeframe,
  trueOrFalse,
  wholeNumber,
} from "./kinds.ts";

const share = exactNumber({ above: "0", to: "0.1" }, "0.01");
const fee = exactNumber({ from: "-0.01", to: "0.05" }, "0.001");
const factor = realNumber({ from: "0.1", to: "20" }, "3");
const volume = orWord(realNumber({ above: "0", to: "1" }, "0.25"), "none", null);
const wait = duration("1s", "5m");
const cap = wholeNumber(1, 100);
const row = numbersInRow(factor, 3, "1, 2");
const coins = namesInRow(["bitcoin", "ether"], "ether, bitcoin");
const frames = frameMultiples(3, 60);

const cases: readonly (readonly [
  name: string,
  kind: Kind<unknown>,
  text: string,
  value: unknown,
])[] = [
  ["a share keeps its digits", share, "0.010000000000000001", "0.010000000000000001"],
  ["a share drops needless zeros", share, "0.0100", "0.01"],
  ["a share is above its lower bound", share, "0", undefined],
  ["a share may be its upper bound", share, "0.1", "0.1"],
  ["a share is not above its upper bound", share, "0.1000000000000001", undefined],
  ["a share is not below zero", share, "-0.01", undefined],
  ["a share has no percent sign", share, "1%", undefined],
  ["a share has no exponent", share, "1e-2", undefined],
  ["a share has no decimal comma", share, "0,01", undefined],
  ["a share has digits before the point", share, ".01", undefined],
  ["a share has no plus sign", share, "+0.01", undefined],
  ["a share is no word", share, "NaN", undefined],
  ["a share is not empty", share, "", undefined],
  ["a share has no spaces", share, " 0.01", undefined],
  ["a share has at most forty digits", share, `0.0${"1".repeat(40)}`, undefined],
  ["a fee may be a rebate", fee, "-0.01", "-0.01"],
  ["a factor is a float", factor, "2.5", 2.5],
  ["a factor is not infinite", factor, "Infinity", undefined],
  ["a row is its numbers", row, "1, 2.5,3", [1, 2.5, 3]],
  ["a row may be of one", row, "1", [1]],
  ["a row has no more than its most", row, "1, 2, 3, 4", undefined],
  ["a row has no hole", row, "1, , 3", undefined],
  ["a row has no end without a number", row, "1, 2,", undefined],
  ["a row has no number beyond its bounds", row, "1, 21", undefined],
  ["a row is not endless", row, "1,".repeat(1_000), undefined],
  ["names in a row keep their order", coins, "ether,  bitcoin", ["ether", "bitcoin"]],
  ["names in a row may be one", coins, "ether", ["ether"]],
  ["names in a row are at least one", coins, "", undefined],
  ["names in a row are known", coins, "ether, solana", undefined],
  ["names in a row are each there once", coins, "ether, ether", undefined],
  ["names in a row leave no hole", coins, "ether,", undefined],
  ["names in a row are not what objects have", coins, "constructor", undefined],
  ["names in a row are not endless", coins, "ether,".repeat(1_000), undefined],
  ["a book is named", bookName, "trend-1", "trend-1"],
  ["a book's name has at most twenty letters", bookName, "a".repeat(20), "a".repeat(20)],
  ["a book's name has no more than that", bookName, "a".repeat(21), undefined],
  ["a book's name is not empty", bookName, "", undefined],
  ["a book's name begins with a letter", bookName, "1", undefined],
  ["a book's name has no separator of actor names", bookName, "a~b", undefined],
  ["frames rise from one", frames, "1, 5, 15", [1, 5, 15]],
  ["frames begin with one", frames, "2, 5", undefined],
  ["frames rise", frames, "1, 5, 5", undefined],
  ["frames are whole", frames, "1, 2.5", undefined],
  ["frames end at the longest", frames, "1, 61", undefined],
  ["a truth is true", trueOrFalse, "true", true],
  ["a truth is false", trueOrFalse, "false", false],
  ["a truth is no yes", trueOrFalse, "yes", undefined],
  ["a truth has small letters", trueOrFalse, "True", undefined],
  ["a word stands for its value", volume, "none", null],
  ["another word does not", volume, "off", undefined],
  ["a whole number is one", cap, "3", 3],
  ["a whole number has no point", cap, "3.0", undefined],
  ["a whole number is not hexadecimal", cap, "0x3", undefined],
  ["a whole number is not above its bound", cap, "101", undefined],
  [
    "a whole number is safe",
    wholeNumber(0, Number.MAX_SAFE_INTEGER),
    "9007199254740993",
    undefined,
  ],
  ["a time in seconds", wait, "30s", 30_000],
  ["a time in minutes", wait, "5m", 300_000],
  ["a time at its lower bound, in milliseconds", wait, "1000ms", 1_000],
  ["a time is not above its bound", wait, "6m", undefined],
  ["a time has a unit", wait, "30", undefined],
  ["a time has one unit", wait, "1m30s", undefined],
  ["a candle length", timeframe, "4h", 14_400_000],
  ["a candle length is at most a day", timeframe, "2d", undefined],
  ["a candle length has a unit", timeframe, "60", undefined],
  ["a candle length is not zero", timeframe, "0m", undefined],
  ["a symbol", symbolName, "BTC/USD", "BTC/USD"],
  ["a symbol is in capitals", symbolName, "btc/usd", undefined],
  ["a symbol has both coins", symbolName, "BTC", undefined],
  ["a choice", oneOf(["limit", "market"]), "limit", "limit"],
  ["a choice is spelled as it is", oneOf(["limit", "market"]), "Limit", undefined],
  ["an account has no separator", accountName, "paper:main", undefined],
  ["a day", calendarDay, "2026-01-31", Date.UTC(2026, 0, 31)],
  ["a leap day", calendarDay, "2028-02-29", Date.UTC(2028, 1, 29)],
  ["a leap day only in leap years", calendarDay, "2026-02-29", undefined],
  ["a day has a month", calendarDay, "2026-13-01", undefined],
  ["a day has two digits", calendarDay, "2026-1-31", undefined],
];

test.each(cases)("%s", (_, kind, text, value) => {
  expect(kind.read(text)).toEqual(value);
});

test.each([
  ["a percentage", share, "1%", "0.01"],
  ["a percentage with a space", share, "2.5 %", "0.025"],
  ["a symbol in small letters", symbolName, "btc-usd", "BTC/USD"],
  ["a misspelled choice", oneOf(["limit", "market"]), "Markt", "market"],
  ["misspelled names in a row", coins, "Bitcoins,ethr", "bitcoin, ether"],
  ["names there twice", coins, "ether, ether", "ether"],
  ["a row of names that is in order", coins, "ether,bitcoin", undefined],
  ["names in a row of which one is like none", coins, "ether, solana", undefined],
  ["a book's name in capitals", bookName, "Trend Followers", "trend-followers"],
  ["nothing like a number", share, "much", undefined],
] as const)("suggest() knows what %s means", (_, kind, text, meant) => {
  expect(kind.suggest?.(text)).toBe(meant);
});

test("exactNumber() reads every decimal within its bounds as itself", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 ** 9 }), (units) => {
      const text = `0.${String(units).padStart(10, "0")}`;
      expect(share.read(text)).toBe(decimal(text));
    }),
    { seed: 1_104, numRuns: 200 },
  );
});
