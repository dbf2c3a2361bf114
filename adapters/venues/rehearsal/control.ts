import { type Decimal, toNumber } from "../../../machines/domain/decimal.ts";
import type { Balance } from "../../../machines/domain/ledger.ts";
import type { OrderType, Side } from "../../../machines/domain/order.ts";
import type { AccountTrade, LedgerEntry, OrderVersion } from "./account.ts";
import { mainAccount, type VenueAccounts } from "./accounts.ts";
import type { FaultLevel } from "./faults/levels.ts";
import { type FaultOrder, faultRegistry } from "./faults/registry.ts";
import type { FaultScheduler, ThrownFault } from "./faults/scheduler.ts";
import type { Reach, TradingFloor } from "./floor.ts";
import type { ServedRequest, VenueServer } from "./http/server.ts";
import type { Credentials, KeyTerms, LimitTerms, OpenedVenue } from "./opened-venue.ts";

/** The venue's own record of one account: what a desk's ledger is compared with. */
export interface RehearsalRecord {
  readonly account: string;
  /** As they are now, in order of acceptance. */
  readonly orders: readonly OrderVersion[];
  /** In order of execution. */
  readonly trades: readonly AccountTrade[];
  readonly ledger: readonly LedgerEntry[];
  readonly balances: readonly Balance[];
}

export interface ForeignOrder {
  /** "main" if not given. */
  readonly account?: string | undefined;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly quantity: Decimal;
  readonly price?: Decimal | undefined;
  readonly stopPrice?: Decimal | undefined;
}

/** A level of a book that is fed by hand. */
export type FedLevel = readonly [price: Decimal, quantity: Decimal];

export interface ControlParts {
  readonly floor: TradingFloor;
  readonly accounts: VenueAccounts;
  readonly faults: FaultScheduler;
  readonly venue: OpenedVenue;
  readonly server: VenueServer;
  readonly problems: readonly string[];
}

/**
 * What can be done to the venue from behind: the same functions in the process and, as JSON, over
 * the control port. Nothing of it leaves the venue's own rules: a price that is fed is matched.
 */
export class RehearsalControl {
  readonly #parts: ControlParts;

  constructor(parts: ControlParts) {
    this.#parts = parts;
  }

  /** The next requests or messages that match are struck. @throws {RangeError} */
  orderFault(order: FaultOrder): void {
    this.#parts.faults.order(order);
  }

  /** Faults by seed from now on, from a good day to the worst. */
  setFaultLevel(level: FaultLevel, seed: string): void {
    this.#parts.faults.setLevel(level, seed);
  }

  clearFaults(): void {
    this.#parts.faults.clear();
  }

  get registry(): typeof faultRegistry {
    return faultRegistry;
  }

  get pendingFaults(): readonly FaultOrder[] {
    return this.#parts.faults.pending;
  }

  /** What was thrown, oldest first; the last ten thousand at least. */
  get thrown(): readonly ThrownFault[] {
    return this.#parts.faults.thrown;
  }

  /** Requests as they came, oldest first; the last ten thousand at least. */
  get requests(): readonly ServedRequest[] {
    return this.#parts.server.requests;
  }

  /** Paths of the open WebSockets. */
  get streams(): readonly string[] {
    return this.#parts.server.streams;
  }

  /** Messages sent so far on streams, by their paths: who has heard as many has heard them all. */
  get sent(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#parts.server.sent);
  }

  /** Bugs of the venue itself that came up while it served. */
  get problems(): readonly string[] {
    return this.#parts.problems;
  }

  /** Venue time, Unix milliseconds. */
  get now(): number {
    this.#parts.floor.catchUp();
    return this.#parts.floor.clock.now;
  }

  /** Lets time pass up to then. @throws {RangeError} if the clock is not in lockstep, or is past. */
  advanceTo(time: number, reach: Reach = "present"): void {
    const { clock } = this.#parts.floor;
    if (!clock.isLockstep) {
      throw new RangeError("Cannot advance time: the venue's clock runs, wanted it in lockstep");
    }
    if (!(Number.isSafeInteger(time) && time >= clock.now)) {
      throw new RangeError(`Cannot advance time to ${time}: wanted at least ${clock.now}`);
    }
    this.#parts.floor.advanceTo(time, reach);
  }

