import type { AnyMachineSnapshot } from "xstate";
import type { Decimal } from "../../machines/domain/decimal.ts";
import { accountKey, actorName, type LaneName, lanePath } from "../../machines/domain/ids.ts";
import { type Instrument, priceOfTicks } from "../../machines/domain/instrument.ts";
import type { Intent } from "../../machines/domain/order.ts";
import type { ExitReason, PositionRow } from "../../machines/domain/position.ts";
import type { OrderContext, Terms } from "../../machines/order.types.ts";
import type { PositionContext } from "../../machines/position.types.ts";
import type { ScannerContext } from "../../machines/scanner.machine.ts";
import type { Books } from "../account/mod.ts";
import { defaultFrames } from "../market/mod.ts";
import type { ActorSystem } from "../runtime/mod.ts";
import type { ConfluenceEvaluation, FramePlane } from "../scanner/mod.ts";
import type { Brain } from "./brain.ts";
import { type DeskConfig, type Lane, lanesOf } from "./config.ts";
import { refusalsOf } from "./position-commands.ts";

/** A lane as it stands, as far as that is durable: its plane, its position and its orders. */
export interface LaneView {
  readonly lane: LaneName;
  readonly instrument: Instrument;
  /** `paper:main`. */
  readonly account: string;
  /** Whose prices it goes by, where the desk trades in several markets. */
  readonly market: string | null;
  /** Length of a bar, and of every frame that votes, milliseconds, the base first. */
  readonly baseMs: number;
  readonly frames: readonly number[];
  readonly bars: number;
  readonly warmup: number;
  readonly isWarm: boolean;
  /** Quote coin; null before the first bar. */
  readonly price: Decimal | null;
  /** When the last bar closed, Unix milliseconds; null before the first. */
  readonly lastClosedAt: number | null;
  /** What the last bar came to; null before the first. Distances in ticks. */
  readonly evaluation: ConfluenceEvaluation | null;
  /** Strategies that failed too often to be heard. */
  readonly quarantined: readonly string[];
  readonly scanner: {
    readonly actor: string;
    readonly state: string;
    /** When a cool-down ends, Unix milliseconds. */
    readonly until: number | null;
  };
  readonly positions: readonly PositionView[];
  readonly orders: readonly OrderView[];
}

/** A live position of a lane. Prices in quote coin, quantities in base coin. */
export interface PositionView {
  readonly positionId: string;
  readonly actor: string;
  readonly state: string;
  readonly tags: readonly string[];
  readonly quantity: Decimal;
  readonly entryPrice: Decimal | null;
  readonly entryEnded: boolean;
  readonly initialStop: Decimal;
  /** The desk's own level, and what is known to rest at the venue. */
  readonly stopPrice: Decimal;
  readonly restingStop: Terms | null;
  readonly targetPrice: Decimal | null;
  readonly exitReason: ExitReason | null;
  readonly votedBy: readonly string[];
  /** The journal record that last changed it. */
  readonly seq: number;
  /** Why `exit`, or `abandon`, would be refused now; null where it would be obeyed. */
  readonly exitRefused: string | null;
  readonly abandonRefused: string | null;
  /** Its row in the books; null before its first fill. */
  readonly row: PositionRow | null;
}

/** An order that has not ended, or only just. */
export interface OrderView {
  readonly intent: Intent;
  readonly actor: string;
  readonly state: string;
  /** `inFlight`: an answer is waited for. `unknown`: nobody knows its fate. `over`: it has ended. */
  readonly tags: readonly string[];
  readonly live: Terms;
  /** As the desk wants it, where that is not what the venue holds. */
  readonly wanted: Terms | null;
  readonly filled: Decimal;
  readonly clientOrderId: string;
  readonly venueOrderId: string | null;
  readonly attempts: number;
  readonly lookUps: number;
  /** Since when its fate is not known, Unix milliseconds; null where it is. */
  readonly doubtSince: number | null;
  readonly reason: string | null;
}

interface LaneParts {
  readonly config: DeskConfig;
  readonly system: ActorSystem;
  readonly books: Books;
  readonly brain: Brain;
}

interface Named {
  readonly name: string;
  readonly snapshot: AnyMachineSnapshot;
  readonly seq: number;
}

/** Every lane of a desk whose turns are committed. */
export function laneViews(parts: LaneParts): readonly LaneView[] {
  const { config, system } = parts;
  const positions: Named[] = [];
  const orders: Named[] = [];
  for (const actor of system.live) {
    if (actor.kind === "position") positions.push(actor);
    else if (actor.kind === "order") orders.push(actor);
  }
  return lanesOf(config).map((lane) => laneView(lane, { ...parts, positions, orders }));
}

