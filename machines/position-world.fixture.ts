import type { EventObject } from "xstate";
import {
  add,
  compare,
  type Decimal,
  decimal,
  isPositive,
  minimum,
  multiply,
  subtract,
  sum,
  zero,
} from "./domain/decimal.ts";
import { actorName } from "./domain/ids.ts";
import type { ExitReason } from "./domain/position.ts";
import type { Choices } from "./model-venue.fixture.ts";
import { differ, type Ended, type Terms } from "./order.types.ts";
import type { positionMachine } from "./position.machine.ts";
import { canSell, canStop, type IntentWanted, type PositionEvent } from "./position.types.ts";
import { positionStepper } from "./samples.fixture.ts";
import type { Stepper } from "./stepping.fixture.ts";

/** One of the position's orders, as its order machine and the venue would have it together. */
export interface ModelOrder {
  readonly intent: IntentWanted;
  live: Terms;
  /** As last asked for, and the request that is under way. */
  wanted: Terms | null;
  inFlight: Terms | null;
  filled: Decimal;
  isOpen: boolean;
  isCancelWanted: boolean;
  ended: Ended | null;
}

/** What the venue refuses before it takes any. */
export interface Refusals {
  stops: number;
  exits: number;
  amends: number;
  /** Stops that the venue takes and drops again at once. */
  drops: number;
  /** Stops, and then exits, that the venue finds too small. */
  smallStops?: number;
  smallExits?: number;
}

const lot = decimal("0.1");

/** A position's machine against a model of its orders: it hears only what order machines tell. */
export class PositionWorld {
  readonly stepper: Stepper<typeof positionMachine>;
  readonly orders: ModelOrder[] = [];
  readonly alarms: string[] = [];
  bought = zero;
  sold = zero;
  fees = zero;
  closed = 0;
  /** What the machine asked for since something happened that was not an answer. */
  asked = 0;
  private heard = 0;

  constructor(
    private readonly choices: Choices,
    private readonly refusals: Refusals = { stops: 0, exits: 0, amends: 0, drops: 0 },
    /** Share of each entry fill that the venue keeps as its fee, in the base coin. */
    private readonly feeShare = zero,
    /** Whether it is to go without a stop. */
    readonly isBare = false,
  ) {
    this.stepper = positionStepper(isBare);
    this.listen();
  }

  get state(): string {
    const { value } = this.stepper.snapshot;
    return typeof value === "string" ? value : `closing.${Object.values(value)[0]}`;
  }

  get context() {
    return this.stepper.snapshot.context;
  }

  get held(): Decimal {
    return subtract(subtract(this.bought, this.sold), this.fees);
  }

  /** Sells that live or may yet, with what they may still sell. */
  get sells(): { readonly order: ModelOrder; readonly open: Decimal }[] {
    return this.orders
      .filter(({ intent, ended }) => intent.side === "sell" && ended === null)
      .map((order) => ({ order, open: subtract(order.live.quantity, order.filled) }));
  }

  get closingQuantity(): Decimal {
    return sum(this.sells.map(({ open }) => open));
  }

  order(role: IntentWanted["role"]): ModelOrder | undefined {
    return this.orders.findLast(({ intent }) => intent.role === role);
  }

  /** Does one thing. False once nothing is left to do. */
  step(): boolean {
    if (this.choices.areUsedUp) return this.fairStep(true);
    const kind = this.choices.pick(4);
    if (kind === 1) this.deskActs();
    else if (kind === 2) this.venueActs(this.choices.pick(8), this.choices.pick(10));
    else if (kind === 3) this.venueActs(1, this.choices.pick(10));
    else this.fairStep(false);
    return true;
  }

  tell(event: PositionEvent): void {
    this.stepper.send(event);
    this.listen();
  }

  want(reason: ExitReason): void {
    this.asked = 0;
    this.tell({ type: "exit.wanted", reason });
  }

  /** The pause before the next try to place the stop is over. */
  retryStop(): void {
    this.stepper.fire("stopRetry");
    this.listen();
  }

  open(order: ModelOrder): void {
    order.isOpen = true;
    this.tell({ type: "order.opened", live: order.live, wanted: order.wanted, ...from(order) });
  }

  end(order: ModelOrder, ended: Ended, refusal: string | null = null): void {
    order.ended = ended;
    const { filled } = order;
    this.tell({ type: "order.ended", ended, filled, reason: null, refusal, ...from(order) });
  }

  /** Fills up to so many lots of it, an ended one's rest included. */
  fill(order: ModelOrder, lots: number): void {
    const rest = subtract(order.live.quantity, order.filled);
    const quantity = minimum(rest, multiply(lot, decimal(lots)));
    if (!isPositive(quantity)) return;
    this.asked = 0;
    order.filled = add(order.filled, quantity);
    const isBuy = order.intent.side === "buy";
    const fee = isBuy ? multiply(quantity, this.feeShare) : zero;
    if (isBuy) this.bought = add(this.bought, quantity);
    else this.sold = add(this.sold, quantity);
    this.fees = add(this.fees, fee);
    this.tell({ type: "order.filled", quantity, fee, feeCoin: "BTC", ...from(order) });
    // The word of its end may come later than its last fill.
    if (isDone(order) && order.ended === null && this.choices.pick(2) === 0) {
      this.end(order, "filled");
    }
  }

