import type { EventObject } from "xstate";
import { isPositive } from "../../machines/domain/decimal.ts";
import type { Fill, VenueReport } from "../../machines/domain/fill.ts";
import { accountKey, actorName, type VenueAccount } from "../../machines/domain/ids.ts";
import { type Intent, isTerminal, type VenueOrder } from "../../machines/domain/order.ts";
import type { OrderContext } from "../../machines/order.types.ts";
import type { Books, LedgerLookUp } from "../account/mod.ts";
import { isDeskOrderId } from "../reconciler/mod.ts";
import type { ActorSystem, Admission, StoredActor, Turn, WantedEffect } from "../runtime/mod.ts";
import { orderDifference } from "./account-reading.ts";
import { failuresRule } from "./config.ts";
import type { Counts } from "./counts.ts";
import { type AccountRead, Reconciling, type ReconcilingOptions } from "./reconciling.ts";

/** An event as it goes to an actor; its machine says what else it carries. */
type Carried = EventObject & Readonly<Record<string, unknown>>;

export interface IntakeOptions {
  readonly system: () => ActorSystem;
  readonly books: Books;
  readonly counts: Counts;
  readonly ledger: LedgerLookUp;
  readonly assumptionsOf: ReconcilingOptions["assumptionsOf"];
  readonly moved: ReconcilingOptions["moved"];
}

/**
 * Lets in what venues say. Every fill, by whichever way it comes, is booked first, once, and only
 * then told to its order.
 */
export class Intake {
  readonly reconciling: Reconciling;

  constructor(private readonly options: IntakeOptions) {
    const { system, books, ledger, assumptionsOf, moved } = options;
    this.reconciling = new Reconciling({
      ...{ system, books, assumptionsOf, moved },
      orderOf: (at, { clientOrderId: id, venueOrderId }) =>
        (id === null ? null : ledger.orderByClientOrderId(at, id)) ??
        ledger.orderByVenueOrderId(at, venueOrderId),
      tellFalseProof: (turn, order, found) => this.tellFalseProof(turn, order, found),
    });
  }

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
    this.options.system().turn(input, (turn) => this.tellOrder(turn, at, intent, report.order));
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
    const foreign: Fill[] = [];
    return {
      correlation,
      book: (turn) => this.bookFills(turn, at, fills, booked, foreign),
      act: (turn) => {
        this.tellFills(turn, booked);
        if (event.type === "account.read") {
          const read = event as unknown as AccountRead;
          this.reconciling.take(turn, owner, at, read, foreign);
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
    const { text, cause, code } = event as Carried;
    // A venue that has no amends says so each time: a cancel and another order do as well.
    if (event.type === "amend.refused" && code === "unsupported") return;
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
    foreign: Fill[] = [],
  ): void {
    const { books, counts } = this.options;
    for (const fill of fills) {
      const booking = books.book(at, fill);
      if (booking.type === "foreign") foreign.push(fill);
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
      // What executed was live, whatever has become of it since.
      const { clientOrderId } = fill;
      if (context) this.tellFalseProof(turn, context, { clientOrderId, state: "partial" });
    }
  }

  private tellOrder(turn: Turn, at: VenueAccount, intent: Intent | null, order: VenueOrder): void {
    const system = this.options.system();
    if (!intent) {
      this.tellUnknown(turn, at, order);
      return;
    }
    const name = actorName.order(intent.intentId);
    const context = system.snapshot(name)?.context as OrderContext | undefined;
    if (!context) {
      const archived = system.archivedActor(name);
      if (!livesOn(order, archived)) return;
      this.alarm(`"${name}" has ended, and the venue says it lives`);
      const { context: ended } = (archived?.snapshot ?? {}) as { context?: OrderContext };
      if (ended) this.tellFalseProof(turn, ended, order);
      return;
    }
    if (this.tellFalseProof(turn, context, order)) return;
    system.send(name, { type: "venue.order", order } as Carried);
  }

  /** An order of nobody's here; one with an id such as ours is another desk's, and brakes at once. */
  private tellUnknown(turn: Turn, at: VenueAccount, order: VenueOrder): void {
    this.alarm(`report of order "${order.venueOrderId}", which is not of this ledger`);
    if (!isDeskOrderId(order.clientOrderId) || isTerminal(order.state)) return;
    const system = this.options.system();
    const { text } = orderDifference({ order, kind: "secondDesk" });
    const event = { type: "account.mismatched", differences: [text], at: turn.at };
    system.send(actorName.account(at), event as Carried);
    system.send(actorName.reconciler(at), { type: "reconcile.now" });
  }

  /**
   * An attempt that was taken for absent is there after all: the proof's assumptions are wrong, or
   * what the operator declared is.
   */
  private tellFalseProof(
    turn: Turn,
    order: OrderContext,
    found: Pick<VenueOrder, "clientOrderId" | "state">,
  ): boolean {
    const { intent, declared } = order;
    const { clientOrderId } = found;
    if (clientOrderId === null) return false;
    // One that another took the place of was there, and was ended: its late word is its order's.
    if (order.former?.some((each) => each.clientOrderId === clientOrderId)) return false;
    const wasProved =
      clientOrderId !== order.clientOrderId &&
      order.attempts.some((attempt) => attempt.clientOrderId === clientOrderId);
    const wasDeclared = declared !== undefined && !isTerminal(found.state);
    if (!wasProved && !wasDeclared) return false;
    const how = wasProved ? "was proved absent" : `was declared absent ${declared?.by}`;
    this.options.system().send(actorName.account(intent.at), {
      type: "account.poisoned",
      text: `attempt "${clientOrderId}" of "${intent.intentId}" ${how} and is there`,
      at: turn.at,
    } as Carried);
    return wasProved;
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
