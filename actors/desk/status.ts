import type { DeskContext } from "../../machines/desk.machine.ts";
import type { Brake } from "../../machines/domain/brake.ts";
import type { Decimal } from "../../machines/domain/decimal.ts";
import { actorName } from "../../machines/domain/ids.ts";
import type { VenueOrder } from "../../machines/domain/order.ts";
import type { Books } from "../account/mod.ts";
import type { ActorSystem, JournalHead } from "../runtime/mod.ts";
import type { StrategyStanding } from "../scanner/mod.ts";
import type { Brain } from "./brain.ts";
import type { DeskConfig, DeskMode } from "./config.ts";
import type { Counts } from "./counts.ts";

/** What the desk is, as far as it is durable. */
export interface DeskStatus {
  readonly mode: DeskMode;
  readonly state: "reconciling" | "running" | "braked";
  readonly brakes: readonly Brake[];
  readonly counts: Readonly<Counts>;
  /** Quote coin. */
  readonly equity: Decimal;
  readonly quote: string;
  /** The desk's time: virtual in a run from files. */
  readonly at: number;
  readonly journalHead: JournalHead;
  readonly alarms: number;
  readonly lastAlarm: string | null;
  readonly foreignOrders: number;
  /** How each strategy does by its own results, and which are switched off. */
  readonly strategies: readonly StrategyStanding[];
  readonly positions: readonly { positionId: string; state: string; quantity: Decimal }[];
}

interface StatusParts {
  readonly config: DeskConfig;
  readonly system: ActorSystem;
  readonly books: Books;
  readonly counts: Counts;
  readonly brain: Brain;
  readonly brakes: readonly Brake[];
  readonly equity: Decimal;
  readonly at: number;
  /** Orders of nobody's here, by account. */
  readonly foreign: ReadonlyMap<string, readonly VenueOrder[]>;
}

/** Puts together what is said of the desk. */
export function statusOf(parts: StatusParts): DeskStatus {
  const { config, system, books, counts, brain, brakes, equity, at, foreign } = parts;
  const desk = system.snapshot(actorName.desk)?.context as DeskContext;
  const isGated = system.snapshot(actorName.account(config.at))?.hasTag("gated") ?? true;
  const positions = [...books.openPositions()].map(({ positionId, quantity }) => {
    const value = system.snapshot(actorName.position(positionId))?.value;
    return { positionId, state: typeof value === "string" ? value : "closing", quantity };
  });
  return {
    mode: config.mode,
    state: isGated ? "reconciling" : brakes.length > 0 ? "braked" : "running",
    brakes,
    counts: { ...counts, codes: { ...counts.codes } },
    equity,
    quote: config.quote,
    at,
    journalHead: system.committedHead,
    alarms: desk.alarms,
    lastAlarm: desk.lastAlarm,
    foreignOrders: [...foreign.values()].reduce((total, each) => total + each.length, 0),
    positions,
    strategies: brain.standing.view(),
  };
}
