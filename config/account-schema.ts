import { z } from "zod";
import { atStart, key, list, ofTheRun, rowKey } from "./key.ts";
import {
  accountName,
  exactNumber,
  oneOf,
  orWord,
  symbolsInRow,
  webAddress,
  wholeNumber,
} from "./kinds.ts";
import { readdressed } from "./market-schema.ts";

/** Each has its own connections, its own reconciler and its own lanes. */
const accountsMax = 10;

const anotherAccount = ofTheRun(
  "its orders, positions and balances in the ledger are that account's",
);
const anotherMarket = ofTheRun("what its data planes have heard are that market's prices");
const bornLimit = ofTheRun(
  "an account beside the first keeps the limits that the ledger began with",
);

const venueNames = ["paper", "kraken", "coinbase", "binanceus"] as const;

const beside = z.strictObject({
  venue: key(
    oneOf(venueNames),
    "Where its orders go; like the first account's, by mode.",
    anotherAccount,
  ),
  account: key(accountName, "Whose orders they are: one name for each account.", anotherAccount),
  rest: key(
    orWord(webAddress(["https", "http"]), "none", null),
    "Base address that its orders go to; none on paper, and for the venue's own.",
    atStart(readdressed),
  ),
  stream: key(
    orWord(webAddress(["wss", "ws"]), "none", null),
    "Address of the account's own stream; none on paper, and for the venue's own.",
    atStart(readdressed),
  ),
  symbols: rowKey(
    symbolsInRow(50),
    "What is traded on it, each as BASE/QUOTE, all of one quote coin.",
    anotherMarket,
  ),
  prices: key(
    oneOf(["market", "kraken", "coinbase", "binanceus"]),
    'Whose prices it goes by: those of "market" above, or of another live venue.',
    anotherMarket,
  ),
  pricesRest: key(
    orWord(webAddress(["https", "http"]), "standard", null),
    'Base address of that venue\'s public REST; "standard" for its own.',
    atStart(readdressed),
  ),
  pricesStream: key(
    orWord(webAddress(["wss", "ws"]), "standard", null),
    'Address of that venue\'s market data stream; "standard" for its own.',
    atStart(readdressed),
  ),
  riskShare: key(
    exactNumber({ above: "0", to: "0.1" }, "0.01"),
    "Share of the account's equity lost if an entry's stop is hit: 0.01 is 1 %.",
    bornLimit,
  ),
  maxShare: key(
    exactNumber({ above: "0", to: "1" }, "0.25"),
    "Largest share of the account's equity in one position: 0.25 is 25 %.",
    bornLimit,
  ),
  positionCap: key(wholeNumber(1, 100), "Positions that may be open on it at once.", bornLimit),
  dailyLossShare: key(
    exactNumber({ above: "0", to: "0.5" }, "0.05"),
    "Share of the account's first equity of a day that may be lost before its entries stop.",
    bornLimit,
  ),
});

/** Accounts beside the first one, which `account`, `risk` and `breakers` are of. */
export const accountsSchema = list(
  beside,
  accountsMax,
  "Accounts beside the first one, each with its own keys, symbols and limits.",
  anotherAccount,
);

/** One of them, checked by itself. */
export type BesideAccount = z.output<typeof beside>;
