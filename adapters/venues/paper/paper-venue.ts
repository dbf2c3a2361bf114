import type { Found, Reply, Venue, VenueAssumptions } from "../../../actors/order/ports.ts";
import type { Clock, StateChange } from "../../../actors/runtime/ports.ts";
import type { Fill, VenueReport } from "../../../machines/domain/fill.ts";
import { accountKey, type SymbolName, type VenueAccount } from "../../../machines/domain/ids.ts";
import type { Instrument } from "../../../machines/domain/instrument.ts";
import type { Balance } from "../../../machines/domain/ledger.ts";
import type {
  AmendRequest,
  CancelRequest,
  OrderRequest,
  VenueOrder,
} from "../../../machines/domain/order.ts";
import {
  type Answer,
  type BookUpdate,
  defaultMatchingSettings,
  type MarketPoint,
  type MarketPrint,
  MatchingEngine,
  type MatchingOptions,
} from "../matching/mod.ts";

export interface PaperVenueOptions extends MatchingOptions {
  readonly at: VenueAccount;
  readonly clock: Clock;
  /**
   * Whether a new or changed order meets the book that is known, and need not wait for the next
   * one: for a live market, whose books come when they change. The paper of a run that can be read
   * again waits, so that a restart in between changes nothing.
   */
  readonly meetsKnownBook?: boolean;
}

/**
 * A venue in the process: the matching engine, fed by the driver. It answers at the instant it is
 * asked and is never unknown. Whether an order is placed is settled within submit(), so one that a
 * look-up does not find was not, and will not be, placed.
 */
export class PaperVenue implements Venue {
  readonly at: VenueAccount;
  readonly assumptions: VenueAssumptions = { latestAcceptMs: 0, readLagMs: 0, amends: true };
  /** Where its rows are kept: `venue/paper:main`. */
  readonly space: string;
  readonly #engine: MatchingEngine;
  readonly #clock: Clock;
  readonly #latencyMs: number | null;
  /** Orders on their way to the known book, in the order in which they get there. */
  readonly #arriving: { readonly symbol: SymbolName; readonly at: number }[] = [];

  constructor({ at, clock, meetsKnownBook = false, ...engine }: PaperVenueOptions) {
    this.at = at;
    this.space = `venue/${accountKey(at)}`;
    this.#engine = new MatchingEngine(engine);
    this.#clock = clock;
    const { latencyMs } = { ...defaultMatchingSettings, ...engine.settings };
    this.#latencyMs = meetsKnownBook ? latencyMs : null;
  }

  async instruments(): Promise<Reply<readonly Instrument[]>> {
    return { type: "confirmed", value: this.#engine.instruments };
  }

  async submit(request: OrderRequest): Promise<Reply<VenueOrder>> {
    return this.#sent(request.symbol, this.#engine.submit(request, this.#clock.now()));
  }

  async amend(request: AmendRequest): Promise<Reply<VenueOrder>> {
    return this.#sent(request.symbol, this.#engine.amend(request, this.#clock.now()));
  }

  async cancel(request: CancelRequest): Promise<Reply<VenueOrder>> {
    return this.#engine.cancel(request, this.#clock.now());
  }

  async lookUp(clientOrderId: string, symbol: string): Promise<Reply<Found>> {
    const { orders, fills } = this.#engine.orderByClientId(clientOrderId, this.#clock.now());
    const value = {
      orders: orders.filter((order) => order.symbol === symbol),
      fills: fills.filter((fill) => fill.symbol === symbol),
    };
    return { type: "confirmed", value };
  }

  async openOrders(): Promise<Reply<readonly VenueOrder[]>> {
    return { type: "confirmed", value: this.#engine.openOrders(this.#clock.now()) };
  }

  async balances(): Promise<Reply<readonly Balance[]>> {
    return { type: "confirmed", value: this.#engine.balances(this.#clock.now()) };
  }

  async fillsSince(since: number): Promise<Reply<readonly Fill[]>> {
    return { type: "confirmed", value: this.#engine.fillsSince(since) };
  }

  takeReport(): VenueReport | null {
    return this.#engine.takeReport();
  }

  /** When an order on its way meets the known book, or null. */
  due(): number | null {
    return this.#arriving[0]?.at ?? null;
  }

  /** Lets orders meet the known book that have got there. */
  advance(now: number): void {
    while ((this.#arriving[0]?.at ?? Number.POSITIVE_INFINITY) <= now) {
      const arrived = this.#arriving.shift();
      if (arrived) this.#engine.meet(arrived.symbol, now);
    }
  }

  #sent(symbol: SymbolName, answer: Answer<VenueOrder>): Answer<VenueOrder> {
    if (this.#latencyMs === null || answer.type !== "confirmed") return answer;
    this.#arriving.push({ symbol, at: this.#clock.now() + this.#latencyMs });
    return answer;
  }

  /** The driver's side: no order is living that a price could meet. */
  isIdle(): boolean {
    return !this.#engine.hasOpenOrders;
  }

  /** The driver's side: the price moves to a point. */
  point(symbol: SymbolName, point: MarketPoint): void {
    this.#engine.tick(symbol, point);
  }

  /** The driver's side: the book changes. */
  book(symbol: SymbolName, book: BookUpdate): void {
    this.#engine.book(symbol, book);
  }

  /** The driver's side: others traded. */
  print(symbol: SymbolName, print: MarketPrint): void {
    this.#engine.print(symbol, print);
  }

  /** Reports dropped because nobody took them. */
  get reportsDropped(): number {
    return this.#engine.reportsDropped;
  }

  /** What has to be committed with the turn that caused it; everything, the first time. */
  changes(): readonly StateChange[] {
    return this.#engine.changes().map(({ key, value }) => ({ space: this.space, key, value }));
  }

  /** Becomes the venue that wrote the rows of its space; no rows leave it as it was built. */
  restore(entries: ReadonlyMap<string, unknown>): void {
    this.#engine.restore(entries);
  }
}
