import type { EventObject } from "xstate";
import { assert } from "../../machines/domain/assert.ts";
import type { Brake } from "../../machines/domain/brake.ts";
import type { Decimal } from "../../machines/domain/decimal.ts";
import {
  type ActorKind,
  accountKey,
  accountOfActor,
  actorKinds,
  actorName,
  type VenueAccount,
} from "../../machines/domain/ids.ts";
import type { OrderContext } from "../../machines/order.types.ts";
import type { PositionContext } from "../../machines/position.types.ts";
import type { Books, LedgerHistory } from "../account/mod.ts";
import type {
  ActorSystem,
  Clock,
  RuntimeStore,
  SetAside,
  StateChange,
  Turn,
} from "../runtime/mod.ts";
import type { DeskConfig } from "./config.ts";
import type { Intake } from "./intake.ts";
import type { Memory } from "./memory.ts";
import { rebuildInput } from "./rebuild.ts";
import { salvagedBrakes, salvagedCancelReason } from "./salvage.ts";
import { type BookedFill, Untold } from "./untold.ts";

export interface RecoveryOptions {
  readonly config: () => DeskConfig;
  readonly system: () => ActorSystem;
  readonly store: RuntimeStore;
  readonly ledger: LedgerHistory;
  readonly books: Books;
  readonly memory: Memory;
  readonly intake: Intake;
  readonly clock: Clock;
  /** The symbol's last price on an account that is known, or null. */
  readonly lastClose: (at: VenueAccount, symbol: string) => Decimal | null;
}

/** States in which a position goes on, though no stop is known to rest for it. */
const goesOn = ["protecting", "unprotected", "unprotectable", "bare"];

const ownSpace = "recovery";
const restartPrefix = "restart/";

/** A position asks after its orders, a scanner after its position: these are there before. */
const rebuildOrder: readonly string[] = ["desk", "order", "position"];

function childKind(name: string): ActorKind | undefined {
  return actorKinds.find((each) => name === each || name.startsWith(`${each}:`));
}

/** The child whose restart a turn was, or null. */
function restartedIn({ input }: Turn): string | null {
  if (input.kind !== "timer") return null;
  const { id } = input.payload as { readonly id: string };
  return id.startsWith(restartPrefix) ? id.slice(restartPrefix.length) : null;
}

/** What follows from what went wrong: turns that were undone, snapshots that nobody takes. */
export class Recovery {
  /** A brake that the root itself could not set; it is tried again at the next start. */
  pendingBrake: Brake | null = null;
  private readonly undone: Turn[] = [];
  private readonly untold = new Untold();
  private changed: StateChange[] = [];

  constructor(private readonly options: RecoveryOptions) {}

  /** Goes on from what an earlier run could not finish. */
  restore(): void {
    const { store } = this.options;
    this.untold.restore(store.stateOf("untold"));
    this.pendingBrake = (store.stateOf(ownSpace).get("brake") as Brake | undefined) ?? null;
  }

  /** Sets the brake that the root could not take before. */
  retryBrake(): void {
    const brake = this.pendingBrake;
    if (!brake) return;
    const { brakeId: _, since, ...rest } = brake;
    const input = { kind: "poison", subject: actorName.desk, payload: { again: brake } };
    const { failure } = this.options.system().turn(input, () => {
      this.tellRoot({ type: "brake.on", ...rest, at: since });
    });
    if (!failure) this.keep(null);
  }

  /** Takes note of a turn that is over. */
  note(turn: Turn): void {
    if (turn.failure) {
      this.undone.push(turn);
      for (const change of turn.booked) if (change.table === "fills") this.untold.add(change.row);
    } else if (restartedIn(turn) !== null) this.untold.retry();
  }

  /** Brakes for each turn that was undone, counts its fault, and tells the fills that it lost. */
  answer(): void {
    while (this.undone.length > 0 || !this.untold.isEmpty) {
      const turn = this.undone.shift();
      const fill = turn ? null : this.untold.next();
      if (turn) this.brakeAfter(turn);
      else if (fill) this.tell(fill);
      else return;
    }
  }

  /** Replaces the actors whose snapshot could not be restored; the snapshots are kept for a look. */
  makeAllAnew(setAside: readonly SetAside[]): void {
    const rank = ({ actor }: SetAside): number => {
      const index = rebuildOrder.indexOf(actor.kind);
      return index < 0 ? rebuildOrder.length : index;
    };
    for (const each of setAside.toSorted((a, b) => rank(a) - rank(b))) this.makeAnew(each);
  }

  private makeAnew(setAside: SetAside): void {
    const { system, memory } = this.options;
    const { actor, error } = setAside;
    const { name, version } = actor;
    const kind = childKind(name);
    memory.setAside(actor);
    const input = this.inputFor(setAside);
    const payload = { error, version, isRebuilt: input !== null };
    if (input === null && kind !== "desk") system().discard(setAside);
    system().turn({ kind: "setAside", subject: name, payload }, ({ at }) => {
      if (input !== null) system().rebuild(name, input);
      this.tellRoot({
        type: "alarm.raised",
        from: name,
        text: `Cannot restore snapshot: ${error}`,
      });
      if (kind === "desk") this.putBrakesBack(actor.snapshot);
      if (kind === "order") this.askAgain(name, actor.snapshot);
      // The root kept the brakes: without its word, none can be taken to be off.
      if (input !== null && kind !== "breaker") return;
      this.tellRoot({
        type: "brake.on",
        kind: "supervision",
        rule: name,
        scope: "desk",
        reason: `the state of "${name}" could not be restored: ${error}`,
        releasedBy: "brake release, once positions and brakes were looked at",
        at,
      });
    });
  }

