import { isTerminal, type VenueOrder } from "../../../machines/domain/order.ts";
import type { ChangeLog } from "../matching/mod.ts";

interface HistoryRow {
  /** Order in which the orders were first seen. */
  readonly sequence: number;
  /** How the order was, oldest first. */
  readonly versions: readonly VenueOrder[];
}

const prefix = "history/";

/** How orders were a short while ago: what stale reads answer from. */
export class OrderHistory {
  readonly #log: ChangeLog;
  readonly #depthMs: number;
  readonly #rows = new Map<string, HistoryRow>();
  #lastSequence = 0;

  constructor(depthMs: number, log: ChangeLog) {
    this.#depthMs = depthMs;
    this.#log = log;
  }

  note(order: VenueOrder, now: number): void {
    if (this.#depthMs === 0) return;
    const before = this.#rows.get(order.venueOrderId);
    const sequence = before?.sequence ?? this.#lastSequence + 1;
    this.#lastSequence = Math.max(this.#lastSequence, sequence);
    const versions = [...(before?.versions ?? []), order];
    // A version is of use until its successor is older than any read may be.
    const oldest = now - this.#depthMs;
    const first = versions.findLastIndex((version) => version.updatedAt <= oldest);
    this.#put(order.venueOrderId, { sequence, versions: versions.slice(Math.max(0, first)) });
    this.#forgetEnded(oldest);
  }

  /** An order as it was: null if it was not there yet, the order as given if nothing is noted. */
  asOf(order: VenueOrder, time: number): VenueOrder | null {
    const row = this.#rows.get(order.venueOrderId);
    if (row === undefined) return order.createdAt <= time ? order : null;
    return row.versions.findLast((version) => version.updatedAt <= time) ?? null;
  }

  /** The orders that were open, given those that are open now. */
  openAsOf(open: readonly VenueOrder[], time: number): readonly VenueOrder[] {
    const noted = Array.from(this.#rows.values(), ({ versions }) =>
      versions.findLast((version) => version.updatedAt <= time),
    );
    const others = open.filter(
      (order) => !this.#rows.has(order.venueOrderId) && order.createdAt <= time,
    );
    const wasOpen = noted.filter((order) => order !== undefined && !isTerminal(order.state));
    return [...others, ...(wasOpen as VenueOrder[])];
  }

  restore(entries: ReadonlyMap<string, unknown>): void {
    const rows = Array.from(entries)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, row]) => [key.slice(prefix.length), row as HistoryRow] as const)
      .sort((a, b) => a[1].sequence - b[1].sequence);
    this.#rows.clear();
    for (const [id, row] of rows) this.#rows.set(id, row);
    this.#lastSequence = rows.at(-1)?.[1].sequence ?? 0;
  }

  #put(id: string, row: HistoryRow): void {
    this.#rows.set(id, row);
    this.#log.put(prefix + id, row);
  }

  #forgetEnded(oldest: number): void {
    for (const [id, { versions }] of this.#rows) {
      const last = versions.at(-1);
      if (last === undefined || !isTerminal(last.state) || last.updatedAt > oldest) continue;
      this.#rows.delete(id);
      this.#log.remove(prefix + id);
    }
  }
}
