import {
  CandlestickSeries,
  createSeriesMarkers,
  type IChartApi,
  LineSeries,
  type SeriesMarker,
  type UTCTimestamp,
} from "lightweight-charts";
import { useView } from "../live.ts";
import { Chart, chartTime, forward } from "../parts/chart.tsx";
import { Section } from "../parts/layout.tsx";
import { moment, plain } from "../parts/words.ts";
import { colour } from "../theme.ts";
import type { StoryView } from "./trade-story.tsx";

/** Candles that a chart of a trade has at most, and their lengths by what they span. */
const candlesMost = 240;
const frames = [
  ["1m", 60_000],
  ["5m", 300_000],
  ["15m", 900_000],
  ["1h", 3_600_000],
  ["4h", 14_400_000],
  ["1d", 86_400_000],
] as const;

interface Drawn {
  readonly tick: number;
  readonly candles: readonly {
    readonly at: number;
    readonly open: number;
    readonly high: number;
    readonly low: number;
    readonly close: number;
  }[];
  readonly fills: readonly {
    readonly at: number;
    readonly isBuy: boolean;
    readonly text: string;
  }[];
  readonly stops: readonly { readonly at: number; readonly price: number }[];
}

/** The market while the trade lived, with its fills and its stop. */
export function StoryChart({ story }: { readonly story: StoryView }) {
  const { result, lane, positionId } = story;
  const from = result?.openedAt ?? 0;
  const until = result?.closedAt ?? story.steps.at(-1)?.at ?? from;
  const span = Math.max(until - from, 1);
  const [frame, frameMs] =
    frames.find(([, ms]) => span / ms <= candlesMost / 2) ?? (["1d", 86_400_000] as const);
  const count = Math.min(1_000, Math.ceil(span / frameMs) + 60);
  const given = {
    params: { lane },
    query: { ...(frame !== "1m" && { frame }), until: until + 20 * frameMs, count },
  };
  const { data, error, readAt } = useView("GET /api/v1/lanes/:lane/chart", given, () => false);
  const tick = Number(data?.tick ?? 1);
  const stops = data?.levels.find((each) => each.positionId === positionId)?.stops ?? [];
  const drawn: Drawn = {
    tick,
    candles: (data?.candles ?? []).map((each) => ({
      ...{ at: each.openedAt, open: each.open * tick, high: each.high * tick },
      ...{ low: each.low * tick, close: each.close * tick },
    })),
    fills: story.orders.flatMap(({ side, fills }) =>
      fills.map(({ at, quantity, price }) => ({
        ...{ at, isBuy: side === "buy", text: `${side} ${plain(quantity, 8)} at ${price}` },
      })),
    ),
    stops: [
      ...stops.map(({ at, price }) => ({ at, price: Number(price) })),
      ...stops.slice(-1).map(({ price }) => ({ at: until, price: Number(price) })),
    ],
  };
  return (
    <Section title={`Price, ${frame}`} readAt={readAt} error={error}>
      {data && drawn.candles.length > 0 && (
        <Chart
          label={`${data.symbol} while the trade lived, with ${drawn.fills.length} fills`}
          points={drawn.candles.length}
          make={make}
          data={drawn}
          text={() => ({
            head: ["Candle (UTC)", "Open", "High", "Low", "Close"],
            rows: drawn.candles.map(({ at, open, high, low, close }) => [
              ...[moment(at), plain(open, 8), plain(high, 8), plain(low, 8), plain(close, 8)],
            ]),
          })}
        />
      )}
      {data && drawn.candles.length === 0 && (
        <p class="empty">{data.cut ?? "The journal has no candles of that time any more"}</p>
      )}
    </Section>
  );
}

function make(chart: IChartApi): (data: Drawn) => void {
  const [up, down] = [colour("--good"), colour("--bad")];
  const candles = chart.addSeries(CandlestickSeries, {
    ...{ upColor: up, wickUpColor: up, borderUpColor: up },
    ...{ downColor: down, wickDownColor: down, borderDownColor: down },
  });
  const stop = chart.addSeries(LineSeries, {
    ...{ color: colour("--warn"), lineWidth: 2, lineType: 1, title: "stop" },
    ...{ priceLineVisible: false, crosshairMarkerVisible: false },
  });
  const markers = createSeriesMarkers(candles, []);
  return ({ tick, candles: bars, fills, stops }) => {
    const precision = Math.max(0, Math.ceil(-Math.log10(tick)));
    for (const series of [candles, stop]) {
      series.applyOptions({ priceFormat: { type: "price", precision, minMove: tick } });
    }
    const shown = forward(bars.map(({ at, ...bar }) => ({ time: chartTime(at), ...bar })));
    candles.setData(shown);
    stop.setData(forward(stops.map(({ at, price }) => ({ time: chartTime(at), value: price }))));
    // One mark for the fills of a candle and side: many small ones would pile up out of sight.
    const marks = new Map<string, SeriesMarker<UTCTimestamp>>();
    for (const { at, isBuy } of fills) {
      const time = shown.findLast((bar) => bar.time <= chartTime(at))?.time ?? chartTime(at);
      marks.set(`${time} ${isBuy}`, {
        time,
        position: isBuy ? "belowBar" : "aboveBar",
        shape: isBuy ? "arrowUp" : "arrowDown",
        color: isBuy ? up : down,
      });
    }
    markers.setMarkers([...marks.values()].sort((one, other) => one.time - other.time));
    chart.timeScale().fitContent();
  };
}