  /** Within a turn that wants an archived actor back: what to make it anew with. */
  reviveAnew(setAside: SetAside): unknown {
    const { name } = setAside.actor;
    this.options.memory.setAside(setAside.actor);
    const text = `Cannot restore archived snapshot: ${setAside.error}`;
    this.tellRoot({ type: "alarm.raised", from: name, text });
    return this.inputFor(setAside);
  }

  /** What changed since the last commit. */
  changes(): StateChange[] {
    const { changed } = this;
    this.changed = [];
    return [...changed, ...this.untold.changes()];
  }

  private tellRoot(event: object): void {
    this.options.system().send(actorName.desk, event as EventObject);
  }

  private inputFor({ actor }: SetAside): unknown {
    const { config, ledger, books, clock, system, lastClose } = this.options;
    if (childKind(actor.name) !== actor.kind) return null;
    return rebuildInput(actor.name, {
      config: config(),
      ledger,
      books,
      at: clock.now(),
      snapshot: actor.snapshot,
      actors: () => system().actors(),
      untold: (positionId) => this.untoldOf(positionId),
      lastClose,
    });
  }

  /** Fills that the position's row counts and its actor is yet to hear of. */
  private untoldOf(positionId: string): BookedFill[] {
    // An intent's id begins with its position's.
    const prefix = `${positionId}/`;
    const booked = this.options.system().turnUnderWay()?.booked ?? [];
    const now = booked.flatMap((change) => (change.table === "fills" ? [change.row] : []));
    return [...this.untold.of(prefix), ...now.filter((each) => each.intentId.startsWith(prefix))];
  }

  private brakeAfter(turn: Turn): void {
    const { failure, input } = turn;
    assert(failure !== null, "Cannot answer a turn that did not fail");
    const { actor: name, error } = failure;
    const text = `turn "${input.kind}" of "${input.subject}" was undone: ${error}`;
    const brake = {
      kind: "poison",
      scope: accountOfActor(name) ?? this.scopeOfAll(),
      reason: text,
      releasedBy: "the operator, once the cause is known",
    } as const;
    if (input.kind === "poison") {
      // Not even the root takes it: the brake is held here, for nothing must get by.
      this.keep({ ...brake, brakeId: `poison/${brake.scope}`, since: turn.at });
      return;
    }
    const payload = { ...failure, kind: input.kind, subject: input.subject };
    this.options.system().turn({ kind: "poison", subject: name, payload }, ({ at }) => {
      this.tellRoot({ type: "brake.on", ...brake, at });
      const restarted = restartedIn(turn);
      const failed = restarted ?? name;
      const kind = childKind(failed);
      // What could not even be made has nothing to be restarted from.
      if (!kind || !this.options.system().find(failed)) return;
      const type = restarted === null ? "child.faulted" : "child.restartFailed";
      this.tellRoot({ type, name: failed, kind, error, at });
    });
  }

  /** What no account's actor failed in: the whole desk's, or its one account's. */
  private scopeOfAll(): string {
    const { at, others = [] } = this.options.config();
    return others.length === 0 ? accountKey(at) : "desk";
  }

  private keep(brake: Brake | null): void {
    if (brake === this.pendingBrake) return;
    this.pendingBrake = brake;
    this.changed.push({ space: ownSpace, key: "brake", value: brake });
  }

  private tell(fill: BookedFill): void {
    const { books, intake, system } = this.options;
    const { venueAccount, clientOrderId, venueOrderId, tradeId } = fill;
    const intent = books.intentOf(venueAccount, clientOrderId, venueOrderId);
    assert(intent !== null, `Cannot tell fill "${tradeId}": it is of no order`);
    const { positionId: correlation, intentId } = intent;
    const input = { kind: "untold", subject: actorName.order(intentId), correlation };
    const { failure } = system().turn({ ...input, payload: { tradeId } }, (turn) =>
      intake.tellFills(turn, [[intent, fill]]),
    );
    if (!failure) this.untold.told(fill);
  }

  private putBrakesBack(snapshot: unknown): void {
    for (const { brakeId, kind, scope, reason, since, releasedBy } of salvagedBrakes(snapshot)) {
      const rule = brakeId.slice(kind.length + 1, -(scope.length + 1));
      const named = rule === "" ? {} : { rule };
      this.tellRoot({ type: "brake.on", kind, scope, ...named, reason, releasedBy, at: since });
    }
  }

  /** What was wanted of an order and is not in the ledger: its position knows, if it lives. */
  private askAgain(name: string, snapshot: unknown): void {
    const system = this.options.system();
    const order = system.find(name)?.getSnapshot().context as OrderContext | undefined;
    if (!order) return;
    const { intentId, positionId, role } = order.intent;
    const position = system.snapshot(actorName.position(positionId));
    const { stop } = (position?.context ?? {}) as Partial<PositionContext>;
    if (stop?.intentId === intentId) {
      system.send(name, { type: "order.amend", wanted: stop.asked } as EventObject);
    }
    const closes =
      position?.hasTag("unprotected") && !goesOn.some((state) => position.matches(state));
    const isAsked = closes && role !== "exit" ? "position closes" : null;
    const reason = salvagedCancelReason(snapshot) ?? isAsked;
    if (reason !== null) system.send(name, { type: "order.cancel", reason } as EventObject);
  }
}
