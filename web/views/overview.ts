import type { z } from "zod";
import type { Desk, DeskStatus, LaneView } from "../../actors/desk/mod.ts";
import { leastTrades, type overviewRoutes } from "../api/overview.ts";
import type { Handlers } from "../api/route.ts";
import type { PanelOptions } from "../server/ports.ts";
import { ClosedDays, type DayTotals, dayOf, dayText } from "./closed-days.ts";

type Overview = z.input<(typeof overviewRoutes)["GET /api/v1/overview"]["reply"]>;

/** Decisions that are listed. */
const decisionsMost = 15;

/** The desk at a glance. */
export function overviewViews({
  desk,
  ledger,
  lanes: { pause },
}: PanelOptions): Handlers<typeof overviewRoutes> {
  const closed = new ClosedDays(ledger, () => desk.status().quote, pause);
  return {
    "GET /api/v1/overview": async () => {
      const closedSoFar = await closed.total();
      const status = desk.status();
      const lanes = desk.lanes();
      const { at, quote, equity } = status;
      const { exposure, exposureCap, day } = status.watch;
      const positions = lanes.flatMap(positionsOf);
      const unrealised = positions.reduce((total, each) => total + (each.unrealised ?? 0), 0);
      return {
        ...{ at, quote, equity, positions, exposure, exposureCap, day },
        kpi: { ...kpiOf(closedSoFar), unrealised, ...drawdownOf(desk, Number(equity)) },
        curve: curveOf(desk.equity.curve, at, Number(equity)),
        decisions: desk.decisions
          .slice(-decisionsMost)
          .reverse()
          .map(({ symbol: lane, at, outcome, code, gate }) => ({ lane, at, outcome, code, gate })),
        alerts: alertsOf(status),
      };
    },
    "GET /api/v1/calendar": async ({ query }) => {
      const { at, quote } = desk.status();
      const today = dayText(dayOf(at));
      const month = query.month ?? today.slice(0, 7);
      const all = [...(await closed.byDay())].map(([day, totals]) => ({
        day: dayText(day),
        totals,
      }));
      return {
        ...{ month, quote, today },
        first: all[0]?.day.slice(0, 7) ?? null,
        last: all.at(-1)?.day.slice(0, 7) ?? null,
        days: all
          .filter(({ day, totals }) => day.startsWith(`${month}-`) && totals.trades > 0)
          .map(({ day, totals: { gained, lost, trades } }) => ({
            day,
            pnl: gained - lost,
            trades,
          })),
      };
    },
  };
}

/** Shares and ratios of a handful of trades would be taken for more than they are. */
function kpiOf({ trades, wins, gained, lost, fees, others }: DayTotals) {
  const isEnough = trades >= leastTrades;
  return {
    ...{ trades, fees, leastTrades, otherTrades: others, realised: gained - lost },
    winRate: isEnough ? wins / trades : null,
    profitFactor: isEnough && lost > 0 ? gained / lost : null,
    expectancy: isEnough ? (gained - lost) / trades : null,
  };
}

function drawdownOf({ equity: { peak, maxDrawdown } }: Desk, equity: number) {
  const drawdown = peak > 0 ? Math.max(0, (peak - equity) / peak) : 0;
  return { drawdown, maxDrawdown: Math.max(maxDrawdown, drawdown) };
}

/** The curve as it is kept, and where it is now. */
function curveOf(
  kept: readonly (readonly [at: number, equity: number])[],
  at: number,
  equity: number,
): Overview["curve"] {
  const last = kept.at(-1)?.[0] ?? 0;
  const points = at > last ? [...kept, [at, equity] as const] : kept;
  let peak = 0;
  return points.map(([time, value]) => {
    peak = Math.max(peak, value);
    return [time, value, peak > 0 ? (peak - value) / peak : 0];
  });
}

function positionsOf({ lane, account, price, positions }: LaneView): Overview["positions"] {
  return positions.flatMap(({ positionId, actor, state, tags, row, ...rest }) => {
    if (tags.includes("over")) return [];
    const quantity = Number(row?.quantity ?? 0);
    const cost = Number(row?.cost ?? 0);
    const worth = price === null ? null : quantity * Number(price);
    const unrealised = worth === null ? null : worth - cost;
    return {
      ...{ positionId, actor, lane, account, state, price, worth, unrealised },
      quantity: rest.quantity,
      entryPrice: quantity > 0 ? cost / quantity : null,
      unrealisedShare: unrealised === null || cost <= 0 ? null : unrealised / cost,
      stopPrice: rest.restingStop?.stopPrice ?? rest.stopPrice,
      isProtected: rest.restingStop !== null,
      stopDistance: price === null ? null : 1 - Number(rest.stopPrice) / Number(price),
      openedAt: row?.openedAt ?? null,
    };
  });
}

/** What an operator should look at, the worst first. */
function alertsOf(status: DeskStatus): Overview["alerts"] {
  const bad = (text: string, link: string | null) => ({ tone: "bad" as const, text, link });
  const warn = (text: string, link: string | null) => ({ tone: "warn" as const, text, link });
  const { brakes, doubts, accounts, strategies, foreignOrders, alarms, lastAlarm } = status;
  return [
    ...brakes.map(({ brakeId, reason, releasedBy }) =>
      bad(`Brake ${brakeId}: ${reason}; released by ${releasedBy}`, "/risk"),
    ),
    ...doubts.map(({ intentId, lookUps }) =>
      bad(`The fate of order ${intentId} is not known, looked up ${lookUps} times`, "/risk"),
    ),
    ...accounts.flatMap(({ account, state, unreadable }) => [
      ...(state === "differing" ? [bad(`${account} differs from the ledger`, "/accounts")] : []),
      ...(unreadable
        ? [
            bad(
              `${account} was not read ${unreadable.times} times: ${unreadable.cause}`,
              "/accounts",
            ),
          ]
        : []),
    ]),
    ...(foreignOrders > 0
      ? [warn(`${foreignOrders} orders at venues are somebody else's`, "/accounts")]
      : []),
    ...strategies.flatMap(({ strategy, offSince, reason }) =>
      offSince === null ? [] : [warn(`Strategy ${strategy} is off: ${reason}`, "/risk")],
    ),
    ...(lastAlarm === null ? [] : [warn(`Last of ${alarms} alarms: ${lastAlarm}`, "/logs")]),
  ];
}
