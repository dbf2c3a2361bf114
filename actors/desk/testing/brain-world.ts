/** A desk's brain seen from inside, and made anew beside it from what the journal has. */
import type { Decision } from "../../../machines/domain/decision.ts";
import { actorName } from "../../../machines/domain/ids.ts";
import type { PositionRow } from "../../../machines/domain/position.ts";
import type { PositionContext } from "../../../machines/position.types.ts";
import type { ScannerContext } from "../../../machines/scanner.machine.ts";
import { type JournalRecord, keyedDraws } from "../../runtime/mod.ts";
import type { FramePlane } from "../../scanner/mod.ts";
import type { Brain } from "../brain.ts";
import { type DeskConfig, type Lane, lanesOf } from "../config.ts";
import { Desk } from "../desk.ts";
import type { DeskOptions } from "../options.ts";
import { createPlane, planeRecordKinds, takeRecord } from "../planes.ts";
import { at, config, type DeskWorld, minute, type Traded } from "./desk-world.ts";

/** Fields that no door leads to. */
interface Inside {
  readonly brain: Brain;
  readonly options: DeskOptions;
}

const inside = (world: DeskWorld): Inside => world.desk as unknown as Inside;

/** The data plane that decides on a symbol. */
export function planeOf(world: DeskWorld, symbol: Traded): FramePlane {
  const plane = inside(world).brain.planes.get(symbol);
  if (!plane) throw new RangeError(`Cannot find data plane of "${symbol}"`);
  return plane;
}

/** Gives a world that was not started another desk: as its own, with some options of the test's. */
export function withOptions(world: DeskWorld, parts: Partial<DeskOptions>): DeskWorld {
  return Object.assign(world, { desk: new Desk({ ...inside(world).options, ...parts }) });
}

/** Evaluations of a symbol in the journal, oldest first; all that happened is made durable. */
export function evaluationsOf(world: DeskWorld, symbol: Traded): JournalRecord[] {
  world.desk.commit();
  const kinds: readonly string[] = planeRecordKinds;
  return [...world.reader.journal.range()].filter(
    ({ kind, subject }) => subject === symbol && kinds.includes(kind),
  );
}

/** What one evaluation let in. */
export const inputOf = ({ content }: JournalRecord): Readonly<Record<string, unknown>> =>
  (JSON.parse(content) as { input: Readonly<Record<string, unknown>> }).input;

/** What one evaluation came to. */
export const decisionOf = ({ content }: JournalRecord): Decision =>
  (JSON.parse(content) as { decision: Decision }).decision;

/** A data plane of the configuration that has heard nothing yet. */
export function newPlane(config: DeskConfig, symbol: Traded): FramePlane {
  const lane = lanesOf(config).find((each) => each.lane === symbol);
  return createPlane(lane as Lane, config.stop, { onFailure: () => {} });
}

/** A data plane that heard the records from the start under one configuration. */
export function planeAfter(
  config: DeskConfig,
  symbol: Traded,
  records: readonly JournalRecord[],
): FramePlane {
  const plane = newPlane(config, symbol);
  for (const record of records) takeRecord(plane, record);
  return plane;
}

/** Bytes of numbers, for comparing them bit by bit: NaN and -0 included. */
export function bitsOf({ buffer }: Float64Array | Float32Array): string {
  return Buffer.from(buffer as ArrayBuffer).toString("hex");
}

/** All that a plane has learned, bit for bit, and under what. */
export function stateOf(plane: FramePlane): { readonly key: string; readonly bits: string } {
  const { key, values } = plane.save();
  return { key, bits: bitsOf(values) };
}

/** The position that a symbol is in, as its actor has it; null between two. */
export function positionOf(world: DeskWorld, symbol: Traded): PositionContext | null {
  const scanner = world.snapshot(actorName.scanner(at, symbol))?.context as ScannerContext;
  if (scanner.positionId === null) return null;
  return world.snapshot(actorName.position(scanner.positionId))?.context as PositionContext;
}

/** Positions as the ledger has them, oldest first; all that happened is made durable. */
export function rowsOf(world: DeskWorld): PositionRow[] {
  world.desk.commit();
  return [...world.reader.books.eachPosition()];
}

const draws = keyedDraws(20_260_105);

/** Closes in ticks that wander from 100000 with a trend that turns every `turn` bars or so. */
export function wandering(count: number, turn = 20): number[] {
  const closes: number[] = [];
  let close = 100_000;
  for (let index = 0; index < count; index += 1) {
    const drawn = Number.parseInt(draws.hex(`bar ${index}`, "close", 8), 16) / 2 ** 32;
    const trend = Math.sin((index / turn) * Math.PI) * 0.0018;
    close = Math.round(close * (1 + trend + (drawn - 0.5) * 0.004));
    closes.push(close);
  }
  return closes;
}

/** Two positions are enough for a strategy to be switched off by; no hour's results sway. */
export const swift = {
  ...config.strategy.standing,
  ...{ window: 2, minTrades: 2, disableBelow: 0.5, disabledMs: 30 * minute },
  ...{ minSessionTrades: 1_000 },
};

/** The trend calls; order flow is silent for want of a book, but is another one that is on. */
export const losing: DeskConfig = {
  ...config,
  strategy: {
    ...config.strategy,
    votes: {
      ...config.strategy.votes,
      orderFlow: {
        weight: 0.15,
        parameters: { smoothing: 2, threshold: 0.2, maxSuspicion: 0.5 },
      },
    },
    standing: swift,
  },
  coolDownBars: 1,
};

/** What each record of a symbol says of standings, where it says something. */
export function toldOf(world: DeskWorld, symbol: Traded) {
  return evaluationsOf(world, symbol)
    .map(inputOf)
    .flatMap(({ openedAt, standing, notes }) =>
      standing || notes ? [{ openedAt, standing, notes }] : [],
    );
}
