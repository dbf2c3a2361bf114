import type { LaneView } from "../../actors/desk/mod.ts";
import { type Decimal, divide, isPositive } from "../../machines/domain/decimal.ts";
import type { PositionRow } from "../../machines/domain/position.ts";
import type { ReplyOf } from "../api/route.ts";
import type { tradeRoutes } from "../api/trade.ts";
import type { PanelLedger } from "../server/ports.ts";
import type { LevelChange } from "./journal-tape.ts";

type Chart = ReplyOf<(typeof tradeRoutes)["GET /api/v1/lanes/:lane/chart"]>;

/** A position of a lane, by what the ledger and its actor have of it. */
export interface LanePosition {
  readonly positionId: string;
  /** Null before the first fill. */
  readonly row: PositionRow | null;
  readonly live: LaneView["positions"][number] | null;
}

/** Positions with a later end that are passed over, until it is believed that none is left. */
const olderMost = 5;

/** A lane's positions that lived in a time, the last opened first. */
export function positionsWithin(
  { books }: Pick<PanelLedger, "books">,
  view: LaneView,
  from: number,
  to: number,
): LanePosition[] {
  const found = new Map<string, LanePosition>();
  for (const live of view.positions) {
    const { positionId, row } = live;
    // The books in memory let go of a closed one before its actor does.
    const known = row ?? books.position(positionId);
    const isLater = known !== null && known.openedAt > to;
    const isOlder = known?.closedAt != null && known.closedAt < from;
    if (!isLater && !isOlder) found.set(positionId, { positionId, row: known, live });
  }
  // Of one lane one position is held at a time: once some ended before, so did all earlier ones.
  let older = 0;
  const last = Number.isFinite(to) ? to : Number.MAX_SAFE_INTEGER;
  for (const row of books.closedOfLane(pathOf(view), last)) {
    if ((row.closedAt ?? 0) < from) older += 1;
    else if (!found.has(row.positionId)) {
      found.set(row.positionId, { positionId: row.positionId, row, live: null });
    }
    if (older >= olderMost) break;
  }
  return [...found.values()].sort((a, b) => (b.row?.openedAt ?? to) - (a.row?.openedAt ?? to));
}

/** What the names of a lane's positions begin with. */
export const pathOf = ({ lane, account }: LaneView): string =>
  lane.startsWith(`${account}/`) ? lane : `${account}/${lane}`;

/** Every fill of these positions in a time, oldest first. */
export function fillsWithin(
  { books }: Pick<PanelLedger, "books">,
  positions: readonly LanePosition[],
  from: number,
  to: number,
): Chart["fills"] {
  return positions
    .flatMap(({ positionId }) => books.ordersOfPosition(positionId))
    .flatMap(({ intent }) => books.fillsOf(intent.intentId).map((fill) => ({ fill, intent })))
    .filter(({ fill }) => fill.at >= from && fill.at <= to)
    .map(({ fill: { tradeId, at, side, price, quantity, fee, feeCoin }, intent }) => ({
      ...{ tradeId, at, side, price, quantity, fee, feeCoin },
      ...{ role: intent.role, intentId: intent.intentId, positionId: intent.positionId },
    }))
    .sort((a, b) => a.at - b.at);
}

/** Entry, target and the stop's path of these positions, up to a time. */
export function levelsWithin(
  positions: readonly LanePosition[],
  changes: readonly LevelChange[],
  to: number,
): Chart["levels"] {
  const byPosition = Map.groupBy(changes, ({ positionId }) => positionId);
  return positions
    .map(({ positionId, row, live }) => {
      const own = byPosition.get(positionId) ?? [];
      const target = own.findLast((each) => each.target !== undefined)?.target;
      const stops = own
        .filter(({ stop, at }) => stop !== null && at <= to)
        .map(({ at, seq, stop }) => ({ at, seq, price: stop as Decimal }));
      return {
        positionId,
        openedAt: row?.openedAt ?? own[0]?.at ?? 0,
        closedAt: row?.state === "closed" ? row.closedAt : null,
        entry: (row && averageOf(row)) ?? live?.entryPrice ?? null,
        target: (target as Decimal | null | undefined) ?? live?.targetPrice ?? null,
        stops: stops.filter(({ price }, index) => price !== stops[index - 1]?.price),
        isWhole: own.some(({ isFirst }) => isFirst),
        exitReason: row?.exitReason ?? null,
        realizedPnl: row?.realizedPnl ?? null,
      };
    })
    .reverse();
}

/** What was paid for one of the base coin on average, quote coin; null where nothing was bought. */
export function averageOf({ bought, boughtFor }: PositionRow): Decimal | null {
  return isPositive(bought) ? divide(boughtFor, bought, 8, "nearest") : null;
}
