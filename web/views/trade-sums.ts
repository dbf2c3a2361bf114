/** What round trips come to, whole and by what they have in common. */
import { add, type Decimal, isPositive, zero } from "../../machines/domain/decimal.ts";
import { coinsOf } from "../../machines/domain/ids.ts";
import type { PositionRow } from "../../machines/domain/position.ts";
import type { tradeGroups } from "../api/trades.ts";
import { shareOf } from "./trips.ts";

export type TradeGroup = (typeof tradeGroups)[number];

const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** What a trade without a known reason, or of unknown voters, is filed under. */
const unknown = "unknown";

/** The groups that a trade is in; days, weekdays and hours are those of its end, UTC. */
const groupsOf: Readonly<Record<TradeGroup, (row: PositionRow) => readonly string[]>> = {
  symbol: ({ symbol }) => [symbol],
  strategy: ({ votedBy = [] }) => (votedBy.length > 0 ? votedBy : [unknown]),
  exit: ({ exitReason }) => [exitReason ?? unknown],
  day: (row) => [endOf(row).toISOString().slice(0, 10)],
  weekday: (row) => {
    const day = endOf(row).getUTCDay();
    return [`${day || 7} ${weekdays[day]}`];
  },
  hour: (row) => [`${String(endOf(row).getUTCHours()).padStart(2, "0")}:00`],
};

const endOf = ({ closedAt, openedAt }: PositionRow): Date => new Date(closedAt ?? openedAt);

class Sum {
  private trades = 0;
  private wins = 0;
  private pnl: Decimal = zero;
  private fees: Decimal = zero;
  private paid: Decimal = zero;

  constructor(
    readonly group: string,
    readonly quote: string,
  ) {}

  take({ realizedPnl, fees, boughtFor }: PositionRow): void {
    this.trades += 1;
    if (isPositive(realizedPnl)) this.wins += 1;
    this.pnl = add(this.pnl, realizedPnl);
    this.fees = add(this.fees, fees);
    this.paid = add(this.paid, boughtFor);
  }

  view() {
    const { group, quote, trades, wins, pnl, fees, paid } = this;
    return { group, quote, trades, wins, pnl, fees, share: shareOf(pnl, paid) };
  }
}

/** Sums by group and quote coin: money of two coins is never added. */
export class TradeSums {
  private readonly totals = new Map<string, Sum>();
  private readonly groups = new Map<string, Sum>();

  constructor(private readonly by: TradeGroup) {}

  take(row: PositionRow): void {
    const { quote } = coinsOf(row.symbol);
    this.in(this.totals, "all", quote).take(row);
    for (const group of groupsOf[this.by](row)) this.in(this.groups, group, quote).take(row);
  }

  view() {
    const inOrder = (sums: ReadonlyMap<string, Sum>) =>
      [...sums].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, sum]) => sum.view());
    return {
      totals: inOrder(this.totals),
      groups: inOrder(this.groups),
      isOverlapping: this.by === "strategy",
    };
  }

  private in(sums: Map<string, Sum>, group: string, quote: string): Sum {
    const key = `${group}\n${quote}`;
    const known = sums.get(key) ?? new Sum(group, quote);
    sums.set(key, known);
    return known;
  }
}
