import { z } from "zod";
import { accountsRule } from "./account-rules.ts";
import { accountsSchema } from "./account-schema.ts";
import { booksRule } from "./book-rules.ts";
import { booksSchema } from "./book-schema.ts";
import { aside, atStart, key, ofTheRun, safe } from "./key.ts";
import {
  accountName,
  duration,
  exactNumber,
  filePath,
  oneOf,
  orWord,
  presetName,
  realNumber,
  templateName,
  trueOrFalse,
  webAddress,
  wholeNumber,
} from "./kinds.ts";
import { liveSchema } from "./live-schema.ts";
import { marketSchema, readdressed } from "./market-schema.ts";
import { protectionRule } from "./research-rules.ts";
import { accountRule, feeRule, reconcileRule, rewardRule, riskRule, stopRule } from "./rules.ts";
import { serverSchema } from "./server-schema.ts";
import { barsMax } from "./strategies.ts";
import { strategySchema } from "./strategy-schema.ts";

const anotherVenue = "it makes the fills, and one ledger never mixes fills of two kinds of venue";
const nextEntry = "counts from the next entry on; open positions keep the size they have";
const nextStop = "counts from the next stop or raise on; a stop is never lowered";
const nextOrder = "counts for orders placed from then on";
const nextStep = "counts from the next bar on, for entries that rest too";
const takenAtBirth = "its actor took the value when the ledger began and keeps it";

const switched = "it is armed when the desk starts, and called off when it stops";

const account = z.strictObject({
  venue: key(
    oneOf(["paper", "kraken", "coinbase"], "; Binance.US only on paper, its account has no stream"),
    "Where orders go.",
    ofTheRun(anotherVenue),
  ),
  account: key(accountName, "Whose orders they are.", ofTheRun("a ledger keeps one account")),
  rest: key(
    orWord(webAddress(["https", "http"]), "none", null),
    "Base address that orders go to; none on paper and for the venue's own. Its keys are secrets, such as KRAKEN_API_KEY and KRAKEN_SECRET.",
    atStart(readdressed),
  ),
  stream: key(
    orWord(webAddress(["wss", "ws"]), "none", null),
    "Address of the account's own stream; none on paper and for the venue's own.",
    atStart(readdressed),
  ),
  deadMansSwitch: key(
    orWord(duration("30s", "10m"), "off", null),
    "Time after which Kraken cancels ALL orders of the account, protective stops too, unless the desk gives a sign of life.",
    atStart(switched),
  ).optional(),
  acceptNaked: key(
    trueOrFalse,
    "That you accept positions without any stop once the dead man's switch has fired.",
    atStart(switched),
  ).optional(),
});

const risk = z
  .strictObject({
    riskShare: key(
      exactNumber({ above: "0", to: "0.1" }, "0.01"),
      "Share of equity lost if an entry's stop is hit: 0.01 is 1 %.",
      safe(nextEntry),
    ),
    maxShare: key(
      exactNumber({ above: "0", to: "1" }, "0.25"),
      "Largest share of equity in one position: 0.25 is 25 %.",
      safe(nextEntry),
    ),
    positionCap: key(
      wholeNumber(1, 100),
      "Positions that may be open at once.",
      safe("counts from the next entry on; positions above a lowered cap are not closed"),
    ),
  })
  .superRefine(riskRule);

const breakers = z.strictObject({
  dailyLossShare: key(
    exactNumber({ above: "0", to: "1" }, "0.05"),
    "Share of the day's first equity that may be lost before entries stop until the next day, UTC.",
    safe("counts from the next bar on; a breaker that is open stays open until its own rule"),
  ),
});

const chase = z.strictObject({
  reprices: key(
    wholeNumber(0, 100),
    "How often a limit entry that does not fill is moved up to the touch; 0 leaves it in its place.",
    safe(nextStep),
  ),
  everyBars: key(
    wholeNumber(1, 1_000),
    "Bars between two moves of an entry, and before the first.",
    safe(nextStep),
  ),
  maxAwayShare: key(
    exactNumber({ from: "0", to: "0.2" }, "0.005"),
    "How far above its first price an entry may be moved: 0.005 is 0.5 %. Beyond it the entry ends.",
    safe(nextStep),
  ),
  maxSpreadShare: key(
    orWord(exactNumber({ from: "0", to: "0.1" }, "0.001"), "never", null),
    "Widest spread at which what no move filled is bought at market; never ends the entry instead.",
    safe(nextStep),
  ),
  maxSlippageShare: key(
    exactNumber({ from: "0", to: "0.2" }, "0.005"),
    "How far above the first price the market may be when what is left is bought there.",
    safe(nextStep),
  ),
});

