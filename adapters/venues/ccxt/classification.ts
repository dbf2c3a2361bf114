import { OperationFailed } from "ccxt/js/src/base/errors.js";
import type { Refusal, Reply } from "../../../actors/order/ports.ts";
import type { CcxtVenueId } from "./assumptions.ts";
import { evidenceOf, NotSent, VenueRefusal } from "./faults.ts";

/**
 * One way in which a venue answers something else than a clear yes. `ccxt` is the class that ccxt
 * 4.5.84 makes of it, `null` where ccxt takes it for a success.
 */
export interface ClassificationRow {
  readonly venue: CcxtVenueId;
  readonly status: number;
  /** The venue's words, from their beginning. */
  readonly text: string;
  readonly ccxt: string | null;
  readonly verdict: "refused" | "unknown";
  readonly code: Refusal | null;
}

type Short = readonly [text: string, ccxt: string | null, code: Refusal | null, status?: number];

/**
 * The one classification. A refusal stands here only where the venue itself said no in so many
 * words; whatever is not listed, and whatever ccxt calls an OperationFailed, is unknown.
 */
const kraken: readonly Short[] = [
  ["EOrder:Insufficient funds", "InsufficientFunds", "insufficientFunds"],
  ["EOrder:Insufficient initial margin", "ExchangeError", "insufficientFunds"],
  ["EOrder:Order minimum not met", "InvalidOrder", "belowMinimum"],
  ["EOrder:Cost minimum not met", "ExchangeError", "belowMinimum"],
  ["EGeneral:Invalid arguments:volume minimum not met", "InvalidOrder", "belowMinimum"],
  ["EOrder:Tick size check failed", "ExchangeError", "offGrid"],
  ["EOrder:Invalid price", "ExchangeError", "offGrid"],
  ["EGeneral:Invalid arguments:price", "InvalidOrder", "offGrid"],
  ["EGeneral:Invalid arguments:volume", "InvalidOrder", "offGrid"],
  ["EOrder:Post only order", "ExchangeError", "wouldTakeLiquidity"],
  ["EOrder:Duplicate cl_ord_id", "ExchangeError", "duplicateClientOrderId"],
  // In whatever words: an id of ours that is refused may be one that is live.
  ["EGeneral:Invalid arguments:cl_ord_id", "ExchangeError", "duplicateClientOrderId"],
  ["EOrder:Unknown order", "InvalidOrder", "unknownOrder"],
  ["EOrder:Invalid order", "InvalidOrder", "unknownOrder"],
  ["EOrder:Deadline elapsed", "ExchangeError", "other"],
  ["EOrder:Orders limit exceeded", "ExchangeError", "other"],
  ["EOrder:Scheduled orders limit exceeded", "ExchangeError", "other"],
  ["EOrder:Trading agreement required", "ExchangeError", "other"],
  ["EOrder:Reduce only", "ExchangeError", "other"],
  ["EQuery:Unknown asset pair", "ExchangeError", "unsupported"],
  ["EQuery:Invalid asset pair", "BadSymbol", "unsupported"],
  ["EGeneral:Invalid arguments", "BadRequest", "unsupported"],
  ["EGeneral:Permission denied", "PermissionDenied", "other"],
  ["EAPI:Invalid key", "AuthenticationError", "other"],
  ["EAPI:Invalid signature", "ExchangeError", "other"],
  ["ETrade:User Locked", "AccountSuspended", "other"],
  ["EService:Market in limit_only mode", "ExchangeError", "marketClosed"],
  ["EService:Market in cancel_only mode", "OnMaintenance", null],
  ["EService:Market in post_only mode", "OnMaintenance", null],
  ["EService:Unavailable", "ExchangeNotAvailable", null],
  ["EService:Busy", "ExchangeNotAvailable", null],
  ["EService:Deadline elapsed", "ExchangeError", null],
  ["EService:Timeout", "ExchangeError", null],
  ["EGeneral:Internal error", "ExchangeNotAvailable", null],
  ["EDatabase:Internal error", "ExchangeNotAvailable", null],
  ["EGeneral:Temporary lockout", "DDoSProtection", null],
  ["EGeneral:Too many requests", "DDoSProtection", null],
  ["EAPI:Rate limit exceeded", "DDoSProtection", null],
  ["EOrder:Rate limit exceeded", "DDoSProtection", null],
  ["EAPI:Invalid nonce", "InvalidNonce", null],
  ["EOrder:Cancel pending", "CancelPending", null],
];