  /** Takes or refuses what was asked of a live order. */
  answerAmend(order: ModelOrder): void {
    if (!order.inFlight) return;
    if (this.refusals.amends > 0) {
      this.refusals.amends -= 1;
      order.wanted = null;
    } else order.live = order.inFlight;
    const { live, wanted } = order;
    order.inFlight = wanted && differ(wanted, live) ? wanted : null;
    this.tell({ type: "order.amended", live, wanted, ...from(order) });
  }

  private answerPlace(order: ModelOrder): void {
    const { role } = order.intent;
    const kind = role === "stop" ? "stops" : "exits";
    const small = role === "stop" ? "smallStops" : "smallExits";
    const left = this.refusals[small] ?? 0;
    if (role !== "entry" && left > 0) {
      this.refusals[small] = left - 1;
      this.end(order, "rejected", "belowMinimum");
    } else if (role !== "entry" && this.refusals[kind] > 0) {
      this.refusals[kind] -= 1;
      this.end(order, "rejected");
    } else {
      this.open(order);
      if (role !== "stop" || this.refusals.drops === 0) return;
      this.refusals.drops -= 1;
      this.end(order, "canceled");
    }
  }

  private fairStep(isOver: boolean): boolean {
    const live = this.orders.filter(({ ended }) => ended === null);
    const done = live.find(isDone);
    const canceling = live.find((order) => order.isCancelWanted);
    const placed = live.find((order) => !order.isOpen);
    const amending = live.find((order) => order.inFlight);
    const working = live.find(({ intent }) => intent.role !== "stop");
    if (done) this.end(done, "filled");
    else if (canceling) this.end(canceling, "canceled");
    else if (placed) this.answerPlace(placed);
    else if (amending) this.answerAmend(amending);
    else if (working) this.fill(working, 100);
    else if (!isOver || this.state === "unprotected") this.fireTimer();
    else if (this.stepper.snapshot.hasTag("exposed") && this.context.exitReason === null) {
      this.want("signal");
    } else return this.fireTimer();
    return true;
  }

  private fireTimer(): boolean {
    this.asked = 0;
    const fired = this.stepper.fireNext();
    this.listen();
    return fired;
  }

  private deskActs(): void {
    this.asked = 0;
    const act = this.choices.pick(8);
    const { stopPrice } = this.context;
    if (act < 4) this.tell({ type: "level.raised", stopPrice: add(stopPrice, decimal(act)) });
    else if (act === 4) this.tell({ type: "level.crossed" });
    else if (act === 5) this.tell({ type: "exit.wanted", reason: "signal" });
    else if (act === 6) this.tell({ type: "entry.abandon", reason: "halt" });
    else this.fireTimer();
  }

  private venueActs(act: number, which: number): void {
    const live = this.orders.filter(({ ended }) => ended === null);
    const order = live[which % Math.max(1, live.length)];
    const late = this.orders.find(
      ({ intent, ended }) => intent.role === "entry" && ended === "canceled",
    );
    if (act === 7 && late) this.fill(late, 1 + (which % 3));
    if (!order) return;
    if (isDone(order)) this.end(order, "filled");
    else if (act === 0 || !order.isOpen) this.answerPlace(order);
    else if (act <= 3) this.fill(order, 1 + (which % 4));
    else if (act === 4) this.answerAmend(order);
    else if (order.isCancelWanted) this.end(order, "canceled");
    else if (act === 5) this.endByVenue(order);
  }

  private endByVenue(order: ModelOrder): void {
    this.asked = 0;
    this.end(order, this.choices.pick(2) === 1 ? "expired" : "canceled");
  }

  private listen(): void {
    for (; this.heard < this.stepper.sent.length; this.heard++) {
      const sent = this.stepper.sent[this.heard];
      if (sent) this.hear(sent.to, sent.event);
    }
  }

  private hear(to: string, event: EventObject & Readonly<Record<string, unknown>>): void {
    if (event.type === "alarm.raised") this.alarms.push(String(event.text));
    else if (event.type === "position.closed") this.closed += 1;
    else if (event.type === "order.place") this.place(event.intent as IntentWanted);
    else {
      const order = this.orders.find(({ intent }) => actorName.order(intent.intentId) === to);
      if (!order || order.ended !== null) return;
      this.asked += 1;
      if (event.type === "order.cancel") order.isCancelWanted = true;
      else {
        order.wanted = event.wanted as Terms;
        order.inFlight ??= order.wanted;
      }
    }
  }

  private place(intent: IntentWanted): void {
    const { quantity, price, stopPrice } = intent;
    if (this.orders.some((order) => order.intent.intentId === intent.intentId)) {
      throw new Error(`Cannot place "${intent.intentId}" twice`);
    }
    this.asked += 1;
    this.orders.push({
      intent,
      live: { quantity, price, stopPrice },
      wanted: null,
      inFlight: null,
      filled: zero,
      isOpen: false,
      isCancelWanted: false,
      ended: null,
    });
  }

  /** Whether what is held could be sold at the venue. */
  get isSellable(): boolean {
    return canSell(this.context);
  }

  /** Whether a stop for it could rest there. */
  get isStoppable(): boolean {
    return canStop(this.context);
  }
}

const isDone = ({ filled, live }: ModelOrder) => compare(filled, live.quantity) >= 0;

const from = ({ intent: { intentId, role } }: ModelOrder) => ({ intentId, role });