const entry = z.strictObject({
  type: key(
    oneOf(["limit", "market"]),
    "Order type of an entry: limit waits at the last price, market buys at once.",
    safe(nextOrder),
  ),
  patienceBars: key(
    wholeNumber(1, 1_000),
    "Bars that a limit entry may rest before the desk cancels it.",
    safe(nextOrder),
  ),
  chase,
});

const stop = z
  .strictObject({
    atrPeriod: key(
      wholeNumber(2, barsMax),
      "Bars of the average true range, the unit of stop distances.",
      safe("every bar of the ledger is read again under the new rules"),
    ),
    atrMultiple: key(
      realNumber({ from: "0.1", to: "20" }, "3"),
      "First distance of the stop below the entry, in average true ranges of the highest agreeing timeframe.",
      safe(nextStop),
    ),
    targetAtrMultiple: key(
      realNumber({ from: "0.1", to: "100" }, "6"),
      "Distance of the target above the entry, in average true ranges: what an entry may hope for.",
      safe("counts from the next evaluation on"),
    ),
    trailAtrMultiple: key(
      realNumber({ from: "0.1", to: "50" }, "4"),
      "Distance at which the stop follows a rising price, in average true ranges.",
      safe(nextStop),
    ),
    stepAtr: key(
      realNumber({ from: "0", to: "5" }, "0.25"),
      "Smallest raise of the stop that is worth an order change, in average true ranges.",
      safe(nextStop),
    ),
  })
  .superRefine(stopRule);

const coolDown = z.strictObject({
  bars: key(
    wholeNumber(0, 10_000),
    "Bars to wait on a symbol after a position in it was closed.",
    safe("counts from the next pause on"),
  ),
});

const order = z.strictObject({
  maxAttempts: key(
    wholeNumber(1, 20),
    "How often one intent may be sent in all, the first time included.",
    safe(nextOrder),
  ),
  settle: key(
    duration("1s", "10m"),
    "How long a finished order stays to take late fills.",
    safe(nextOrder),
  ),
  lookUpRetry: key(
    duration("100ms", "30s"),
    "First wait between two look-ups of an order whose fate is not known; doubles up to 30 s.",
    safe(nextOrder),
  ),
  fillGrace: key(
    duration("100ms", "5m"),
    "How long fills may lag behind what the venue says is filled before they are fetched.",
    safe(nextOrder),
  ),
  workingCheck: key(
    duration("1s", "5m"),
    "Between two looks at an entry that works at the venue, in case reports of its fills got lost.",
    safe(nextOrder),
  ),
  restingCheck: key(
    orWord(duration("1s", "1h"), "never", null),
    "Likewise for a resting stop; exits are then looked at as entries are. Over a wire alone: on paper no report gets lost.",
    safe(nextOrder),
  ),
});

const nextPosition = "counts for positions opened from then on";

const position = z.strictObject({
  maxFailures: key(
    wholeNumber(1, 20),
    "Failed tries to place, change or use a stop, or to exit, before the next resort.",
    safe(nextPosition),
  ),
  stopRetry: key(
    duration("100ms", "30s"),
    "First pause before a stop that was not taken is placed again; doubles up to 30 s.",
    safe(nextPosition),
  ),
  strandedRetry: key(
    duration("1s", "1h"),
    "Pause before a position that cannot be protected or sold is tried again.",
    safe(nextPosition),
  ),
  settle: key(
    duration("1s", "1h"),
    "How long a closed position stays to take late fills.",
    safe(nextPosition),
  ),
  quantity: key(
    exactNumber({ above: "0", to: "1000000000" }, "1"),
    "Size of every position in base coin, where it is not to follow from risk.riskShare; one that may not be as large is left out.",
    safe(nextPosition),
  ).optional(),
  protects: key(
    trueOrFalse,
    "Whether a stop rests for every position. False for research on paper alone: what is bought is sold by its signal, and stop and target are no more than an estimate.",
    safe(nextPosition),
  ).optional(),
});