const coinbase: readonly Short[] = [
  ["PREVIEW_INSUFFICIENT_FUND", "InsufficientFunds", "insufficientFunds"],
  ["INSUFFICIENT_FUND", "ExchangeError", "insufficientFunds"],
  ["PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY", "ExchangeError", "wouldTakeLiquidity"],
  ["INVALID_LIMIT_PRICE_POST_ONLY", "ExchangeError", "wouldTakeLiquidity"],
  ["PREVIEW_INVALID_BASE_SIZE_TOO_SMALL", "ExchangeError", "belowMinimum"],
  ["PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL", "ExchangeError", "belowMinimum"],
  ["PREVIEW_BASE_SIZE_TOO_SMALL", "ExchangeError", "belowMinimum"],
  ["PREVIEW_QUOTE_SIZE_TOO_SMALL", "ExchangeError", "belowMinimum"],
  ["PREVIEW_INVALID_ORDER_SIZE", "ExchangeError", "belowMinimum"],
  ["ORDER_SIZE_TOO_SMALL", "ExchangeError", "belowMinimum"],
  ["PREVIEW_INVALID_SIZE_PRECISION", "ExchangeError", "offGrid"],
  ["PREVIEW_INVALID_QUOTE_SIZE_PRECISION", "ExchangeError", "offGrid"],
  ["PREVIEW_INVALID_BASE_SIZE_PRECISION", "ExchangeError", "offGrid"],
  ["PREVIEW_INVALID_PRICE_PRECISION", "ExchangeError", "offGrid"],
  ["INVALID_SIZE_PRECISION", "ExchangeError", "offGrid"],
  ["INVALID_PRICE_PRECISION", "ExchangeError", "offGrid"],
  ["PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE", "InvalidOrder", "other"],
  ["PREVIEW_STOP_PRICE_BELOW_LAST_TRADE_PRICE", "ExchangeError", "other"],
  ["PREVIEW_STOP_PRICE_ABOVE_LIMIT_PRICE", "ExchangeError", "other"],
  ["PREVIEW_STOP_PRICE_BELOW_LIMIT_PRICE", "ExchangeError", "other"],
  ["DUPLICATE_CLIENT_ORDER_ID", "ExchangeError", "duplicateClientOrderId"],
  ["PRODUCT_TRADING_DISABLED", "ExchangeError", "marketClosed"],
  ["ORDER_ENTRY_DISABLED", "ExchangeError", "marketClosed"],
  ["INVALID_NO_LIQUIDITY", "ExchangeError", "marketClosed"],
  ["INVALID_PRODUCT_ID", "ExchangeError", "unsupported"],
  ["UNSUPPORTED_ORDER_CONFIGURATION", "ExchangeError", "unsupported"],
  ["INVALID_ARGUMENT", "BadRequest", "unsupported", 400],
  ["PERMISSION_DENIED", "PermissionDenied", "other", 403],
  ["NOT_FOUND", "ExchangeError", "unknownOrder", 404],
  ["UNKNOWN_CANCEL_ORDER", null, "unknownOrder"],
  ["INVALID_CANCEL_REQUEST", null, "alreadyDone"],
  ["ORDER_IS_FULLY_FILLED", null, "alreadyDone"],
  ["ORDER_IS_BEING_REPLACED", null, null],
  ["Unauthorized", "AuthenticationError", "other", 401],
  ["UNKNOWN_FAILURE_REASON", "ExchangeError", null],
  ["COMMANDER_REJECTED_NEW_ORDER", "ExchangeError", null],
  ["DUPLICATE_CANCEL_REQUEST", null, null],
  ["COMMANDER_REJECTED_CANCEL_ORDER", null, null],
  ["UNKNOWN_CANCEL_FAILURE_REASON", null, null],
  ["INTERNAL", "ExchangeError", null, 500],
  ["UNAVAILABLE", "ExchangeError", null, 503],
  ["rate_limit_exceeded", "RateLimitExceeded", null, 429],
];

