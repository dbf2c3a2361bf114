import {
  type AutoscaleInfo,
  CandlestickSeries,
  createSeriesMarkers,
  HistogramSeries,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  LineSeries,
  LineStyle,
  LineType,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from "lightweight-charts";
import { useMemo, useRef } from "preact/hooks";
import type { Candle, LaneChartData } from "../pages/trade-data.ts";
import { colour } from "../theme.ts";
import { Chart, chartTime } from "./chart.tsx";
import { moment, plain } from "./words.ts";

/** A price that stands now: of a live position or order. */
export interface StandingPrice {
  readonly title: string;
  readonly price: number;
  readonly tone: "--good" | "--bad" | "--accent" | "--warn";
}

interface CandleChartProps {
  readonly data: LaneChartData;
  readonly standing: readonly StandingPrice[];
  /** A time to bring into view at first, Unix milliseconds. */
  readonly focus: number | null;
  /** The candle under the cursor, or none. */
  readonly onCursor: (candle: Candle | null) => void;
  /** A candle was clicked, or tapped. */
  readonly onPick: (candle: Candle) => void;
  /** The oldest candles came into view. */
  readonly onOlder: () => void;
}

interface Drawn {
  readonly chart: LaneChartData;
  readonly standing: readonly StandingPrice[];
  readonly focus: number | null;
}

/** Candles and volume, with fills and the levels of positions on them. */
export function CandleChart(props: CandleChartProps) {
  const { data, standing, focus } = props;
  const latest = useRef(props);
  latest.current = props;
  const make = useMemo(() => makerOf(() => latest.current), []);
  const drawn = useMemo(
    () => ({ chart: data, standing, focus }),
    [data, JSON.stringify(standing), focus],
  );
  const { lane, frame, candles, fills } = data;
  const last = candles.at(-1);
  const price = (ticks: number) => plain(ticks * Number(data.tick), 8);
  return (
    <Chart
      size="tall"
      label={`${lane}, candles of ${frame}: ${candles.length} candles and ${fills.length} fills${
        last ? `, last close ${price(last.close)}` : ""
      }`}
      points={candles.length}
      make={make}
      data={drawn}
      text={() => ({
        head: ["Opened (UTC)", "Open", "High", "Low", "Close", "Volume", "Decision"],
        rows: candles
          .toReversed()
          .map(({ openedAt, open, high, low, close, volume, code }) => [
            moment(openedAt).slice(0, 16),
            ...[open, high, low, close].map(price),
            plain(volume, 4),
            code ?? "none",
          ]),
      })}
    />
  );
}

/** How many candles are left to the left before older ones are asked for. */
const nearEdge = 20;

function makerOf(handlers: () => CandleChartProps) {
  return (chart: IChartApi): ((drawn: Drawn) => void) => {
    let before: LaneChartData | null = null;
    const series = seriesOf(chart, () => (before ? spanInView(chart, before) : null));
    const { candles } = series;
    const markers = createSeriesMarkers(candles, []);
    let lines: IPriceLine[] = [];
    let byTime = new Map<Time, Candle>();
    chart.subscribeCrosshairMove(({ time }) => {
      handlers().onCursor((time !== undefined && byTime.get(time)) || null);
    });
    chart.subscribeClick(({ time }) => {
      const candle = time === undefined ? undefined : byTime.get(time);
      if (candle) handlers().onPick(candle);
    });
    chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range && range.from < nearEdge) handlers().onOlder();
    });
    return ({ chart: data, standing, focus }) => {
      byTime = new Map(data.candles.map((each) => [chartTime(each.openedAt), each]));
      const view = keptView(chart, before, data);
      const isFirst = before === null;
      before = data;
      drawCandles(series, data);
      markers.setMarkers(markersOf(data));
      drawLevels(series, data);
      for (const line of lines) candles.removePriceLine(line);
      lines = standing.map(({ title, price, tone }) =>
        candles.createPriceLine({
          ...{ title, price, color: colour(tone), axisLabelVisible: true },
          ...{ lineWidth: 1, lineStyle: LineStyle.Dashed },
        }),
      );
      if (isFirst) firstView(chart, data, focus);
      else if (view) chart.timeScale().setVisibleLogicalRange(view);
    };
  };
}

type Series = ReturnType<typeof seriesOf>;

interface Span {
  readonly low: number;
  readonly high: number;
}

/** Lowest and highest price of the candles in view; null for none. */
function spanInView(chart: IChartApi, { candles, tick }: LaneChartData): Span | null {
  const range = chart.timeScale().getVisibleLogicalRange();
  const seen = range
    ? candles.slice(Math.max(0, Math.floor(range.from)), Math.max(0, Math.ceil(range.to)))
    : candles;
  if (seen.length === 0) return null;
  const size = Number(tick);
  return {
    low: Math.min(...seen.map(({ low }) => low)) * size,
    high: Math.max(...seen.map(({ high }) => high)) * size,
  };
}

/** A level further from the candles than their own height would flatten them: it is off the scale. */
const heightsAway = 1;