const reconcile = z
  .strictObject({
    interval: key(
      duration("10s", "1d"),
      "How often ledger and venue are compared.",
      ofTheRun(takenAtBirth),
    ),
    wiredInterval: key(
      duration("5s", "1h"),
      "The same for an account behind a wire, of which somebody else may make use too.",
      ofTheRun(takenAtBirth),
    ),
    retry: key(
      duration("1s", "5m"),
      "Wait before a comparison that failed or differed is repeated.",
      ofTheRun(takenAtBirth),
    ),
    patience: key(
      wholeNumber(1, 100),
      "Comparisons in a row that must differ before it counts as a mismatch.",
      ofTheRun(takenAtBirth),
    ),
    overlap: key(
      duration("1m", "7d"),
      "How far before the last match fills are read again.",
      ofTheRun(takenAtBirth),
    ),
  })
  .superRefine(reconcileRule);

const fees = z
  .strictObject({
    maker: key(
      exactNumber({ from: "-0.01", to: "0.05" }, "0.001"),
      "Fee of a resting order as a share of its value: 0.001 is 0.1 %. Below 0 for a rebate.",
      ofTheRun(anotherVenue),
    ),
    taker: key(
      exactNumber({ from: "0", to: "0.05" }, "0.002"),
      "Fee of an order that trades at once, as a share of its value: 0.002 is 0.2 %.",
      ofTheRun(anotherVenue),
    ),
  })
  .superRefine(feeRule);

const matching = z.strictObject({
  latency: key(
    duration("0ms", "1m"),
    "Time between an order's acceptance and its first chance to trade on the paper venue.",
    ofTheRun(anotherVenue),
  ),
  spreadTicks: key(
    wholeNumber(0, 10_000),
    "Ticks between best bid and ask where prices come without a book: an order that trades at once pays half of it, rounded up, before slippage. 0 if not set.",
    ofTheRun(anotherVenue),
  ).optional(),
  slippageTicks: key(
    wholeNumber(0, 1_000),
    "Ticks that an order which trades at once pays beyond the price.",
    ofTheRun(anotherVenue),
  ),
  slippageShare: key(
    realNumber({ from: "0", to: "0.1" }, "0.0001"),
    "The same as a share of the price, on top: 0.0001 is 0.01 %.",
    ofTheRun(anotherVenue),
  ),
  volumeShare: key(
    orWord(realNumber({ above: "0", to: "1" }, "0.25"), "none", null),
    'Largest share of the market\'s volume that our orders get; "none" for no limit.',
    ofTheRun(anotherVenue),
  ),
  fees,
});

const log = z.strictObject({
  level: key(
    oneOf(["debug", "info", "warn", "error"]),
    "The least important lines that are still written.",
    aside("counts from the next line on"),
  ),
});

const template = z.strictObject({
  name: key(
    templateName,
    "Template that was applied to this file last, or none; what counts are the values themselves.",
    aside("its values are compared one by one"),
  ),
  version: key(
    wholeNumber(0, 1_000_000),
    "How often a template was applied to this file.",
    aside("it only counts"),
  ),
});

/** The whole configuration: every key that there is, in the order in which it is shown. */
export const configurationSchema = z
  .strictObject({
    preset: key(
      presetName,
      "Whole configuration to start from; what else is set here goes before it.",
      aside("its values are compared one by one"),
    ).optional(),
    template,
    mode: key(
      oneOf(["paper", "rehearsal", "live"]),
      "Whether orders are simulated here, sent to a rehearsal venue on this machine, or traded with real money.",
      ofTheRun(anotherVenue),
    ),
    seed: key(
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
      "Number from which everything random is drawn: the same seed gives the same run.",
      ofTheRun("every draw of the run was made from it"),
    ),
    secretsFile: key(
      filePath,
      "File of secrets, of mode 600, with lines NOVACTOR_SECRET_NAME=value.",
      atStart("secrets are read when the desk starts"),
    ).optional(),
    market: marketSchema,
    account,
    accounts: accountsSchema,
    live: liveSchema,
    strategy: strategySchema,
    books: booksSchema,
    risk,
    breakers,
    entry,
    stop,
    coolDown,
    order,
    position,
    reconcile,
    matching,
    server: serverSchema,
    log,
  })
  .superRefine(rewardRule)
  .superRefine(booksRule)
  .superRefine(accountRule)
  .superRefine(protectionRule)
  .superRefine(accountsRule);

/**
 * A configuration that was checked. Times are milliseconds; prices, fees and shares of money are
 * exact decimals; `volumeShare` null is no limit.
 */
export type Configuration = z.output<typeof configurationSchema>;
