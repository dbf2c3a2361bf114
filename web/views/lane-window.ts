import type { BarEvaluated, JournalTape, LevelChange } from "./journal-tape.ts";

/** Stretches of the journal that one request walks, at most. */
const stretchesMost = 800;
/** And those more in which the beginnings of positions are looked for. */
const stretchesForLevels = 240;

export interface WindowWanted {
  readonly lane: string;
  /** What the ids of its positions begin with. */
  readonly prefix: string;
  /** Open times below this, Unix milliseconds; infinite for up to now. */
  readonly until: number;
  /** Bars wanted. */
  readonly count: number;
}

export interface LaneWindow {
  /** Oldest first. */
  readonly bars: readonly BarEvaluated[];
  /** Of the lane's positions, oldest first. */
  readonly levels: readonly LevelChange[];
  readonly hasOlder: boolean;
  /** Whether so much of the journal was walked that it was left at that. */
  readonly isCut: boolean;
}

/**
 * Reads a lane's bars backwards from a time, and the levels of its positions; somewhat further where
 * a position that `held` names, given the first bar's time, began before.
 */
export async function laneWindow(
  tape: JournalTape,
  { lane, prefix, until, count }: WindowWanted,
  held: (from: number) => readonly string[],
): Promise<LaneWindow> {
  const parts: (readonly BarEvaluated[])[] = [];
  const levels: (readonly LevelChange[])[] = [];
  let found = 0;
  let walked = 0;
  let further = 0;
  const begun = new Set<string>();
  let missing: ReadonlySet<string> | null = null;
  let isCut = false;
  for await (const stretch of tape.backwards(lane, until)) {
    const own = stretch.levels.filter(({ positionId }) => positionId.startsWith(prefix));
    levels.push(own);
    for (const { isFirst, positionId } of own) if (isFirst) begun.add(positionId);
    if (missing === null) {
      const bars = stretch.bars.filter(({ bar }) => bar.openedAt < until);
      parts.push(bars);
      found += bars.length;
      walked += 1;
      isCut = walked >= stretchesMost && found <= count;
      if (found <= count && !isCut) continue;
      missing = new Set(held(parts.at(-1)?.[0]?.bar.openedAt ?? 0));
    }
    further += 1;
    if ([...missing].every((id) => begun.has(id)) || further >= stretchesForLevels) break;
  }
  const all = parts.reverse().flat();
  const bars = all.slice(-count);
  const oldest = await tape.first(lane);
  return {
    bars,
    levels: levels.reverse().flat(),
    hasOlder: bars[0] !== undefined && oldest !== null && oldest.seq < bars[0].seq,
    isCut,
  };
}
