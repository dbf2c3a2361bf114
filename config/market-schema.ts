import { z } from "zod";
import { atStart, key, list, ofTheRun, rowKey } from "./key.ts";
import {
  calendarDay,
  exactNumber,
  filePath,
  oneOf,
  orWord,
  realNumber,
  symbolName,
  symbolsInRow,
  timeframe,
  webAddress,
} from "./kinds.ts";
import { marketRule } from "./rules.ts";

const anotherMarket = "it makes the prices, and a ledger goes on only on the prices it began with";

const generatedSymbol = z.strictObject({
  symbol: key(symbolName, "What is traded, as BASE/QUOTE.", ofTheRun(anotherMarket)),
  startPrice: key(
    exactNumber({ above: "0", to: "1000000000" }, "64000"),
    "Price before the first candle, in quote coin; a whole number of ticks.",
    ofTheRun(anotherMarket),
  ),
  tick: key(
    exactNumber({ above: "0", to: "1000000" }, "0.01"),
    "Smallest step of its price, in quote coin.",
    ofTheRun(anotherMarket),
  ),
});

const candleFile = z.strictObject({
  symbol: key(symbolName, "What the file's prices are of, as BASE/QUOTE.", ofTheRun(anotherMarket)),
  path: key(
    filePath,
    "Candle file, plain or gzip, with columns timestamp_ms,open,high,low,close,volume.",
    atStart("files are read when the desk starts; what counts is what is in them"),
  ),
  timeframe: key(
    timeframe,
    "Length of the file's candles, if not that of market.timeframe.",
    ofTheRun(anotherMarket),
  ).optional(),
});

/** Why another address waits for a start. */
export const readdressed = "the venue is connected to when the desk starts; it is the same venue";

const liveMarket = z.strictObject({
  venue: key(
    oneOf(["kraken", "coinbase", "binanceus"]),
    "Whose market data: public, without keys.",
    ofTheRun(anotherMarket),
  ),
  symbols: rowKey(
    symbolsInRow(50),
    "What is traded, each as BASE/QUOTE, all of one quote coin.",
    ofTheRun(anotherMarket),
  ),
  rest: key(
    orWord(webAddress(["https", "http"]), "standard", null),
    'Base address of the venue\'s REST; "standard" for its own.',
    atStart(readdressed),
  ),
  stream: key(
    orWord(webAddress(["wss", "ws"]), "standard", null),
    'Address of the venue\'s market data stream; "standard" for its own.',
    atStart(readdressed),
  ),
});

/** Where prices come from. */
export const marketSchema = z
  .strictObject({
    source: key(
      oneOf(["generator", "candles", "live"]),
      "Where prices come from: made by the generator, read from candle files, or of a live venue.",
      ofTheRun(anotherMarket),
    ),
    timeframe: key(timeframe, "Length of a candle.", ofTheRun(anotherMarket)),
    speed: key(
      orWord(realNumber({ above: "0", to: "1000000000" }, "120"), "max", "max" as const),
      'Market seconds that pass in a real second; "max" for as fast as the machine goes.',
      atStart("the pace is set when the desk starts; it changes no decision"),
    ),
    startAt: key(calendarDay, "Day of the generator's first candle, UTC.", ofTheRun(anotherMarket)),
    symbols: list(
      generatedSymbol,
      200,
      "What the generator makes prices of. Used when market.source is generator.",
      ofTheRun(anotherMarket),
    ),
    files: list(
      candleFile,
      200,
      "Candle files to trade on. Used when market.source is candles.",
      ofTheRun(anotherMarket),
    ),
    live: liveMarket,
  })
  .superRefine(marketRule);
