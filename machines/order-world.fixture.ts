import type { EventObject } from "xstate";
import { type Decimal, decimal, subtract } from "./domain/decimal.ts";
import type { Fill, VenueReport } from "./domain/fill.ts";
import { type Intent, isTerminal, type VenueOrder } from "./domain/order.ts";
import { type Choices, latestAcceptMs, ModelVenue, readLagMs } from "./model-venue.fixture.ts";
import type { orderMachine } from "./order.machine.ts";
import type {
  AmendInput,
  CancelInput,
  LookUpInput,
  OrderEvent,
  SubmitInput,
} from "./order.types.ts";
import { orderStepper } from "./samples.fixture.ts";
import type { Invoked, Stepper } from "./stepping.fixture.ts";

interface Answer {
  readonly event: EventObject;
  readonly fills: readonly Fill[];
}

interface UnderWay {
  readonly effect: Invoked;
  /** Set once the venue had the request. */
  answer: Answer | null;
}

const answerOf = (event: OrderEvent, fills: readonly Fill[] = []): Answer => ({ event, fills });

/**
 * One order's machine against the model venue. What the runtime and the intake do between them is
 * done here alike: an answer that nobody waits for any more is dropped, and every fill is let
 * through once, by its trade id, before the answer that brought it.
 */
export class OrderWorld {
  readonly stepper: Stepper<typeof orderMachine>;
  readonly venue = new ModelVenue();
  /** Client order ids that were asked to be placed. */
  readonly submitted: string[] = [];
  /** Every request, with when it was made. */
  readonly requests: { readonly src: string; readonly at: number }[] = [];
  readonly booked = new Map<string, Decimal>();
  denied = false;
  private readonly underWay = new Map<object, UnderWay>();
  private readonly answered = new WeakSet<object>();
  private commands = 0;

  constructor(
    private readonly choices: Choices,
    overrides: Partial<Intent>,
    /** Cancels that the venue refuses before it takes any. */
    private cancelRefusals = 0,
    /** Whether the desk does little else than ask for other prices, at a venue that has no amend. */
    private readonly chases = false,
  ) {
    this.stepper = orderStepper({ quantity: decimal(5), ...overrides });
    this.follow();
  }

  get held(): string {
    const { value } = this.stepper.snapshot as { value: unknown };
    return (value as { live?: { held?: string } }).live?.held ?? "settled";
  }

  get isSettled(): boolean {
    return this.stepper.snapshot.matches("settled" as never);
  }

  /** Does one thing. False once nothing is left to do. */
  step(): boolean {
    const kind = this.choices.areUsedUp ? 0 : this.choices.pick(8);
    if (this.chases && kind > 2) {
      if (this.believedResting) this.deskActs();
      else return this.fairStep();
    } else if (kind === 1) this.pass(1 + this.choices.pick(40));
    else if (kind === 2) this.venueActs();
    else if (kind === 3) this.deskActs();
    else if (kind === 4) this.deliver(this.choices.pick(8), this.choices.pick(3) === 1);
    else if (kind === 5) this.land(this.choices.pick(4));
    else if (kind === 6) this.venueActs();
    else return this.fairStep();
    return true;
  }

  private fairStep(): boolean {
    const { venue, stepper } = this;
    const next = [...this.underWay.values()][0];
    if (next?.answer) this.reply(next, next.answer);
    else if (next) next.answer = this.ask(next.effect);
    else if (venue.reports.length > 0) this.deliver(0, false);
    else if (venue.landings.length > 0) this.land(0);
    else if (!this.isSettled && venue.live > 0 && this.onlyWatches) this.venueFills(10);
    else if (!this.isSettled && stepper.nextDeadline !== null) {
      this.pass(Math.max(0, stepper.nextDeadline - venue.now));
    } else return false;
    return true;
  }

  /** Whether the order would wait for ever, looking now and then at what does not change. */
  private get onlyWatches(): boolean {
    return this.stepper.pendingTimers.every((id) => id.includes("workingCheck"));
  }

  /** Lets time pass, and timers fire at their time. */
  private pass(ms: number): void {
    const { venue, stepper } = this;
    const until = venue.now + ms;
    for (let due = stepper.nextDeadline; due !== null && due <= until; due = stepper.nextDeadline) {
      venue.advance(Math.max(0, due - venue.now));
      stepper.now = venue.now;
      stepper.fireNext();
      this.follow();
    }
    venue.advance(until - venue.now);
    stepper.now = venue.now;
  }

