import type { AnyMachineSnapshot, EventObject } from "xstate";
import { isPositive } from "../../machines/domain/decimal.ts";
import type { Fill, VenueReport } from "../../machines/domain/fill.ts";
import { accountKey, actorName, type VenueAccount } from "../../machines/domain/ids.ts";
import type { Balance } from "../../machines/domain/ledger.ts";
import { type Intent, isTerminal, type VenueOrder } from "../../machines/domain/order.ts";
import type { OrderContext } from "../../machines/order.types.ts";
import type { Books } from "../account/mod.ts";
import { type Believed, compareAccount } from "../reconciler/mod.ts";
import type { ActorSystem, Admission, StoredActor, Turn, WantedEffect } from "../runtime/mod.ts";
import { failuresRule } from "./config.ts";
import type { Counts } from "./counts.ts";

/** An event as it goes to an actor; its machine says what else it carries. */
type Carried = EventObject & Readonly<Record<string, unknown>>;

interface AccountReading {
  readonly type: "account.read";
  readonly balances: readonly Balance[];
  readonly openOrders: readonly VenueOrder[];
  readonly fills: readonly Fill[];
}

export interface IntakeOptions {
  readonly system: () => ActorSystem;
  readonly books: Books;
  readonly counts: Counts;
  readonly isOurs: (at: VenueAccount, clientOrderId: string) => boolean;
}

/**
 * Lets in what venues say. Every fill, by whichever way it comes, is booked first, once, and only
 * then told to its order.
 */
export class Intake {
  /** Orders of nobody's here, by account, as last seen. */
  readonly foreign = new Map<string, readonly VenueOrder[]>();

  constructor(private readonly options: IntakeOptions) {}

  /** A report of a venue's private stream. */
  report(at: VenueAccount, report: VenueReport): void {
    const { books } = this.options;
    const { clientOrderId, venueOrderId } = report.type === "fill" ? report.fill : report.order;
    const intent = books.intentOf(at, clientOrderId, venueOrderId);
    const subject = intent ? actorName.order(intent.intentId) : accountKey(at);
    const correlation = intent?.positionId ?? null;
    const input = { kind: "report", subject, correlation, payload: report };
    if (report.type === "fill") {
      const booked: [Intent, Fill][] = [];
      this.options.system().turn(
        input,
        (turn) => this.tellFills(turn, booked),
        (turn) => this.bookFills(turn, at, [report.fill], booked),
      );
      return;
    }
    this.options.system().turn(input, (turn) => this.tellOrder(turn, intent, report.order));
  }

  /** What to do with an effect's answer. */
  admit(effect: WantedEffect, event: EventObject): Admission {
    const owner = effect.owner;
    const { at } = effect.input as { at: VenueAccount };
    const snapshot = this.options.system().snapshot(owner);
    const intent = (snapshot?.context as Partial<OrderContext> | undefined)?.intent;
    const correlation = intent?.positionId ?? null;
    const fills = (event as Carried).fills as readonly Fill[] | undefined;
    if (!fills) {
      return {
        correlation,
        act: (turn) => {
          this.options.system().send(owner, event);
          this.countFailure(turn, at, effect.src, event);
          this.tellDoubt(owner, event);
        },
      };
    }
    const booked: [Intent, Fill][] = [];
    return {
      correlation,
      book: (turn) => this.bookFills(turn, at, fills, booked),
      act: (turn) => {
        this.tellFills(turn, booked);
        if (event.type === "account.read") {
          this.compare(turn, owner, at, event as unknown as AccountReading);
          return;
        }
        const { fills: _, ...rest } = event as Carried;
        this.options.system().send(owner, rest);
      },
    };
  }

  /** Requests that fail, one after the other, are a reason to send no more of them. */
  private countFailure(turn: Turn, at: VenueAccount, src: string, event: EventObject): void {
    if (!failing.test(event.type)) return;
    const { text, cause } = event as Carried;
    // What was under way when the desk was restarted has not failed.
    if (cause === "the desk was restarted") return;
    this.options.system().send(actorName.breaker(`${failuresRule}/${accountKey(at)}`), {
      type: "breaker.failure",
      what: `${src}: ${String(text ?? cause ?? "no answer")}`,
      at: turn.at,
    } as Carried);
  }

  /** A fate that look-ups in a row could not settle is the operator's to know of; said once. */
  private tellDoubt(owner: string, event: EventObject): void {
    if (event.type !== "lookUp.unclear") return;
    const snapshot = this.options.system().snapshot(owner);
    const context = snapshot?.context as Partial<OrderContext> | undefined;
    // Those before this one: the turn that counts it is under way.
    const before = context?.lookUps ?? 0;
    if (!snapshot?.hasTag("unknown") || before + 1 !== doubtAfter) return;
    const cause = String((event as Carried).cause ?? "no answer");
    this.alarm(
      `the fate of "${owner}" is not known after ${doubtAfter} look-ups, ` +
        `${context?.intent?.symbol} takes no new entry: ${cause}`,
    );
  }

