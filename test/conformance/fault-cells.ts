/** The fault matrix: every fault of the rehearsal venue's registry, by what it strikes. */
import {
  canStrike,
  type FaultName,
  type FaultOrder,
  type FaultScope,
  faultNames,
  faultRegistry,
  faultScopes,
} from "../../adapters/venues/rehearsal/mod.ts";
import { type DisturbanceName, disturbanceNames, disturbances } from "./disturbances.ts";
import { type Blow, drives } from "./fault-drives.ts";
import { type FaultVenueName, faultVenueNames, faultVenues } from "./fault-venues.ts";
import { differences, ending } from "./fault-verdict.ts";
import { LiveDesk, lateMs, staleMs } from "./live-desk.fixture.ts";

export interface FaultCell {
  readonly venue: FaultVenueName;
  readonly fault: FaultName | DisturbanceName;
  readonly on: FaultScope;
}

const isDisturbance = (name: FaultCell["fault"]): name is DisturbanceName => name in disturbances;

export interface CellOutcome {
  /** How the intent ended, in words. */
  readonly ending: string;
  /** What is not as it has to be; nothing, where all is well. */
  readonly wrong: readonly string[];
}

/** Why a cell has no meaning, or null where it has one. */
export function meaningless({ venue, fault, on }: FaultCell): string | null {
  if (isDisturbance(fault)) return null;
  const { scope, targets } = faultVenues[venue].places[on];
  if (targets.some((target) => canStrike(fault, scope, target))) return null;
  const { applies, targets: own } = faultRegistry[fault];
  if (applies.includes(scope)) return `it strikes ${own?.join(", ")} alone: no order rides on it`;
  if (on === "stream") return "it strikes a request, and a stream has none";
  if (applies.includes("stream")) return "it strikes what the venue says by itself, no request";
  return `it strikes a ${applies.join(", ")} alone`;
}

/** Every cell, row by row. */
export const cells: readonly FaultCell[] = faultVenueNames.flatMap((venue) =>
  [...faultNames, ...disturbanceNames].flatMap((fault) =>
    faultScopes.map((on) => ({ venue, fault, on })),
  ),
);

const delays: Readonly<Partial<Record<FaultCell["fault"], number>>> = {
  acceptLate: lateMs,
  staleRead: staleMs,
  fillAfterCancel: lateMs,
  slow: lateMs,
  delayMessage: lateMs,
};

/** Faults that leave open whether the request was carried out: both are tried. */
const eitherWay: ReadonlySet<FaultCell["fault"]> = new Set([
  ...(["emptyResult", "hangInHeaders", "hangInBody", "tooManyRequests", "banned"] as const),
  ...(["status500", "status503", "status520", "status523", "status524"] as const),
]);

/** Faults under which a read is sound all the same. */
const harmless: ReadonlySet<FaultCell["fault"]> = new Set([
  "slow",
  "staleRead",
  ...disturbanceNames,
]);

type Strike = Pick<FaultOrder, "accepts" | "count">;

/** The fault as it is ordered, once for each request or channel that it is to strike. */
function strikes({ venue, fault, on }: FaultCell, targets: readonly string[], strike: Strike) {
  if (isDisturbance(fault)) return [];
  const { scope } = faultVenues[venue].places[on];
  const delayMs = delays[fault];
  const delay = delayMs === undefined ? {} : { delayMs };
  return targets.map(
    (target): FaultOrder => ({ name: fault, on: [scope], target, ...delay, ...strike }),
  );
}

/** Drives one intent through one fault, on a venue and a desk of their own. */
async function runOnce(cell: FaultCell, accepts: boolean | null): Promise<CellOutcome> {
  const { venue, fault, on } = cell;
  await using world = await LiveDesk.started({
    ...{ venue, hasStream: on === "stream" },
    // A stop or an exit that nobody reports is looked at by the reconciler alone.
    ...(isDisturbance(fault) ? { reconcileMs: 500 } : {}),
  });
  const { control } = world.rehearsal;
  const wrong: string[] = [];
  const { targets } = faultVenues[venue].places[on];
  let struckAt = 0;
  const over: Promise<void>[] = [];
  const strike: Blow["strike"] = (struck, count = 1) => {
    struckAt = control.now;
    const terms = { count, ...(accepts === null ? {} : { accepts }) };
    if (isDisturbance(fault)) over.push(disturbances[fault].strike(control));
    for (const order of strikes(cell, struck, terms)) control.orderFault(order);
  };
  try {
    const isHarmless = harmless.has(fault);
    await drives[on](world, { fault, isHarmless, targets, strike, wrong });
    await Promise.all(over);
    // What the fault put off has come by then, wanted or not.
    const lastAt = struckAt + 2 * (delays[fault] ?? 0);
    await world.until("what comes late", () => control.now > lastAt && world.isSettled);
    wrong.push(...(await differences(world)));
  } catch (error) {
    wrong.push(error instanceof Error ? error.message : String(error));
  }
  const left = control.pendingFaults.filter(({ name }) => name === fault);
  wrong.push(...left.map(({ target }) => `${target} was never struck`));
  // What lasts for a while meets more or fewer requests from run to run.
  return { ending: isDisturbance(fault) ? "the venue's truth" : ending(world), wrong };
}

/** Drives a cell; where its fault leaves open whether the request was carried out, both ways. */
export async function runCell(cell: FaultCell): Promise<CellOutcome> {
  const { fault, on } = cell;
  const isOpen = eitherWay.has(fault) && on !== "read" && on !== "stream";
  if (!isOpen) return await runOnce(cell, null);
  const [done, undone] = await Promise.all([runOnce(cell, true), runOnce(cell, false)]);
  return {
    ending:
      done.ending === undone.ending
        ? done.ending
        : `done: ${done.ending}; not done: ${undone.ending}`,
    wrong: [...done.wrong, ...undone.wrong],
  };
}

/** Runs cells side by side, so many at a time. */
export async function runCells(
  chosen: readonly FaultCell[],
  atOnce = 16,
): Promise<ReadonlyMap<string, CellOutcome>> {
  const outcomes = new Map<string, CellOutcome>();
  const queue = chosen.filter((cell) => meaningless(cell) === null);
  const work = async () => {
    for (let cell = queue.shift(); cell; cell = queue.shift()) {
      outcomes.set(cellName(cell), await runCell(cell));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return outcomes;
}

export const cellName = ({ venue, fault, on }: FaultCell): string => `${venue}/${fault}/${on}`;
