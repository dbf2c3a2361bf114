import type { Found, Reply, Venue, VenueAssumptions } from "../../actors/order/ports.ts";
import type { Clock, StateChange } from "../../actors/runtime/ports.ts";
import type { Fill, VenueReport } from "../../machines/domain/fill.ts";
import { accountKey, type VenueAccount } from "../../machines/domain/ids.ts";
import type { Instrument } from "../../machines/domain/instrument.ts";
import type { Balance } from "../../machines/domain/ledger.ts";
import type {
  AmendRequest,
  CancelRequest,
  OrderRequest,
  VenueOrder,
} from "../../machines/domain/order.ts";
import { type CallDraws, KeyedFaultDraws } from "./faults/draws.ts";
import { DueQueue } from "./faults/due-queue.ts";
import { OrderHistory } from "./faults/order-history.ts";
import { type FaultName, type FaultPlan, noFaults } from "./faults/presets.ts";
import { ChangeLog } from "./matching/mod.ts";

export { type FaultName, type FaultPlan, faultPresets, noFaults } from "./faults/presets.ts";

export interface FaultyOptions extends FaultPlan {
  /** The same seed makes the same faults of the same calls. */
  readonly seed: string;
  readonly clock: Clock;
}

interface LateRequest {
  readonly request: OrderRequest;
  readonly sentAt: number;
}

/** One text for all: whoever waits in vain cannot tell what was lost. */
const noReply: Reply<never> = { type: "unknown", cause: "no reply in time" };

const reportLimit = 10_000;
const lateRequestLimit = 10_000;
const countsKey = "counts";

/** Wraps a venue so that it loses, delays, repeats and misremembers, by seed. */
export function faulty(venue: Venue, options: FaultyOptions): FaultyVenue {
  return new FaultyVenue(venue, options);
}

/**
 * A venue seen through a bad line. It changes what the desk hears and when, never what the venue
 * holds: every submit that is not lost reaches the venue as it is, so placing twice is twice.
 * What it holds back is state of its own, committed like the venue's: a kill forgets nothing.
 */
export class FaultyVenue implements Venue {
  readonly at: VenueAccount;
  readonly assumptions: VenueAssumptions;
  /** Where its rows are kept: `faults/paper:main`. */
  readonly space: string;
  readonly #venue: Venue;
  readonly #options: FaultyOptions;
  readonly #log = new ChangeLog();
  readonly #draws: KeyedFaultDraws;
  readonly #reports: DueQueue<VenueReport>;
  readonly #late: DueQueue<LateRequest>;
  readonly #history: OrderHistory;
  #counts: Readonly<Record<FaultName, number>> = noFaults;

  constructor(venue: Venue, options: FaultyOptions) {
    const { rates, acceptLateMs, readLagMs } = options;
    const lag = rates.readStale > 0 ? readLagMs : 0;
    this.at = venue.at;
    this.space = `faults/${accountKey(venue.at)}`;
    this.assumptions = {
      amends: venue.assumptions.amends,
      latestAcceptMs:
        venue.assumptions.latestAcceptMs + (rates.acceptedLate > 0 ? acceptLateMs : 0),
      readLagMs: venue.assumptions.readLagMs + lag,
    };
    this.#venue = venue;
    this.#options = options;
    this.#draws = new KeyedFaultDraws(options.seed, this.#log);
    this.#reports = new DueQueue("reports/", this.#log, reportLimit);
    this.#late = new DueQueue("late/", this.#log, lateRequestLimit);
    this.#history = new OrderHistory(lag, this.#log);
  }

  instruments(): Promise<Reply<readonly Instrument[]>> {
    return this.#read("instruments", () => this.#venue.instruments());
  }

  async submit(request: OrderRequest): Promise<Reply<VenueOrder>> {
    const now = this.#options.clock.now();
    await this.advance(now);
    const call = this.#draws.call(`submit/${request.clientOrderId}`);
    if (this.#happens("requestLost", call)) return noReply;
    if (this.#happens("acceptedLate", call)) {
      const dueAt = now + this.#delay("acceptLateMs", call);
      if (!this.#late.add({ request, sentAt: now }, dueAt)) this.#count("requestLost");
      return noReply;
    }
    return this.#replied(await this.#venue.submit(request), call);
  }

  amend(request: AmendRequest): Promise<Reply<VenueOrder>> {
    return this.#change(`amend/${request.clientOrderId}`, () => this.#venue.amend(request));
  }

  cancel(request: CancelRequest): Promise<Reply<VenueOrder>> {
    return this.#change(`cancel/${request.clientOrderId}`, () => this.#venue.cancel(request));
  }

  lookUp(clientOrderId: string, symbol: string): Promise<Reply<Found>> {
    return this.#read(
      `lookUp/${clientOrderId}`,
      () => this.#venue.lookUp(clientOrderId, symbol),
      (found, time) => ({
        orders: found.orders
          .map((order) => this.#history.asOf(order, time))
          .filter((order) => order !== null),
        fills: found.fills.filter((fill) => fill.at <= time),
      }),
    );
  }

  openOrders(): Promise<Reply<readonly VenueOrder[]>> {
    return this.#read(
      "openOrders",
      () => this.#venue.openOrders(),
      (open, time) => this.#history.openAsOf(open, time),
    );
  }

  balances(): Promise<Reply<readonly Balance[]>> {
    return this.#read("balances", () => this.#venue.balances());
  }

  fillsSince(since: number): Promise<Reply<readonly Fill[]>> {
    return this.#read(
      "fillsSince",
      () => this.#venue.fillsSince(since),
      (fills, time) => fills.filter((fill) => fill.at <= time),
    );
  }