  private bookFills(
    turn: Turn,
    at: VenueAccount,
    fills: readonly Fill[],
    booked: [Intent, Fill][],
  ): void {
    const { books, counts } = this.options;
    for (const fill of fills) {
      const booking = books.book(at, fill);
      if (booking.type !== "booked") continue;
      turn.booked.push(...booking.changes);
      counts.fills += 1;
      if (booking.reopened) {
        counts.trades -= 1;
        if (isPositive(booking.reopened.realizedPnl)) counts.wins -= 1;
      }
      booked.push([booking.intent, fill]);
    }
  }

  /** Tells orders of their fills, within a turn; those that were archived come back for it. */
  tellFills(turn: Turn, booked: readonly (readonly [Intent, Fill])[]): void {
    const system = this.options.system();
    for (const [intent, fill] of booked) {
      const order = actorName.order(intent.intentId);
      system.ensureLive(actorName.position(intent.positionId));
      system.ensureLive(order);
      system.send(order, { type: "order.fill", fill } as Carried);
      const context = system.snapshot(order)?.context as OrderContext | undefined;
      if (context) this.tellFalseProof(turn, context, fill.clientOrderId);
    }
  }

  private tellOrder(turn: Turn, intent: Intent | null, order: VenueOrder): void {
    const system = this.options.system();
    if (!intent) {
      this.alarm(`report of order "${order.venueOrderId}", which is not of this ledger`);
      return;
    }
    const name = actorName.order(intent.intentId);
    const context = system.snapshot(name)?.context as OrderContext | undefined;
    if (!context) {
      if (livesOn(order, system.archivedActor(name))) {
        this.alarm(`"${name}" has ended, and the venue says it lives`);
      }
      return;
    }
    if (this.tellFalseProof(turn, context, order.clientOrderId)) return;
    system.send(name, { type: "venue.order", order } as Carried);
  }

  /** An attempt that was proved absent is there after all: the proof's assumptions are wrong. */
  private tellFalseProof(turn: Turn, order: OrderContext, clientOrderId: string | null): boolean {
    const { intent } = order;
    if (clientOrderId === null || clientOrderId === order.clientOrderId) return false;
    // One that another took the place of was there, and was ended: its late word is its order's.
    if (order.former?.some((each) => each.clientOrderId === clientOrderId)) return false;
    this.options.system().send(actorName.account(intent.at), {
      type: "account.poisoned",
      text: `attempt "${clientOrderId}" of "${intent.intentId}" was proved absent and is there`,
      at: turn.at,
    } as Carried);
    return true;
  }

  private compare(turn: Turn, owner: string, at: VenueAccount, reading: AccountReading): void {
    const { books, isOurs } = this.options;
    const system = this.options.system();
    if (books.balancesOf(at).size === 0) {
      for (const { coin, total } of reading.balances) {
        if (isPositive(total)) turn.booked.push(...books.open(at, coin, total, turn.at));
      }
    }
    const resting = new Map<string, string>();
    const contexts = new Map<string, OrderContext>();
    for (const [name, snapshot] of system.actors()) {
      if (!name.startsWith("order:")) continue;
      const context = snapshot.context as OrderContext;
      if (accountKey(context.intent.at) !== accountKey(at)) continue;
      for (const { clientOrderId } of context.attempts) contexts.set(clientOrderId, context);
      if (isResting(snapshot)) resting.set(context.clientOrderId, name);
    }
    const believed: Believed = {
      balances: books.balancesOf(at),
      live: new Set(contexts.keys()),
      isOurs: (id) => isOurs(at, id),
      resting: new Set(resting.keys()),
    };
    const found = compareAccount(believed, reading.balances, reading.openOrders);
    this.foreign.set(accountKey(at), found.foreign);
    for (const { clientOrderId } of reading.openOrders) {
      const context = contexts.get(clientOrderId ?? "");
      if (context) this.tellFalseProof(turn, context, clientOrderId);
    }
    for (const id of found.doubtful) {
      system.send(resting.get(id) ?? "", { type: "order.doubt", since: turn.at } as Carried);
    }
    const event =
      found.differences.length === 0
        ? { type: "reconcile.matched", at: turn.at }
        : { type: "reconcile.differed", differences: found.differences, at: turn.at };
    system.send(owner, event);
  }

  private alarm(text: string): void {
    this.options.system().send(actorName.desk, {
      type: "alarm.raised",
      from: "intake",
      text,
    } as Carried);
  }
}

/** Look-ups without proof after which the operator is told: some seconds. */
const doubtAfter = 3;

const failing = /^(submit|amend|cancel)\.(refused|unknown)$|^reconcile\.unreadable$|^xstate\.error/;

/** Whether a report is of an order alive after its end: one that is older is only late. */
function livesOn(order: VenueOrder, archived: StoredActor | null): boolean {
  const { context } = (archived?.snapshot ?? {}) as { context?: OrderContext };
  if (isTerminal(order.state) || !context || context.ended === "filled") return false;
  return order.updatedAt > context.learnedAt;
}

/** Whether the ledger believes that the order rests at the venue and asks nothing of it. */
function isResting(snapshot: AnyMachineSnapshot): boolean {
  return (
    snapshot.matches({ live: { asked: "none" } } as never) &&
    ["open", "triggered", "partial"].some((held) => snapshot.matches({ live: { held } } as never))
  );
}
