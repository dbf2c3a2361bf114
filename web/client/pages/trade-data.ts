import { useEffect, useRef, useState } from "preact/hooks";
import { type Answer, call } from "../api.ts";
import { onEntries, onGap, type StreamEntry } from "../live.ts";

export type LaneChartData = Answer<"GET /api/v1/lanes/:lane/chart">;
export type Candle = LaneChartData["candles"][number];

export interface LaneCharted {
  readonly data: LaneChartData | null;
  readonly error: string | null;
  readonly readAt: number;
  /** Reads what is older than the first candle, unless it is read already. */
  older(): void;
}

/** Candles at first, and with each step back. */
const pageSize = 400;
/** Candles that are read again when a bar has come: those that it may have changed, and some more. */
const freshSize = 5;
/** Between two readings of what is new, milliseconds. */
const leastPauseMs = 500;

/**
 * A lane's chart around a time, or up to now: then new bars are added as they come. What is read
 * later is laid over what was there.
 */
export function useLaneChart(lane: string, frame: string | null, at: number | null): LaneCharted {
  const [shown, show] = useState<Omit<LaneCharted, "older">>(nothing);
  const older = useRef(() => {});
  useEffect(() => {
    let isOver = false;
    let data: LaneChartData | null = null;
    let isBusy = false;
    let wantsMore = false;
    const ask = (more: { until?: number; count?: number }) =>
      call("GET /api/v1/lanes/:lane/chart", {
        params: { lane },
        query: { ...(frame && { frame }), count: pageSize, ...more },
      });
    const take = async (read: () => Promise<LaneChartData>) => {
      if (isBusy) {
        wantsMore = true;
        return;
      }
      isBusy = true;
      try {
        const next = await read();
        if (isOver) return;
        data = next;
        show({ data, error: null, readAt: Date.now() });
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        if (!isOver) show((last) => ({ ...last, error: text }));
      }
      setTimeout(() => {
        isBusy = false;
        if (wantsMore && !isOver) follow();
      }, leastPauseMs);
    };
    const begin = async () => {
      if (at === null) return ask({});
      // As much after the time as before it, where there is so much.
      const { frameMs } = await ask({ count: 1 });
      return ask({ until: at + (pageSize / 2) * frameMs });
    };
    const follow = () => {
      wantsMore = false;
      if (data === null || at !== null) return;
      const known = data;
      void take(async () => {
        const fresh = await ask({ count: freshSize });
        return isNextTo(known, fresh) ? over(known, fresh) : ask({});
      });
    };
    show(nothing);
    void take(begin);
    older.current = () => {
      const [first] = data?.candles ?? [];
      if (!first || !data?.hasOlder || isBusy) return;
      const known = data;
      void take(async () => over(await ask({ until: first.openedAt }), known));
    };
    const stops = [
      onGap(() => void take(begin)),
      onEntries((entries) => {
        if (entries.some((entry) => concernsLane(entry, lane))) follow();
      }),
    ];
    return () => {
      isOver = true;
      for (const stop of stops) stop();
    };
  }, [lane, frame, at]);
  return { ...shown, older: () => older.current() };
}

/** Whether an entry is of a bar of the lane, or of a position or an order of it. */
export function concernsLane({ kind, subject, actors }: StreamEntry, lane: string): boolean {
  const isOurs = (actor: string) =>
    /^(position|order|scanner):/.test(actor) && `${actor}/`.includes(`/${lane}/`);
  return (kind === "bar" && subject === lane) || actors.some((each) => isOurs(each));
}

const nothing = { data: null, error: null, readAt: 0 } as const;

/** Whether nothing lies between what is known and what is fresh. */
function isNextTo(known: LaneChartData, fresh: LaneChartData): boolean {
  const last = known.candles.at(-1)?.openedAt ?? Number.NEGATIVE_INFINITY;
  const first = fresh.candles[0]?.openedAt ?? Number.POSITIVE_INFINITY;
  return first <= last || !fresh.hasOlder;
}

/** Both together; where both have something, it is the later one's. */
function over(earlier: LaneChartData, later: LaneChartData): LaneChartData {
  const from = later.candles[0]?.openedAt ?? Number.POSITIVE_INFINITY;
  const trades = new Set(later.fills.map(({ tradeId }) => tradeId));
  const positions = new Map(earlier.levels.map((each) => [each.positionId, each]));
  for (const each of later.levels) {
    const before = positions.get(each.positionId);
    // A longer path of the stop is not given up for a part of it.
    const isPart = !each.isWhole && (before?.stops.length ?? 0) > each.stops.length;
    positions.set(each.positionId, isPart && before ? { ...each, stops: before.stops } : each);
  }
  return {
    ...later,
    candles: [...earlier.candles.filter(({ openedAt }) => openedAt < from), ...later.candles],
    fills: [...earlier.fills.filter(({ tradeId }) => !trades.has(tradeId)), ...later.fills],
    levels: [...positions.values()],
    hasOlder: earlier.hasOlder,
    cut: earlier.cut,
  };
}