const binanceus: readonly Short[] = [
  [
    "-2010 Account has insufficient balance for requested action.",
    "InsufficientFunds",
    "insufficientFunds",
    400,
  ],
  [
    "-2010 Order would immediately match and take.",
    "OrderImmediatelyFillable",
    "wouldTakeLiquidity",
    400,
  ],
  ["-2010 Stop price would trigger immediately.", "OrderImmediatelyFillable", "other", 400],
  ["-2010 Duplicate order sent.", "InvalidOrder", "duplicateClientOrderId", 400],
  ["-2010 Market is closed.", "MarketClosed", "marketClosed", 400],
  ["-2010 This symbol is not permitted for this account.", "PermissionDenied", "unsupported", 400],
  ["-2010 This action is disabled on this account.", "AccountSuspended", "other", 400],
  ["-1013 Filter failure: MIN_NOTIONAL", "BadRequest", "belowMinimum", 400],
  ["-1013 Filter failure: NOTIONAL", "BadRequest", "belowMinimum", 400],
  ["-1013 Filter failure: LOT_SIZE", "InvalidOrder", "offGrid", 400],
  ["-1013 Filter failure: MARKET_LOT_SIZE", "InvalidOrder", "offGrid", 400],
  ["-1013 Filter failure: PRICE_FILTER", "InvalidOrder", "offGrid", 400],
  ["-1013 Filter failure: PERCENT_PRICE", "BadRequest", "other", 400],
  ["-1111 Precision is over the maximum defined for this asset.", "BadRequest", "offGrid", 400],
  ["-1121 Invalid symbol.", "BadSymbol", "unsupported", 400],
  ["-1102 Mandatory parameter", "BadRequest", "unsupported", 400],
  ["-2011 Unknown order sent.", "OrderNotFound", "unknownOrder", 400],
  ["-2013 Order does not exist.", "OrderNotFound", "unknownOrder", 400],
  ["-2014 API-key format invalid.", "AuthenticationError", "other", 401],
  ["-2015 Invalid API-key, IP, or permissions for action.", "AuthenticationError", "other", 401],
  ["-1022 Signature for this request is not valid.", "AuthenticationError", "other", 400],
  ["-1021 Timestamp for this request is outside of the recvWindow.", "InvalidNonce", null, 400],
  ["-1015 Too many new orders", "RateLimitExceeded", null, 400],
  ["-1003 Too much request weight used", "DDoSProtection", null, 429],
  ["-1000 An unknown error occurred while processing the request.", "OperationFailed", null, 400],
  ["-1001 Internal error", "OperationFailed", null, 500],
  ["-1006 An unexpected response was received", "OperationFailed", null, 500],
  ["-1007 Timeout waiting for response from backend server.", "RequestTimeout", null, 504],
];

/** Every row, for the tests and the documentation. */
export const classification: readonly ClassificationRow[] = Object.entries({
  kraken,
  coinbase,
  binanceus,
}).flatMap(([venue, rows]) =>
  rows.map(([text, ccxt, code, status = 200]) => ({
    venue: venue as CcxtVenueId,
    status,
    text,
    ccxt,
    verdict: code === null ? ("unknown" as const) : ("refused" as const),
    code,
  })),
);

// The longest text first: a venue's words may begin with another row's.
const rowsByVenue = {
  kraken: rowsOf("kraken"),
  coinbase: rowsOf("coinbase"),
  binanceus: rowsOf("binanceus"),
};

function rowsOf(venue: CcxtVenueId): readonly ClassificationRow[] {
  return classification
    .filter((row) => row.venue === venue)
    .sort((a, b) => b.text.length - a.text.length);
}

/** The row that speaks of these words, if any does; the first words that are listed decide. */
export function rowFor(venue: CcxtVenueId, texts: readonly string[]): ClassificationRow | null {
  for (const text of texts) {
    const row = rowsByVenue[venue].find((each) => text.startsWith(each.text));
    if (row !== undefined) return row;
  }
  return null;
}

/**
 * What a failed call came to. `refused` only where the venue said no in words that the table knows,
 * or where nothing left the process; everything else is unknown.
 */
export function classify(venue: CcxtVenueId, error: unknown): Reply<never> {
  if (error instanceof NotSent) return { type: "refused", code: error.code, text: error.message };
  const evidence = evidenceOf(error);
  const texts = error instanceof VenueRefusal ? error.texts : (evidence?.texts ?? []);
  const status = evidence?.status ?? null;
  const cause = causeOf(error, texts, status);
  const mayHaveHappened = error instanceof OperationFailed || (status !== null && status >= 500);
  const row = mayHaveHappened ? null : rowFor(venue, texts);
  if (row === null || row.code === null) return { type: "unknown", cause };
  return { type: "refused", code: row.code, text: texts.join("; ") };
}

/** Without ccxt's own message where there is another: it quotes the address, signature included. */
function causeOf(error: unknown, texts: readonly string[], status: number | null): string {
  if (error instanceof VenueRefusal) return error.message;
  const name = error instanceof Error ? error.constructor.name : typeof error;
  if (texts.some((text) => text !== "")) return `${name}: ${texts.join("; ")}`;
  if (status !== null && status !== 200) return `${name}: HTTP ${status}`;
  return error instanceof Error ? `${name}: ${error.message}` : String(error);
}
