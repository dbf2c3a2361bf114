/** What a run saw and decided, moment by moment: what analyses compare. */
import { lanesOf } from "../../actors/desk/mod.ts";
import { createPlane } from "../../actors/desk/planes.ts";
import type { CandleSource } from "../../actors/market/ports.ts";
import type { Seen } from "../../actors/research/mod.ts";
import { confluenceNumberNames, type FramePlane } from "../../actors/scanner/mod.ts";
import type { Decision } from "../../machines/domain/decision.ts";
import type { Candle } from "../../machines/domain/market.ts";
import { compose } from "../cli/compose.ts";
import type { RunConfig } from "../cli/run-config.ts";
import { unpaced } from "../clock/pace.ts";

/** Runs over a source and tells what it saw: the shipped ones below, or a test's own. */
export type Look = (source: CandleSource) => Promise<readonly Seen[]> | readonly Seen[];

/** Every decision of a desk on the source: the run of `backtest`, seen from its gates. */
export function decisionsOf(config: RunConfig): Look {
  return async (source) => {
    const seen: Seen[] = [];
    // A move may come at the very time at which a bar closed.
    const note = (of: string) => (decisions: readonly Decision[]) => {
      for (const { at, symbol, outcome, code, gate } of decisions) {
        const gateText = gate === null ? "" : `${gate.name} ${gate.value} ${gate.limit}`;
        seen.push({ at, subject: `${symbol}${of}`, values: { outcome, code, gate: gateText } });
      }
    };
    using parts = compose({
      ...{ config, source, ledgerFile: ":memory:", until: null },
      pace: () => unpaced(),
      reached: () => {},
      onBar: note(""),
      onMove: note(", on a move"),
    });
    const { desk, run } = parts;
    await desk.start(() => run.takeReports());
    await run.run();
    desk.stop();
    return seen;
  };
}

/** Whether it was decided to act: where a look-ahead shows first. */
export function isActed({ values }: Seen): boolean {
  return values.outcome === "trade" || values.code === "exit";
}

/** Candles of all symbols in order of their closes, then of the source. */
export function* candlesOf(source: CandleSource): Iterable<Candle> {
  const heads = source.symbols.map(({ symbol }) => {
    const cursor = source.cursor(symbol, 0);
    return { cursor, candle: cursor.next() };
  });
  for (;;) {
    let first: (typeof heads)[number] | null = null;
    let earliest = Number.POSITIVE_INFINITY;
    for (const head of heads) {
      if (head.candle === null) continue;
      const closes = head.candle.openedAt + head.candle.timeframeMs;
      if (closes >= earliest) continue;
      earliest = closes;
      first = head;
    }
    if (first?.candle == null) return;
    yield first.candle;
    first.candle = first.cursor.next();
  }
}

/**
 * What a plane says of itself after a bar; null until it calls itself warm. A frame that is not warm
 * by itself yet says nothing; what the frames come to together is early until all of them are.
 */
export function planeValues(plane: FramePlane): Pick<Seen, "values" | "early"> | null {
  if (!plane.isWarm) return null;
  const { featureNames, warmFrames, direction, strength } = plane;
  const numbers = plane.features();
  // A reading that has no book is no number, at any length of history.
  const features = featureNames.map((name, index) => [name, numbers[index] ?? 0] as const);
  const together = confluenceNumberNames.length;
  const perFrame = (features.length - together) / warmFrames.length;
  const ofFrames = features
    .slice(together)
    .filter((_, index) => warmFrames[Math.floor(index / perFrame)]);
  const values = Object.fromEntries(ofFrames);
  const confluence = { ...Object.fromEntries(features.slice(0, together)), direction, strength };
  if (warmFrames.every(Boolean)) return { values: { ...confluence, ...values } };
  return { values, early: confluence };
}

/** The numbers of each lane's data plane, from the bar on at which it calls itself warm. */
export function valuesOf(config: RunConfig): Look {
  return (source) => {
    const planes = lanesOf(config.desk).map((lane) => ({
      lane: lane.lane,
      symbol: lane.traded.instrument.symbol,
      plane: createPlane(lane, config.desk.stop, { onFailure: () => {} }),
    }));
    const seen: Seen[] = [];
    for (const candle of candlesOf(source)) {
      for (const { lane, symbol, plane } of planes) {
        if (symbol !== candle.symbol) continue;
        plane.update(candle);
        const said = planeValues(plane);
        if (said === null) continue;
        seen.push({ at: candle.openedAt + candle.timeframeMs, subject: lane, ...said });
      }
    }
    return seen;
  };
}
