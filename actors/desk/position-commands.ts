import type { AnyMachineSnapshot, EventObject } from "xstate";
import {
  type Command,
  type CommandName,
  type PositionCommandName,
  positionCommandNames,
} from "../../machines/domain/command.ts";
import type { Decimal } from "../../machines/domain/decimal.ts";
import { type ActorKind, accountKey, actorName, kindOf } from "../../machines/domain/ids.ts";
import type { OrderContext } from "../../machines/order.types.ts";
import type { PositionContext } from "../../machines/position.types.ts";

/** A position that is not over, whether it holds anything yet or not. */
export interface PositionView {
  readonly positionId: string;
  readonly account: string;
  readonly symbol: string;
  /** Its machine's state: `opening`, `open`, `closing.stranded` and the like. */
  readonly state: string;
  /** Held, base coin. */
  readonly quantity: Decimal;
  /** The stop that is wanted, which may be tighter than the one that rests. */
  readonly stopPrice: Decimal;
  /** As the venue confirmed it; null while none is known to rest there. */
  readonly restingStop: Decimal | null;
  readonly targetPrice: Decimal | null;
  /** Names of the strategies that voted for it. */
  readonly votedBy: readonly string[];
  /** Why `exit`, or `abandon`, would be refused now; null where it would be obeyed. */
  readonly exitRefused: string | null;
  readonly abandonRefused: string | null;
}

/** What a position's command needs of the desk. */
export interface PositionScope {
  send(actor: string, event: EventObject): void;
  actors(): Iterable<readonly [name: string, snapshot: AnyMachineSnapshot]>;
}

export function isPositionCommand(name: CommandName): name is PositionCommandName {
  return positionCommandNames.some((each) => each === name);
}

/** All positions that are not over, in the order in which they were opened. */
export function positionsOf(actors: ReturnType<PositionScope["actors"]>): PositionView[] {
  const known = new Map(actors);
  const views: PositionView[] = [];
  for (const [name, snapshot] of known) {
    if (!isOf("position", name) || snapshot.hasTag("over")) continue;
    const context = snapshot.context as PositionContext;
    const { positionId, at, symbol, quantity, stopPrice, targetPrice, votedBy, stop } = context;
    views.push({
      ...{ positionId, account: accountKey(at), symbol, quantity, stopPrice, targetPrice, votedBy },
      state: stateText(snapshot.value),
      restingStop: stop && !stop.ended ? (stop.live?.stopPrice ?? null) : null,
      ...refusalsOf(snapshot, (name) => known.get(name)),
    });
  }
  return views;
}

/** Why an operator could not leave a position that is not over, or give up its entry; null if so. */
export function refusalsOf(
  snapshot: AnyMachineSnapshot,
  actor: (name: string) => AnyMachineSnapshot | undefined,
): Pick<PositionView, "exitRefused" | "abandonRefused"> {
  const { entry } = snapshot.context as PositionContext;
  return {
    exitRefused: exitRefusal(snapshot),
    abandonRefused: abandonRefusal(snapshot, actor(actorName.order(entry.intentId))),
  };
}

/** What the command is answered with, or why it is refused: said before anything happens. */
export function judgePosition({ name, target }: Command, scope: PositionScope) {
  const refuse = (why: string) => ({ done: false, text: `Cannot ${name}: ${why}` });
  const known = new Map(scope.actors());
  const id = target ?? "";
  const snapshot = known.get(actorName.position(id));
  if (!snapshot) {
    const open = positionsOf(known).map(({ positionId }) => positionId);
    const wanted = open.length === 0 ? "none: none is open" : `one of ${open.join(", ")}`;
    return refuse(`no position "${id}" is open, wanted ${wanted}`);
  }
  if (snapshot.hasTag("over")) return refuse(`position "${id}" is over`);
  const why =
    name === "exit"
      ? exitRefusal(snapshot)
      : refusalsOf(snapshot, (each) => known.get(each)).abandonRefused;
  if (why !== null) return refuse(`position "${id}": ${why}`);
  const text =
    name === "exit"
      ? `"${id}" is being left: what rests of it is cancelled, what it holds is sold at market`
      : `the entry of "${id}" is being cancelled: what it bought stays, and stays protected`;
  return { done: true, text };
}

/** Sends what the command means, within its turn: the position's own machine does the rest. */
export function obeyPosition({ name, target }: Command, scope: PositionScope): void {
  const type = name === "exit" ? "exit.wanted" : "entry.abandon";
  scope.send(actorName.position(target ?? ""), { type, reason: "operator" } as EventObject);
}

/** One whose exit failed is sold again at once; any other exit under way needs no second one. */
function exitRefusal(snapshot: AnyMachineSnapshot): string | null {
  const { exitReason, exitHeld } = snapshot.context as PositionContext;
  const isLeaving = snapshot.matches("switching") || snapshot.matches("closing");
  if (!isLeaving && (exitReason === null || exitHeld)) return null;
  return `it is being left already${exitReason === null ? "" : ` (${exitReason})`}`;
}

function abandonRefusal(
  snapshot: AnyMachineSnapshot,
  entry: AnyMachineSnapshot | undefined,
): string | null {
  const { entryEnded } = snapshot.context as PositionContext;
  if (entryEnded || !entry || entry.hasTag("over")) return "its entry does not work any more";
  const { cancelReason } = entry.context as OrderContext;
  return cancelReason === null ? null : `its entry is being cancelled already (${cancelReason})`;
}

const isOf = (kind: ActorKind, name: string): boolean => kindOf(name) === kind;

function stateText(value: unknown): string {
  if (typeof value === "string") return value;
  const [[state, inner] = []] = Object.entries(value as object);
  return `${state}.${stateText(inner)}`;
}