interface LaneScene extends LaneParts {
  readonly positions: readonly Named[];
  readonly orders: readonly Named[];
}

function laneView(lane: Lane, scene: LaneScene): LaneView {
  const { brain, books, system } = scene;
  const { account, traded, strategy } = lane;
  const { instrument, timeframeMs } = traded;
  const plane = brain.planes.get(lane.lane) as FramePlane;
  const isBegun = plane.bars > 0;
  const prefix = `${lanePath(account.at, lane.lane)}/`;
  const isOurs = (id: string) => id.startsWith(prefix) && /^\d+$/.test(id.slice(prefix.length));
  return {
    lane: lane.lane,
    instrument,
    account: accountKey(account.at),
    market: account.market ?? null,
    baseMs: timeframeMs,
    frames: strategy.frames?.map((each) => each * timeframeMs) ?? defaultFrames(timeframeMs),
    ...{ bars: plane.bars, warmup: plane.warmup, isWarm: plane.isWarm },
    price: isBegun ? priceOfTicks(instrument, plane.price) : null,
    lastClosedAt: isBegun ? plane.lastClosedAt : null,
    evaluation: isBegun ? evaluationOf(plane, instrument.symbol) : null,
    quarantined: plane.quarantined(),
    scanner: scannerView(lane, system),
    positions: scene.positions
      .filter(({ name }) => isOurs(name.slice("position:".length)))
      .map((actor) => positionView(actor, books, system))
      .sort((a, b) => (a.positionId < b.positionId ? -1 : 1)),
    orders: scene.orders
      .filter(({ snapshot }) => isOurs((snapshot.context as OrderContext).intent.positionId))
      .map(orderView)
      .sort((a, b) => a.intent.createdAt - b.intent.createdAt),
  };
}

function evaluationOf(plane: FramePlane, symbol: string): ConfluenceEvaluation {
  const { lastClose: close, lastClosedAt, baseMs } = plane;
  const flat = { open: close, high: close, low: close, close, volume: 0 };
  return plane.evaluation({
    ...{ symbol, openedAt: lastClosedAt - baseMs, timeframeMs: baseMs },
    ...flat,
  });
}

function scannerView({ account, lane }: Lane, system: ActorSystem): LaneView["scanner"] {
  const actor = actorName.scanner(account.at, lane);
  const snapshot = system.snapshot(actor);
  const state = stateText(snapshot?.value);
  const { coolDownMs } = (snapshot?.context ?? {}) as Partial<ScannerContext>;
  const [timer] = coolDownMs === undefined ? [] : system.timers.of(actor);
  return { actor, state, until: state === "coolingDown" && timer ? timer.deadline : null };
}

function positionView(
  { name: actor, snapshot, seq }: Named,
  books: Books,
  system: ActorSystem,
): PositionView {
  const context = snapshot.context as PositionContext;
  const { positionId, quantity, entry, entryEnded, initialStop, stopPrice, stop } = context;
  const isOver = snapshot.hasTag("over");
  const refusals = isOver
    ? { exitRefused: "it is over", abandonRefused: "it is over" }
    : refusalsOf(snapshot, (name) => system.snapshot(name));
  return {
    ...{ positionId, actor, seq, quantity, entryEnded, initialStop, stopPrice, ...refusals },
    state: stateText(snapshot.value),
    tags: [...snapshot.tags].sort(),
    entryPrice: entry.price,
    restingStop: stop && !stop.ended ? stop.live : null,
    targetPrice: context.targetPrice,
    exitReason: context.exitReason,
    votedBy: context.votedBy,
    row: books.position(positionId) ?? null,
  };
}

function orderView({ name: actor, snapshot }: Named): OrderView {
  const context = snapshot.context as OrderContext;
  const { intent, live, wanted, filled, clientOrderId, venueOrderId, lookUps, reason } = context;
  const tags = [...snapshot.tags].sort();
  return {
    ...{ intent, actor, tags, live, wanted, filled, clientOrderId, venueOrderId, lookUps, reason },
    state: stateText(snapshot.value),
    attempts: context.attempts.length,
    doubtSince: tags.includes("unknown") ? context.doubtSince : null,
  };
}

/** `live.held.open live.asked.none`: every active leaf of a state. */
export function stateText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return "none";
  return Object.entries(value)
    .map(([name, inner]) =>
      stateText(inner)
        .split(" ")
        .map((each) => `${name}.${each}`)
        .join(" "),
    )
    .join(" ");
}
