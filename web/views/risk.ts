import { type DeskStatus, positionsOf, releaseRefusal } from "../../actors/desk/mod.ts";
import type { BreakerContext } from "../../machines/breaker.machine.ts";
import {
  add,
  type Decimal,
  fromFloat,
  multiply,
  subtract,
  zero,
} from "../../machines/domain/decimal.ts";
import { accountKey, type LaneName, type VenueAccount } from "../../machines/domain/ids.ts";
import type { riskRoutes } from "../api/risk.ts";
import type { Handlers } from "../api/route.ts";
import type { PanelOptions } from "../server/ports.ts";
import { tradedBy } from "./trips.ts";

type AccountStatus = DeskStatus["accounts"][number];

/** Digits after the point of money that is a statistic. */
const moneyDigits = 8;

/** Limits and their use, and whatever stops or doubts. */
export function riskViews(options: PanelOptions): Handlers<typeof riskRoutes> {
  const { desk } = options;
  return {
    "GET /api/v1/risk": () => {
      const status = desk.status();
      return {
        at: status.at,
        exposures: [...status.exposures],
        accounts: status.accounts.map((account) => accountRiskOf(options, account)),
        brakes: status.brakes.map((brake) => ({ ...brake, releaseRefused: releaseRefusal(brake) })),
        breakers: breakersOf(options),
        coolDowns: coolDownsOf(options),
        doubts: [...status.doubts],
        scopes: scopesOf(options),
      };
    },
  };
}

/** What positions are worth, and what their stops would cost. */
function accountRiskOf({ desk }: PanelOptions, account: AccountStatus) {
  const { risk, equity, quote, day } = account;
  const [venue = "", name = ""] = account.account.split(":");
  const at = { venue, account: name };
  const whole = Number(equity);
  const shareOf = (value: Decimal) => (whole > 0 ? Number(value) / whole : 0);
  const symbols = new Map<string, { value: Decimal; positions: number }>();
  let atRisk: Decimal | null = zero;
  let largest: number | null = null;
  const held = positionsOf(desk.actors()).filter((each) => each.account === account.account);
  for (const { symbol, quantity, stopPrice } of held) {
    const price = desk.lastPrice(at, symbol);
    if (price === null) {
      atRisk = null;
      continue;
    }
    const value = multiply(quantity, price);
    const known = symbols.get(symbol) ?? { value: zero, positions: 0 };
    symbols.set(symbol, { value: add(known.value, value), positions: known.positions + 1 });
    largest = Math.max(largest ?? 0, shareOf(value));
    if (atRisk !== null) atRisk = add(atRisk, subtract(value, multiply(quantity, stopPrice)));
  }
  return {
    ...{ account: account.account, quote, equity },
    openPositions: held.length,
    positionCap: risk.positionCap,
    riskShare: Number(risk.riskShare),
    maxShare: Number(risk.maxShare),
    largestShare: largest,
    dayLoss: day.loss,
    dayLossMost: Number(risk.dailyLossShare),
    dayPnl: fromFloat(-day.loss * day.start, moneyDigits),
    stopRisk: atRisk === null ? null : shareOf(atRisk),
    symbols: [...symbols]
      .toSorted(([, one], [, other]) => Number(other.value) - Number(one.value))
      .map(([symbol, each]) => ({ symbol, ...each, share: shareOf(each.value) })),
  };
}

function breakersOf({ desk }: PanelOptions) {
  const rows = [];
  for (const [actor, snapshot] of desk.actors()) {
    if (!actor.startsWith("breaker:")) continue;
    const context = snapshot.context as BreakerContext;
    const { rule, scope, limit, failures, failed, trips, reason, openedAt } = context;
    rows.push({
      ...{ brakeId: `breaker/${rule}/${scope}`, actor, rule, scope, limit },
      state: snapshot.value as "closed" | "open" | "halfOpen",
      counts: failures ? `${failed.length} of ${failures.count} failures` : null,
      ...{ trips, reason, openedAt, releasedBy: context.releasedBy },
    });
  }
  // What stops comes first, then what tries.
  const places = ["open", "halfOpen", "closed"];
  return rows.toSorted((one, other) => places.indexOf(one.state) - places.indexOf(other.state));
}

function coolDownsOf({ desk, books }: PanelOptions) {
  const rows = [];
  for (const [actor, snapshot] of desk.actors()) {
    if (!actor.startsWith("scanner:") || !snapshot.hasTag("coolingDown")) continue;
    const { at, symbol, lane } = snapshot.context as {
      readonly at: VenueAccount;
      readonly symbol: string;
      readonly lane?: LaneName;
    };
    const until = books.nextTimer(actor);
    rows.push({ actor, lane: lane ?? symbol, account: accountKey(at), until });
  }
  return rows.toSorted((one, other) => (one.until ?? 0) - (other.until ?? 0));
}

/** Venues, accounts and the symbols on them. */
function scopesOf({ desk }: PanelOptions): string[] {
  const scopes = new Set<string>();
  for (const key of tradedBy(desk).accounts) scopes.add(key.split(":")[0] ?? key).add(key);
  for (const [name, { context }] of desk.actors()) {
    if (!name.startsWith("scanner:")) continue;
    const { at, symbol } = context as { readonly at: VenueAccount; readonly symbol: string };
    scopes.add(`${accountKey(at)}/${symbol}`);
  }
  return [...scopes];
}
