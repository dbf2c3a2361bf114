import type { DeskStatus } from "../../actors/desk/mod.ts";
import { add, type Decimal, isPositive, multiply, zero } from "../../machines/domain/decimal.ts";
import { accountKey, coinsOf } from "../../machines/domain/ids.ts";
import { leftOf } from "../../machines/order.chase.ts";
import type { OrderContext } from "../../machines/order.types.ts";
import type { accountRoutes } from "../api/accounts.ts";
import type { Handlers } from "../api/route.ts";
import type { PanelOptions } from "../server/ports.ts";
import { entryRowOf } from "./ledger.ts";
import { accountAsked } from "./trips.ts";

/** Movements that are shown of each account. */
const movementsMost = 20;

type AccountStatus = DeskStatus["accounts"][number];

/** Each account as ledger and venue have it. */
export function accountViews(options: PanelOptions): Handlers<typeof accountRoutes> {
  const { desk, books } = options;
  return {
    "GET /api/v1/accounts": () => {
      const { accounts } = desk.status();
      const held = heldBy(options);
      const claimed = claimedBy(options);
      return {
        accounts: accounts.map((each) => ({
          ...shownOf(each),
          coins: each.coins.map((coin) => ({
            ...coin,
            held: held.get(`${each.account} ${coin.coin}`) ?? zero,
          })),
          foreignOrders: each.foreignOrders.map((order) => ({
            ...order,
            isClaimed: claimed.has(`${each.account}/foreign/${order.venueOrderId}`),
          })),
          movements: books
            .otherEntries(accountAsked(each.account), null, movementsMost)
            .map(entryRowOf),
        })),
      };
    },
  };
}

function shownOf(each: AccountStatus) {
  const { account, state, equity, quote, readAt, unreadable, differences } = each;
  return { account, state, equity, quote, readAt, unreadable, differences: [...differences] };
}

/** What working orders hold back, by account and coin. */
function heldBy({ desk }: PanelOptions): ReadonlyMap<string, Decimal> {
  const held = new Map<string, Decimal>();
  const count = (account: string, coin: string, amount: Decimal) => {
    const key = `${account} ${coin}`;
    held.set(key, add(held.get(key) ?? zero, amount));
  };
  for (const [name, snapshot] of desk.actors()) {
    if (!name.startsWith("order:") || snapshot.hasTag("over")) continue;
    const context = snapshot.context as OrderContext;
    const { intent, live } = context;
    const left = leftOf(context);
    if (!isPositive(left)) continue;
    const { base, quote } = coinsOf(intent.symbol);
    const account = accountKey(intent.at);
    if (intent.side === "sell") count(account, base, left);
    else {
      const price = live.price ?? live.stopPrice ?? desk.lastPrice(intent.at, intent.symbol);
      count(account, quote, multiply(left, price ?? zero));
    }
  }
  return held;
}

/** Intents of orders of others that the desk looks after. */
function claimedBy({ desk }: PanelOptions): ReadonlySet<string> {
  const claimed = new Set<string>();
  for (const [name, { context }] of desk.actors()) {
    if (!name.startsWith("order:")) continue;
    const { intent } = context as OrderContext;
    if (intent.role === "foreign") claimed.add(intent.intentId);
  }
  return claimed;
}
