/** Everything about one account that the venue itself has to say, asked without trading. */
import {
  compare,
  type Decimal,
  decimal,
  divide,
  fromSteps,
  isPositive,
  multiply,
  roundToStep,
} from "../../machines/domain/decimal.ts";
import { coinsOf } from "../../machines/domain/ids.ts";
import type { Instrument } from "../../machines/domain/instrument.ts";
import type { OrderRequest } from "../../machines/domain/order.ts";
import type { CcxtVenue } from "../venues/ccxt/mod.ts";
import type { PublicMarket } from "../venues/ccxt/public-market.ts";
import { notConfirmed } from "./reply-row.ts";
import { type Found, type PreflightCheck, type Row, row } from "./row.ts";
import { clockFound } from "./venue-clock.ts";

/** One account, as far as it is looked at. */
export interface AccountToCheck {
  readonly venue: CcxtVenue;
  /** The same venue's public side, for a price. */
  readonly market: Pick<PublicMarket, "poll">;
  readonly symbols: readonly string[];
  readonly now: () => number;
  /** Whether the ledger knows an order by its client id. */
  readonly isOurs: (clientOrderId: string) => boolean;
  /** Who trades with the keys now, so that nothing may be signed with them here; null for nobody. */
  readonly atWork: string | null;
}

/** How far back fills are read, as a start reads them. */
const fillsMs = 3_600_000;
/** Ids of orders that a desk like this one draws. */
const ownPattern = /^nv[0-9a-f]{16}$/;

/**
 * Asks the venue all that live trading needs to know. Nothing is placed. Where the venue cannot be
 * reached or takes no orders, the rest is not asked.
 */
export async function checkAccount(account: AccountToCheck): Promise<readonly Row[]> {
  const { at } = account.venue;
  const name = `${at.venue}:${at.account}`;
  const rows: Row[] = [];
  const take = (check: PreflightCheck, found: Found) => {
    rows.push(row(check, { ...found, account: name }));
    return found.severity !== "critical";
  };
  if (!take("venue", await venueFound(account))) return rows;
  take("venueClock", await timeFound(account));
  const rules = await rulesFound(account);
  // A venue that is closed is asked again once it is open.
  if (!take("rules", rules.found) && rules.found.isTransient === true) return rows;
  if (account.atWork !== null) {
    take("keyRights", notAsked(account.atWork));
    return rows;
  }
  if (!take("keyRights", await rightsFound(account))) return rows;
  take("balances", await balancesFound(account));
  take("orders", await ordersFound(account));
  const [first] = rules.instruments;
  // Not even a dry run is sent by whoever is not fit to trade.
  if (!first || rows.some(({ severity }) => severity === "critical")) return rows;
  take("validation", await validationFound(account, first));
  return rows;
}

/** Two programs that sign with one key use up each other's nonces and requests. */
function notAsked(who: string): Found {
  const text = `Not asked, nor balances and orders: ${who} trades with this key, and would be disturbed`;
  const cure = "novactor status says how it does; stop it first to have everything looked at";
  return { severity: "note", text, cure };
}

const modes = {
  maintenance: "in maintenance",
  cancelOnly: "in cancel-only mode",
  postOnly: "in post-only mode",
  limitOnly: "in limit-only mode",
} as const;

async function venueFound({ venue }: AccountToCheck): Promise<Found> {
  const reply = await venue.status();
  const name = venue.at.venue;
  if (reply.type !== "confirmed") {
    const found = notConfirmed(`reach ${name}`, name, reply);
    const cure =
      "See the network, account.rest and the venue's status page; the desk goes on asking";
    return { ...found, cure, isTransient: true };
  }
  const { state, text } = reply.value;
  if (state === "online") return { severity: "ok", text: `${name} is there: ${text}` };
  return closed(`${name} is ${modes[state]}: ${text}`);
}

function closed(text: string): Found {
  const cure = "Wait until the venue is open again, see its status page; the desk goes on asking";
  return { severity: "critical", text, cure, isTransient: true };
}

async function timeFound({ venue, now }: AccountToCheck): Promise<Found> {
  const askedAt = now();
  const reply = await venue.serverTime();
  const answeredAt = now();
  const name = venue.at.venue;
  if (reply.type !== "confirmed") return notConfirmed(`ask ${name} for the time`, name, reply);
  const skewMostMs = venue.assumptions.clockSkewMs;
  return clockFound({ venue: name, askedAt, answeredAt, told: reply.value, skewMostMs });
}

async function rulesFound({ venue, symbols }: AccountToCheck): Promise<{
  readonly found: Found;
  readonly instruments: readonly Instrument[];
}> {
  const name = venue.at.venue;
  const rules = await venue.instruments();
  if (rules.type === "refused" && rules.code === "unsupported") {
    const cure = "Correct market.live.symbols: each as the venue lists it, such as BTC/USD";
    return { found: { severity: "critical", text: rules.text, cure }, instruments: [] };
  }
  if (rules.type !== "confirmed") {
    return { found: notConfirmed("load the symbols' rules", name, rules), instruments: [] };
  }
  const instruments = rules.value;
  const states = await venue.marketStates();
  if (states.type !== "confirmed") {
    return { found: notConfirmed("see which symbols are open", name, states), instruments };
  }
  const shut = states.value.filter(({ state }) => state === "closed" || state === "cancelOnly");
  const words = shut.map(({ symbol, state }) => `${symbol} is ${state}`).join(", ");
  if (shut.length === symbols.length) {
    const text = `${name} takes no orders, as in maintenance: ${words}`;
    return { found: closed(text), instruments: [] };
  }
  if (shut.length > 0) {
    const cure = "Entries of them are refused until the venue opens them";
    return { found: { severity: "warning", text: words, cure }, instruments };
  }
  const text = `The rules of ${symbols.join(", ")} are loaded, and all take orders`;
  return { found: { severity: "ok", text }, instruments };
}