function seriesOf(chart: IChartApi, spanNow: () => Span | null) {
  const [up, down] = [colour("--good"), colour("--bad")];
  const candles = chart.addSeries(CandlestickSeries, {
    ...{ upColor: up, borderUpColor: up, wickUpColor: up },
    ...{ downColor: down, borderDownColor: down, wickDownColor: down },
  });
  const volume = chart.addSeries(
    HistogramSeries,
    { priceFormat: { type: "volume" }, priceLineVisible: false },
    1,
  );
  const level = (color: string, lineStyle: LineStyle) =>
    chart.addSeries(LineSeries, {
      ...{ color, lineStyle, lineWidth: 2, lineType: LineType.WithSteps },
      ...{ priceLineVisible: false, lastValueVisible: false, crosshairMarkerVisible: false },
      autoscaleInfoProvider: (own: () => AutoscaleInfo | null) => {
        const [wanted, span] = [own(), spanNow()];
        if (!wanted?.priceRange || !span) return wanted;
        const { minValue, maxValue } = wanted.priceRange;
        const most = heightsAway * (span.high - span.low);
        return minValue < span.low - most || maxValue > span.high + most ? null : wanted;
      },
    });
  chart.panes()[0]?.setStretchFactor(4);
  chart.panes()[1]?.setStretchFactor(1);
  return {
    ...{ candles, volume },
    stop: level(down, LineStyle.Solid),
    entry: level(colour("--accent"), LineStyle.Dotted),
    target: level(up, LineStyle.Dashed),
  };
}

function drawCandles({ candles, volume }: Series, { candles: told, tick }: LaneChartData): void {
  const size = Number(tick);
  const precision = Math.min(8, tick.split(".")[1]?.length ?? 0);
  candles.applyOptions({ priceFormat: { type: "price", precision, minMove: size } });
  candles.setData(
    told.map(({ openedAt, open, high, low, close }) => ({
      time: chartTime(openedAt),
      ...{ open: open * size, high: high * size, low: low * size, close: close * size },
    })),
  );
  const [up, down] = [`${colour("--good")}88`, `${colour("--bad")}88`];
  volume.setData(
    told.map(({ openedAt, open, close, volume: value }) => {
      return { time: chartTime(openedAt), value, color: close < open ? down : up };
    }),
  );
}

/** Fills of one side and order within a candle as one mark: what was traded, and by which order. */
function markersOf({ candles, fills, frameMs }: LaneChartData): SeriesMarker<Time>[] {
  const opened = new Set(candles.map(({ openedAt }) => openedAt));
  const groups = Map.groupBy(
    fills.filter(({ at }) => opened.has(Math.floor(at / frameMs) * frameMs)),
    ({ at, side, role }) => `${Math.floor(at / frameMs) * frameMs} ${side} ${role}`,
  );
  const marks = [...groups.values()]
    .map((group) => {
      const [{ at, side, role } = { at: 0, side: "buy", role: "entry" }] = group;
      const total = group.reduce((sum, { quantity }) => sum + Number(quantity), 0);
      const isBuy = side === "buy";
      return {
        time: chartTime(Math.floor(at / frameMs) * frameMs),
        position: isBuy ? "belowBar" : "aboveBar",
        shape: isBuy ? "arrowUp" : "arrowDown",
        color: colour(isBuy ? "--accent" : "--warn"),
        text: `${isBuy ? "+" : "−"}${plain(total, total < 1 ? 4 : 2)}${role === "entry" ? "" : ` ${role}`}`,
      } as const;
    })
    .sort((a, b) => a.time - b.time);
  return withRoom(marks, frameMs);
}

/** Bars that a mark's words take: words of another one within them would lie over these. */
const wordBars = 8;

/** Leaves out words that would lie over those of the mark before, on the same side of the bars. */
function withRoom<Mark extends SeriesMarker<Time> & { readonly time: UTCTimestamp }>(
  marks: readonly Mark[],
  frameMs: number,
): Mark[] {
  const last = new Map<string, number>();
  return marks.map((mark) => {
    const since = mark.time - (last.get(mark.position) ?? Number.NEGATIVE_INFINITY);
    if (since * 1_000 < wordBars * frameMs) return { ...mark, text: "" };
    last.set(mark.position, mark.time);
    return mark;
  });
}

type Level = LaneChartData["levels"][number];

function drawLevels({ stop, entry, target }: Series, data: LaneChartData): void {
  const { candles, levels, frameMs } = data;
  const alive = candles.map(({ openedAt }) =>
    levels.findLast((each) => {
      const from = Math.min(each.openedAt, each.stops[0]?.at ?? each.openedAt);
      return from < openedAt + frameMs && (each.closedAt ?? Number.POSITIVE_INFINITY) >= openedAt;
    }),
  );
  const draw = (
    series: ISeriesApi<"Line">,
    priceAt: (level: Level, until: number) => string | null | undefined,
  ) => {
    series.setData(
      candles.map(({ openedAt }, index) => {
        const time: UTCTimestamp = chartTime(openedAt);
        const level = alive[index];
        const price = level ? priceAt(level, openedAt + frameMs) : null;
        return price == null ? { time } : { time, value: Number(price) };
      }),
    );
  };
  draw(stop, ({ stops }, until) => stops.findLast(({ at }) => at < until)?.price);
  draw(entry, (level) => level.entry);
  draw(target, (level) => level.target);
}

/** What is in view, where older candles came in before it: the same candles, then. */
function keptView(chart: IChartApi, before: LaneChartData | null, data: LaneChartData) {
  const [first] = before?.candles ?? [];
  const range = chart.timeScale().getVisibleLogicalRange();
  if (!first || !range) return null;
  const added = data.candles.findIndex(({ openedAt }) => openedAt >= first.openedAt);
  if (added <= 0) return null;
  return { from: range.from + added, to: range.to + added };
}

/** Candles that are in view at first, where there is room for them. */
const seenMost = 140;

function firstView(chart: IChartApi, { candles }: LaneChartData, focus: number | null): void {
  const { width } = chart.paneSize();
  const seen = Math.min(seenMost, Math.max(40, Math.floor(width / 8)));
  const place = focus === null ? -1 : candles.findIndex(({ openedAt }) => openedAt >= focus);
  const to = place < 0 ? candles.length + 4 : place + seen / 2;
  chart.timeScale().setVisibleLogicalRange({ from: to - seen, to });
}