  private venueActs(): void {
    const { venue, choices } = this;
    const [current] = [...venue.orders.keys()].slice(-1);
    if (current === undefined) return;
    const act = choices.pick(8);
    if (act === 5) venue.trigger(current);
    else if (act === 6) venue.end(current, "expired");
    else if (act === 7) venue.end(current, choices.pick(2) === 1 ? "rejected" : "canceled");
    else this.venueFills(1 + choices.pick(4));
  }

  private venueFills(upTo: number): void {
    const live = [...this.venue.orders.values()].find(({ state }) => !isTerminal(state));
    if (live?.clientOrderId) this.venue.fill(live.clientOrderId, upTo);
  }

  private deskActs(): void {
    const { stepper, choices, venue } = this;
    const act = this.chases && choices.pick(8) > 0 ? 4 : choices.pick(5);
    const { live } = stepper.snapshot.context;
    this.commands += 1;
    if (act === 4) {
      const price = choices.pick(5) === 1 ? null : decimal(100 + choices.pick(3));
      this.tell({ type: "order.reprice", price, at: venue.now });
    } else if (act === 0) this.tell({ type: "order.cancel", reason: "asked" });
    else if (act === 1 && this.believedResting)
      this.tell({ type: "order.doubt", since: venue.now });
    else {
      // The quantity of an entry is never changed, and of one that was replaced it may not be.
      const isEntry = stepper.snapshot.context.intent.role === "entry";
      const quantity = isEntry ? live.quantity : decimal(1 + choices.pick(9));
      const price = decimal(100 + choices.pick(3));
      this.tell({ type: "order.amend", wanted: { ...live, quantity, price } });
    }
  }

  private get believedResting(): boolean {
    const value = this.stepper.snapshot.value as { live?: { asked?: unknown } };
    return value.live?.asked === "none" && ["open", "triggered", "partial"].includes(this.held);
  }

  private deliver(index: number, again: boolean): void {
    const { reports } = this.venue;
    const place = Math.min(index, reports.length - 1);
    const report = reports[place];
    if (!report) return;
    if (!again) reports.splice(place, 1);
    this.report(report);
  }

  private report(report: VenueReport): void {
    if (report.type === "fill") {
      this.book([report.fill]);
      return;
    }
    this.tell({ type: "venue.order", order: report.order });
  }

  private land(index: number): void {
    const { landings } = this.venue;
    const [landing] = landings.splice(Math.min(index, landings.length - 1), 1);
    landing?.land();
  }

  private book(fills: readonly Fill[]): void {
    for (const fill of fills) {
      if (this.booked.has(fill.tradeId)) continue;
      this.booked.set(fill.tradeId, fill.quantity);
      this.tell({ type: "order.fill", fill });
    }
  }

  private tell(event: OrderEvent | EventObject): void {
    this.stepper.sendForeign(event);
    this.follow();
  }

  /** Takes note of new requests and of those that nobody waits for any more. */
  private follow(): void {
    const wanted = new Map(this.stepper.invoked.map((effect) => [effect.ref, effect]));
    for (const ref of this.underWay.keys()) if (!wanted.has(ref)) this.underWay.delete(ref);
    for (const [ref, effect] of wanted) {
      if (this.underWay.has(ref) || this.answered.has(ref)) continue;
      this.underWay.set(ref, { effect, answer: null });
    }
  }

  private reply({ effect }: UnderWay, { event, fills }: Answer): void {
    this.underWay.delete(effect.ref);
    this.answered.add(effect.ref);
    this.book(fills);
    this.tell(event);
  }

  private ask({ src, input }: Invoked): Answer {
    this.requests.push({ src, at: this.venue.now });
    if (src === "submit") return this.submit(input as SubmitInput);
    if (src === "amend") return this.amend(input as AmendInput);
    if (src === "cancel") return this.cancel(input as CancelInput);
    return this.lookUp(src, input as LookUpInput);
  }

  private submit({ request }: SubmitInput): Answer {
    const { venue, choices } = this;
    const since = venue.now;
    const outcome = choices.pick(8);
    const unknown = answerOf({ type: "submit.unknown", cause: "time-out", since });
    if (outcome === 7) {
      this.denied = true;
      return answerOf({ type: "submit.denied", reason: "brake" });
    }
    this.submitted.push(request.clientOrderId);
    if (outcome === 2) return answerOf({ type: "submit.refused", code: "other", text: "no" });
    if (outcome === 3) return unknown;
    if (outcome === 4 || outcome === 5) {
      venue.later(() => venue.place(request), true);
      return outcome === 4 ? unknown : failure("submit", since);
    }
    const order = venue.place(request);
    return outcome === 6 ? unknown : answerOf({ type: "submit.confirmed", order });
  }