async function rightsFound({ venue }: AccountToCheck): Promise<Found> {
  const name = venue.at.venue;
  const reply = await venue.keyRights();
  if (reply.type !== "confirmed") return notConfirmed("read the key's rights", name, reply);
  const { canTrade, canWithdraw } = reply.value;
  if (canWithdraw === true) {
    const cure =
      "Make a key without the right to withdraw or transfer, put it in, and delete this one";
    return { severity: "critical", text: "The key can withdraw or transfer money", cure };
  }
  if (!canTrade) {
    const cure = "Give the key the rights to place and cancel orders";
    return { severity: "critical", text: "The key cannot trade", cure };
  }
  if (canWithdraw === null) {
    const cure = "See at the venue that it cannot";
    return { severity: "note", text: `${name} does not tell whether the key can withdraw`, cure };
  }
  return { severity: "ok", text: "The key can trade, and can neither withdraw nor transfer" };
}

async function balancesFound({ venue, symbols }: AccountToCheck): Promise<Found> {
  const reply = await venue.balances();
  if (reply.type !== "confirmed") return notConfirmed("read balances", venue.at.venue, reply);
  const { quote } = coinsOf(symbols[0] ?? "");
  const held = reply.value.find(({ coin }) => coin === quote);
  const total = held?.total ?? decimal(0);
  if (!isPositive(total)) {
    const text = `Balances are read, and there is no ${quote}`;
    const cure = `Nothing can be bought until there is some ${quote}`;
    return { severity: "warning", text, cure };
  }
  const others = reply.value.filter(({ coin, total: of }) => coin !== quote && isPositive(of));
  const names = others.map(({ coin }) => coin).join(", ");
  const rest = others.length === 0 ? "" : `; ${names} there are not the desk's and stay untouched`;
  return { severity: "ok", text: `Balances are read: ${total} ${quote}${rest}` };
}

async function ordersFound({ venue, now, isOurs }: AccountToCheck): Promise<Found> {
  const name = venue.at.venue;
  const orders = await venue.openOrders();
  if (orders.type !== "confirmed") return notConfirmed("read open orders", name, orders);
  const fills = await venue.fillsSince(now() - fillsMs);
  if (fills.type !== "confirmed") return notConfirmed("read fills", name, fills);
  const ids = orders.value.map(({ clientOrderId }) => clientOrderId ?? "");
  const others = ids.filter((id) => !isOurs(id));
  const alike = others.filter((id) => ownPattern.test(id));
  if (alike.length > 0) {
    const text = `${alike.length} open orders look like those of another desk on this account`;
    const cure =
      "See that no other desk trades there, and that this is the account's ledger: " +
      "the desk brakes the account on such orders";
    return { severity: "warning", text, cure };
  }
  const text = `Open orders and fills are read: ${ids.length} open, ${others.length} not the desk's`;
  return { severity: "ok", text: others.length === 0 ? text : `${text}, which it leaves alone` };
}

/** Below the touch, and small: what would be asked if the strategies wanted the least. */
const belowShare = decimal("0.98");
const aboveMinimum = decimal("1.05");

function smallest({ symbol, tick, lot, minQuantity, minNotional }: Instrument, bid: Decimal) {
  const price = roundToStep(multiply(bid, belowShare), tick, "down");
  const byNotional = divide(multiply(minNotional, aboveMinimum), price, 18, "up");
  const least = compare(byNotional, minQuantity) > 0 ? byNotional : minQuantity;
  const quantity = roundToStep(least, lot, "up");
  const request: OrderRequest = {
    ...{ clientOrderId: "nv0000000000000000", symbol, side: "buy", type: "limit", quantity, price },
    ...{ stopPrice: null, timeInForce: "gtc", postOnly: false, expiresAt: null },
  };
  return request;
}

async function validationFound(
  { venue, market }: AccountToCheck,
  instrument: Instrument,
): Promise<Found> {
  const name = venue.at.venue;
  const { symbol, tick } = instrument;
  let bid: Decimal;
  try {
    const { bids } = await market.poll(symbol);
    bid = fromSteps(bids[0]?.ticks ?? 0, tick);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return notConfirmed(`read the book of ${symbol}`, name, { type: "unknown", cause });
  }
  if (!isPositive(bid)) return closed(`The book of ${symbol} at ${name} is empty`);
  const request = smallest(instrument, bid);
  const order = `${request.quantity} ${symbol} at ${request.price}`;
  const reply = await venue.validate(request);
  if (reply.type === "confirmed") {
    return { severity: "ok", text: `${name} would take an order of ${order}` };
  }
  if (reply.type === "refused" && reply.code === "insufficientFunds") {
    const text = `${name} understands an order of ${order}, and there is too little money for it`;
    return { severity: "warning", text, cure: "Entries are refused until there is more" };
  }
  if (reply.type === "refused" && reply.code === "marketClosed") return closed(reply.text);
  return notConfirmed(`validate an order of ${order}`, name, reply);
}