  advanceBy(ms: number): void {
    this.advanceTo(this.#parts.floor.clock.now + ms);
  }

  /** Moves the price by hand. @throws {RangeError} on an unknown symbol or a price off the grid. */
  feedPoint(symbol: string, price: Decimal, gap = false, volume: number | null = null): void {
    this.#parts.floor.catchUp();
    this.#parts.floor.feedPoint(symbol, this.#ticks(symbol, price), gap, volume);
  }

  /** Sets the book by hand, best level first. @throws {RangeError} */
  feedBook(symbol: string, bids: readonly FedLevel[], asks: readonly FedLevel[]): void {
    const { floor } = this.#parts;
    floor.catchUp();
    const levels = (fed: readonly FedLevel[]) =>
      fed.map(([price, quantity]) => ({ ticks: this.#ticks(symbol, price), quantity }));
    floor.feedBook(symbol, { bids: levels(bids), asks: levels(asks) });
  }

  /** Lets somebody else trade. @throws {RangeError} */
  feedPrint(symbol: string, price: Decimal, quantity: Decimal): void {
    this.#parts.floor.catchUp();
    this.#parts.floor.feedPrint(symbol, this.#ticks(symbol, price), quantity);
  }

  /** Every price stands still from now on; time, orders and streams go on. */
  hold(): void {
    const { floor } = this.#parts;
    floor.catchUp();
    floor.hold();
  }

  /** A symbol that was fed by hand follows its own market again. @throws {RangeError} */
  follow(symbol: string): void {
    this.#parts.floor.follow(symbol);
  }

  /** Names of the accounts, "main" first. */
  get accounts(): readonly string[] {
    return this.#parts.accounts.names;
  }

  /** Of one account. @throws {RangeError} on an account that was not opened. */
  record(account = mainAccount): RehearsalRecord {
    const exchange = this.#parts.accounts.of(account);
    exchange.catchUp();
    const { trades, ledger } = exchange.account;
    const orders = exchange.account.ordersAsOf(Number.POSITIVE_INFINITY);
    return { account, orders, trades, ledger, balances: exchange.balances() };
  }

  /** A deposit or, if negative, a withdrawal. @throws {RangeError} if so much is not free. */
  transfer(coin: string, amount: Decimal, account = mainAccount): Balance {
    const exchange = this.#parts.accounts.of(account);
    exchange.catchUp();
    const answer = exchange.transfer(coin, amount);
    if (answer.type === "confirmed") return answer.value;
    throw new RangeError(`Cannot transfer ${amount} ${coin}: ${answer.text}`);
  }

  /** Somebody else with access to the account places an order; its id. @throws {RangeError} */
  placeForeign(foreign: ForeignOrder): string {
    const { price, stopPrice, account = mainAccount, ...order } = foreign;
    const exchange = this.#parts.accounts.of(account);
    exchange.catchUp();
    const request = {
      ...order,
      price: price ?? null,
      stopPrice: stopPrice ?? null,
      clientOrderId: null,
      timeInForce: "gtc",
      postOnly: false,
      expiresAt: null,
    } as const;
    const answer = exchange.place(request, { userref: null, origin: "foreign" });
    if (answer.type === "confirmed") return answer.value.orderId;
    throw new RangeError(`Cannot place foreign order: ${answer.text}`);
  }

  /** Somebody else ends an order, whoever placed it. @throws {RangeError} if it does not live. */
  cancelByOther(orderId: string): void {
    const { floor, accounts } = this.#parts;
    floor.catchUp();
    const [answer] = accounts.names.flatMap((name) => {
      const exchange = accounts.of(name);
      const order = exchange.account.order(orderId);
      return order === null ? [] : [exchange.cancel(order)];
    });
    if (answer?.type !== "confirmed") {
      throw new RangeError(
        `Cannot cancel order "${orderId}": ${answer?.text ?? "it is not known"}`,
      );
    }
  }

  /** Ends or kills open WebSockets, all or those at a path; how many. */
  closeStreams(how: "reset" | "close" | "silence", path: string | null = null): number {
    this.#parts.faults.note("connectionsClosed", how);
    return this.#parts.server.closeStreams(how, path);
  }

  /** All sockets are reset and sessions forgotten; orders and balances stay. */
  async restart(downMs = 0): Promise<void> {
    const { server, venue, faults } = this.#parts;
    faults.note("restart", `${downMs} ms`);
    server.down();
    venue.wire.forgetSessions();
    if (downMs > 0) await Bun.sleep(downMs);
    server.up();
  }

  /** What the venue tells its time to be is this much ahead of what it is. */
  setClockSkew(skewMs: number): void {
    this.#parts.faults.note("clockSkew", `${skewMs} ms`);
    this.#parts.floor.clock.skewMs = skewMs;
  }

  /** Such as "maintenance". @throws {RangeError} on a state that the venue does not have. */
  setStatus(status: string): void {
    this.#parts.venue.setStatus(status);
    this.#parts.faults.note("status", status);
  }

  setReadLag(readLagMs: number): void {
    this.#parts.venue.setReadLag(readLagMs);
  }

  /** @throws {RangeError} on a tier that the venue does not have. */
  setLimits(terms: LimitTerms): void {
    this.#parts.venue.setLimits(terms);
  }

  /**
   * What an order does whose client id was used before, by the venue's name for it: Kraken's only
   * one is "refusedWhileOpen", Coinbase's stand in `repeatBehaviours`. @throws {RangeError}
   */
  setRepeatedClientId(behaviour: string): void {
    this.#parts.venue.setRepeatedClientId(behaviour);
  }

  /**
   * Another key, of the main account or of another, which is opened with what the main one was.
   *
   * @throws {RangeError} on a right that the venue does not have.
   */
  createKey(terms: KeyTerms): Credentials {
    return this.#parts.venue.createKey(terms);
  }

  #ticks(symbol: string, price: Decimal): number {
    const { tick } = this.#parts.floor.market(symbol).instrument;
    const ticks = toNumber(price) / toNumber(tick);
    const whole = Math.round(ticks);
    if (whole >= 1 && Math.abs(ticks - whole) < 1e-6) return whole;
    throw new RangeError(
      `Cannot feed ${symbol} at ${price}: wanted a positive multiple of ${tick}`,
    );
  }
}