  private amend({ request }: AmendInput): Answer {
    const { venue, choices } = this;
    const since = venue.now;
    const outcome = choices.pick(6);
    const refused = answerOf({ type: "amend.refused", code: "other", text: "no" });
    const unknown = answerOf({ type: "amend.unknown", cause: "reset", since });
    if (this.chases || (outcome === 2 && choices.pick(2) === 1)) {
      return answerOf({ type: "amend.refused", code: "unsupported", text: "never" });
    }
    if (outcome === 2) return refused;
    if (outcome === 3) return unknown;
    if (outcome === 4) {
      if (choices.pick(4) === 1) return answerOf({ type: "amend.denied", reason: "brake" });
      venue.later(() => venue.amend(request));
      return choices.pick(2) === 1 ? failure("amend", since) : unknown;
    }
    if (!venue.amend(request)) return refused;
    return outcome === 5 ? unknown : answerOf({ type: "amend.confirmed", order: this.current() });
  }

  private cancel({ request: { clientOrderId }, next }: CancelInput): Answer {
    const { venue, choices } = this;
    const confirmed = () => {
      const drawn = next && { clientOrderId: `attempt-${next.attempt}`, at: venue.now };
      const order = this.current();
      return answerOf({ type: "cancel.confirmed", order, ...(drawn ? { next: drawn } : {}) });
    };
    const since = venue.now;
    const outcome = choices.pick(7);
    const refused = answerOf({ type: "cancel.refused", code: "other", text: "no", since });
    const unknown = answerOf({ type: "cancel.unknown", cause: "reset", since });
    this.cancelRefusals -= 1;
    if (outcome === 2 || this.cancelRefusals >= 0) return refused;
    if (outcome === 3) return unknown;
    if (outcome === 4 || outcome === 5) {
      venue.later(() => venue.end(clientOrderId, "canceled"));
      if (outcome === 4) return choices.pick(2) === 1 ? failure("cancel", since) : unknown;
      return confirmed();
    }
    if (!venue.end(clientOrderId, "canceled")) return refused;
    return outcome === 6 ? unknown : confirmed();
  }

  private lookUp(src: string, input: LookUpInput): Answer {
    const { venue, choices } = this;
    const isFetch = src === "fetchFills";
    const outcome = choices.pick(5);
    if (outcome === 3) return failure(src, venue.now);
    if (outcome === 4) {
      const cause = "malformed reply";
      return answerOf({ type: isFetch ? "fills.unclear" : "lookUp.unclear", cause });
    }
    const stale = outcome === 0 ? 0 : choices.pick(readLagMs + 1);
    const { orders, fills } = venue.lookUp(input.clientOrderId, stale);
    if (isFetch) return answerOf({ type: "fills.fetched" }, fills);
    const isPast = venue.now >= input.since + latestAcceptMs + readLagMs;
    return this.weigh(input, orders[0], fills, isPast);
  }

  private weigh(
    input: LookUpInput,
    order: VenueOrder | undefined,
    fills: readonly Fill[],
    isPast: boolean,
  ): Answer {
    if (order && (isPast || shows(input, order))) {
      const next = { clientOrderId: `attempt-${input.nextAttempt}`, at: this.venue.now };
      return answerOf({ type: "lookUp.found", order, ...(input.replaces ? { next } : {}) }, fills);
    }
    if (order || input.known || !isPast) {
      return answerOf({ type: "lookUp.unclear", cause: "not proved" });
    }
    const clientOrderId = `attempt-${input.nextAttempt}`;
    const at = this.venue.now;
    return answerOf({ type: "lookUp.absent", evidence: "absent", clientOrderId, at }, fills);
  }

  private current(): VenueOrder {
    const { clientOrderId } = this.stepper.snapshot.context;
    const order = this.venue.order(clientOrderId);
    if (!order) throw new Error(`Cannot find order "${clientOrderId}" at the venue`);
    return order;
  }

  /** What the venue filled and the desk has not booked. */
  get unbooked(): Decimal {
    const { filled } = this.stepper.snapshot.context;
    const orders = [...this.venue.orders.values()];
    const total = orders.map((order) => order.filled);
    return subtract(decimal(total.reduce((sum, each) => sum + Number(each), 0)), filled);
  }
}

function failure(src: string, since: number): Answer {
  const event = { type: `xstate.error.actor.${src}`, error: "thrown", actorId: src, since };
  return { event, fills: [] };
}

function shows(input: LookUpInput, order: VenueOrder): boolean {
  if (input.doubt === "submit" || input.doubt === "order" || isTerminal(order.state)) return true;
  if (input.doubt === "cancel" || input.wanted === null) return false;
  const { quantity, price, stopPrice } = input.wanted;
  return order.quantity === quantity && order.price === price && order.stopPrice === stopPrice;
}
