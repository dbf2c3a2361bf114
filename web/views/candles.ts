import { FrameAggregator } from "../../actors/desk/mod.ts";
import type { ReplyOf } from "../api/route.ts";
import type { tradeRoutes } from "../api/trade.ts";
import type { BarEvaluated } from "./journal-tape.ts";

type CandleView = ReplyOf<(typeof tradeRoutes)["GET /api/v1/lanes/:lane/chart"]>["candles"][number];

/**
 * Candles of a frame out of a lane's bars, oldest first, by the rules of the desk's own frames: one
 * whose beginning is not among the bars is left out. The last one may be under way.
 */
export function candlesOf(
  bars: readonly BarEvaluated[],
  baseMs: number,
  frameMs: number,
): CandleView[] {
  const aggregator = new FrameAggregator(baseMs, frameMs, 2);
  const candles: CandleView[] = [];
  let own: BarEvaluated[] = [];
  for (const each of bars) {
    const { openedAt, open, high, low, close, volume } = each.bar;
    const first = own[0]?.bar.openedAt ?? openedAt;
    const isOther = frameOf(first, frameMs) !== frameOf(openedAt, frameMs);
    const closed = aggregator.update(openedAt, open, high, low, close, volume);
    const { ring } = aggregator;
    for (let ago = closed - 1; ago >= 0; ago -= 1) {
      const row = ring.row(ago);
      const at = ring.openedAt[row] as number;
      const within = [...own, each].filter(({ bar }) => frameOf(bar.openedAt, frameMs) === at);
      candles.push({
        openedAt: at,
        open: ring.open[row] as number,
        high: ring.high[row] as number,
        low: ring.low[row] as number,
        close: ring.close[row] as number,
        volume: ring.volume[row] as number,
        isClosed: true,
        ...ofBars(within),
      });
    }
    own = isOther ? [each] : [...own, each];
  }
  return underWay(own, candles, frameMs);
}

/** Adds the frame that is not over yet, where its beginning was seen. */
function underWay(
  own: readonly BarEvaluated[],
  candles: CandleView[],
  frameMs: number,
): CandleView[] {
  const [first] = own;
  const last = own.at(-1);
  if (!first || !last) return candles;
  const openedAt = frameOf(first.bar.openedAt, frameMs);
  const isUnseen = candles.length === 0 && first.bar.openedAt - openedAt >= first.bar.timeframeMs;
  if (candles.at(-1)?.openedAt === openedAt || isUnseen) return candles;
  candles.push({
    openedAt,
    open: first.bar.open,
    high: Math.max(...own.map(({ bar }) => bar.high)),
    low: Math.min(...own.map(({ bar }) => bar.low)),
    close: last.bar.close,
    volume: own.reduce((total, { bar }) => total + bar.volume, 0),
    isClosed: false,
    ...ofBars(own),
  });
  return candles;
}

const frameOf = (openedAt: number, frameMs: number): number =>
  Math.floor(openedAt / frameMs) * frameMs;

/** How many bars a candle is made of, and what was decided at the last of them. */
function ofBars(bars: readonly BarEvaluated[]) {
  const { seq = 0, code = null, gate = null } = bars.at(-1) ?? {};
  return { bars: bars.length, seq, code, gate };
}