  takeReport(): VenueReport | null {
    const now = this.#options.clock.now();
    this.#drain(now);
    return this.#reports.takeDue(now);
  }

  /** When something held back is due next, Unix milliseconds; null if nothing is held back. */
  due(): number | null {
    this.#drain(this.#options.clock.now());
    const times = [this.#reports.nextDue(), this.#late.nextDue()].filter((time) => time !== null);
    return times.length === 0 ? null : Math.min(...times);
  }

  /**
   * Lets time pass: late submits that are due reach the venue. Every call does so first; the
   * driver does at {@link due}. One that is past its window by then is lost, so that
   * `latestAcceptMs` holds however time jumps.
   */
  async advance(now: number): Promise<void> {
    for (;;) {
      const late = this.#late.takeDue(now);
      if (late === null) break;
      if (now - late.sentAt > this.#options.acceptLateMs) continue;
      await this.#venue.submit(late.request);
    }
    this.#drain(now);
  }

  /** How often each fault happened. */
  get counts(): Readonly<Record<FaultName, number>> {
    return this.#counts;
  }

  /** What has to be committed with the turn that caused it, beside the venue's own changes. */
  changes(): readonly StateChange[] {
    return this.#log.take().map(({ key, value }) => ({ space: this.space, key, value }));
  }

  /** Becomes the wrapper that wrote the rows of its space. */
  restore(entries: ReadonlyMap<string, unknown>): void {
    const counts = entries.get(countsKey) as Readonly<Record<FaultName, number>> | undefined;
    this.#counts = counts ?? noFaults;
    for (const part of [this.#draws, this.#reports, this.#late, this.#history]) {
      part.restore(entries);
    }
    this.#log.clear();
  }

  async #change(
    subject: string,
    ask: () => Promise<Reply<VenueOrder>>,
  ): Promise<Reply<VenueOrder>> {
    await this.advance(this.#options.clock.now());
    const call = this.#draws.call(subject);
    if (this.#happens("requestLost", call)) return noReply;
    return this.#replied(await ask(), call);
  }

  #replied(reply: Reply<VenueOrder>, call: CallDraws): Reply<VenueOrder> {
    this.#drain(this.#options.clock.now());
    return this.#happens("replyLost", call) ? noReply : reply;
  }

  async #read<T>(
    subject: string,
    ask: () => Promise<Reply<T>>,
    asOf: (value: T, time: number) => T = (value) => value,
  ): Promise<Reply<T>> {
    const now = this.#options.clock.now();
    await this.advance(now);
    const call = this.#draws.call(subject);
    if (this.#happens("readFailed", call)) return noReply;
    const reply = await ask();
    if (reply.type !== "confirmed" || !this.#happens("readStale", call)) return reply;
    const time = now - this.#delay("readLagMs", call);
    return { type: "confirmed", value: asOf(reply.value, time) };
  }

  /** Takes over what the venue reports, and decides what becomes of each report. */
  #drain(now: number): void {
    for (;;) {
      const report = this.#venue.takeReport();
      if (report === null) return;
      if (report.type === "order") this.#history.note(report.order, now);
      const call = this.#draws.once(nameOf(report));
      if (this.#happens("reportLost", call)) continue;
      const late = this.#happens("reportLate", call) ? this.#delay("reportLateMs", call) : 0;
      this.#hold(report, now + late);
      if (!this.#happens("reportDuplicated", call)) continue;
      const again = call.share("again") * this.#options.reportLateMs;
      this.#hold(report, now + late + Math.floor(again));
    }
  }

  /** Where nobody takes reports, those beyond the limit are lost like any other. */
  #hold(report: VenueReport, dueAt: number): void {
    if (!this.#reports.add(report, dueAt)) this.#count("reportLost");
  }

  #happens(fault: FaultName, call: CallDraws): boolean {
    const rate = this.#options.rates[fault];
    if (rate <= 0 || call.share(fault) >= rate) return false;
    this.#count(fault);
    return true;
  }

  #count(fault: FaultName): void {
    this.#counts = { ...this.#counts, [fault]: this.#counts[fault] + 1 };
    this.#log.put(countsKey, this.#counts);
  }

  /** Above zero, and at most what the plan says. */
  #delay(limit: "acceptLateMs" | "reportLateMs" | "readLagMs", call: CallDraws): number {
    return Math.max(1, Math.ceil(call.share(limit) * this.#options[limit]));
  }
}

/** A name that no other report of the venue has. */
function nameOf(report: VenueReport): string {
  if (report.type === "fill") return `fill/${report.fill.tradeId}`;
  const { venueOrderId, state, filled, updatedAt } = report.order;
  return `order/${venueOrderId}/${state}/${filled}/${updatedAt}`;
}
