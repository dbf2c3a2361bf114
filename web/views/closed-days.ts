import { coinsOf } from "../../machines/domain/ids.ts";
import type { PanelLedger } from "../server/ports.ts";

/** What the trades that were closed on one day came to, quote coin. */
export interface DayTotals {
  readonly trades: number;
  readonly wins: number;
  /** Sums of what was gained, and of what was lost (positive). */
  readonly gained: number;
  readonly lost: number;
  readonly fees: number;
  /** Trades of other quote coins, which the sums leave out. */
  readonly others: number;
}

const none: DayTotals = { trades: 0, wins: 0, gained: 0, lost: 0, fees: 0, others: 0 };

const dayMs = 86_400_000;
/** Some milliseconds' worth. */
const rowsAtOnce = 250;

/**
 * Closed trades summed up by day: the whole ledger once, and from then on only its last two days,
 * in which a late fill may still change one.
 */
export class ClosedDays {
  private days: ReadonlyMap<number, DayTotals> = new Map();
  private seq = -1;
  private refreshing: Promise<void> | null = null;

  /** @param pause lets everything else have its turn: a long ledger is read in parts */
  constructor(
    private readonly ledger: PanelLedger,
    private readonly quote: () => string,
    private readonly pause: () => Promise<void>,
  ) {}

  /** By day since the epoch, UTC, oldest first. */
  async byDay(): Promise<ReadonlyMap<number, DayTotals>> {
    this.refreshing ??= this.refresh().finally(() => {
      this.refreshing = null;
    });
    await this.refreshing;
    return this.days;
  }

  async total(): Promise<DayTotals> {
    let total = none;
    for (const day of (await this.byDay()).values()) total = sumOf(total, day);
    return total;
  }

  private async refresh(): Promise<void> {
    const { seq } = this.ledger.head();
    if (seq === this.seq) return;
    const days = new Map(this.days);
    const last = [...days.keys()].at(-1);
    const from = last === undefined ? 0 : last - 1;
    for (const day of [from, from + 1]) days.delete(day);
    const quote = this.quote();
    let read = 0;
    for (const row of this.ledger.books.closedSince(from * dayMs)) {
      read += 1;
      if (read % rowsAtOnce === 0) await this.pause();
      if (row.closedAt === null || row.state !== "closed" || row.bought === "0") continue;
      const day = Math.floor(row.closedAt / dayMs);
      const isOther = coinsOf(row.symbol).quote !== quote;
      const pnl = Number(row.realizedPnl);
      const trade: DayTotals = isOther
        ? { ...none, others: 1 }
        : {
            ...{ trades: 1, wins: pnl > 0 ? 1 : 0, others: 0 },
            ...{ gained: Math.max(0, pnl), lost: Math.max(0, -pnl), fees: Number(row.fees) },
          };
      days.set(day, sumOf(days.get(day) ?? none, trade));
    }
    this.days = days;
    this.seq = seq;
  }
}

function sumOf(one: DayTotals, other: DayTotals): DayTotals {
  return {
    trades: one.trades + other.trades,
    wins: one.wins + other.wins,
    gained: one.gained + other.gained,
    lost: one.lost + other.lost,
    fees: one.fees + other.fees,
    others: one.others + other.others,
  };
}

/** `2026-01-31` of a day since the epoch. */
export function dayText(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

export const dayOf = (at: number): number => Math.floor(at / dayMs);
