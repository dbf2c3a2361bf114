import { type Stream, seededStream } from "./random.ts";
import {
  type Assignment,
  type Dimension,
  drawnFrom,
  gridPoint,
  gridSize,
  randomPoint,
} from "./space.ts";

/** What came of a trial: its objectives by name, null where the sample was too small. */
export type Scores = Readonly<Record<string, number | null>>;

/**
 * How a study chooses its trials. Trials run side by side, so `ask` may come many times before the
 * first `tell`; the same seed and the same tellings in the same order give the same trials.
 */
export interface Search {
  /** Trials in all. */
  readonly size: number;
  /** The next trial's values, or null when there is none any more. */
  ask(): Assignment | null;
  /** Told of each trial that is over: for searches that learn. Scores are null where it failed. */
  tell(point: Assignment, scores: Scores | null): void;
}

/** Every point of the space, in order. @throws {RangeError} beyond `most` trials */
export function gridSearch(dimensions: readonly Dimension[], most = 100_000): Search {
  const size = gridSize(dimensions);
  if (size > most) {
    throw new RangeError(`Cannot try a grid of ${size} points: wanted at most ${most} trials`);
  }
  let next = 0;
  return {
    size,
    ask: () => (next < size ? gridPoint(dimensions, next++) : null),
    tell: () => {},
  };
}

/** Different points drawn by seed; as many as the space has, where it has fewer than wanted. */
export function randomSearch(space: readonly Dimension[], trials: number, seed: number): Search {
  const dimensions = space.map(drawnFrom);
  const isEndless = dimensions.some(({ isContinuous }) => isContinuous);
  const size = isEndless ? trials : Math.min(trials, gridSize(dimensions));
  const stream = seededStream(seed);
  const seen = new Set<string>();
  let asked = 0;
  return {
    size,
    ask() {
      if (asked === size) return null;
      asked += 1;
      return unseen(dimensions, stream, seen);
    },
    tell: () => {},
  };
}

/** Draws in vain before the space is walked through instead: it is nearly used up. */
const drawsMost = 1_000;

function unseen(dimensions: readonly Dimension[], stream: Stream, seen: Set<string>): Assignment {
  const take = (point: Assignment): boolean => {
    const key = JSON.stringify(point);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  };
  for (let draw = 0; draw < drawsMost; draw += 1) {
    const point = randomPoint(dimensions, stream);
    if (take(point)) return point;
  }
  const stepped = dimensions.map(({ isContinuous: _, ...each }) => each);
  for (let number = 0; number < gridSize(stepped); number += 1) {
    const point = gridPoint(stepped, number);
    if (take(point)) return point;
  }
  throw new RangeError("Cannot draw another point: every one of the space was drawn");
}
