import { ColorType, createChart, type IChartApi, type UTCTimestamp } from "lightweight-charts";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { colour, theme } from "../theme.ts";
import { Table } from "./layout.tsx";

export interface ChartProps<Data> {
  /** What it shows, for whoever cannot see it. */
  readonly label: string;
  /** How many points are drawn. */
  readonly points: number;
  /**
   * Makes series on a new chart and returns what draws data into them; called again where the
   * colours change. What it returned is called at first and whenever `data` is another object.
   */
  readonly make: (chart: IChartApi) => (data: Data) => void;
  readonly data: Data;
  /** How high it stands: `short`, `normal` or `tall`. */
  readonly size?: "short" | "normal" | "tall";
  /** The same numbers as text; made when they are asked for. */
  readonly text: () => {
    readonly head: readonly string[];
    readonly rows: readonly (readonly ComponentChildren[])[];
  };
}

/** A chart on a canvas with its numbers beside it; it follows its box and the theme. */
export function Chart<Data>(props: ChartProps<Data>) {
  const { label, points, make, data, size = "normal", text } = props;
  const box = useRef<HTMLDivElement>(null);
  const draw = useRef<((data: Data) => void) | null>(null);
  const latest = useRef(data);
  latest.current = data;
  const shownTheme = theme.value;
  useEffect(() => {
    if (!box.current) return;
    const chart = createChart(box.current, chartOptions());
    draw.current = make(chart);
    draw.current(latest.current);
    return () => {
      draw.current = null;
      chart.remove();
    };
  }, [shownTheme, make]);
  useEffect(() => draw.current?.(data), [data]);
  return (
    <figure class="chart">
      <div ref={box} class={`canvas ${size}`} role="img" aria-label={label} data-points={points} />
      <AsText label={label} text={text} />
    </figure>
  );
}

function chartOptions() {
  const line = colour("--line");
  return {
    autoSize: true,
    layout: {
      background: { type: ColorType.Solid, color: colour("--card") },
      textColor: colour("--ink"),
      // Its logo brings a style of its own, which the page's policy refuses: the footer names it.
      attributionLogo: false,
      panes: { separatorColor: line },
    },
    grid: { vertLines: { color: line }, horzLines: { color: line } },
    rightPriceScale: { borderColor: line },
    timeScale: { borderColor: line, timeVisible: true, secondsVisible: false },
  } as const;
}

function AsText({ label, text }: Pick<ChartProps<unknown>, "label" | "text">) {
  const [isOpen, setOpen] = useState(false);
  const shown = isOpen ? text() : null;
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>The same as text</summary>
      {shown && (
        <div class="chart-text">
          <Table
            label={`${label}, as text`}
            head={shown.head}
            rows={shown.rows}
            numbers={shown.head.map((_, index) => index).slice(1)}
            none="There are no points yet"
          />
        </div>
      )}
    </details>
  );
}

/** A time of the desk as charts take it. */
export const chartTime = (at: number): UTCTimestamp => Math.floor(at / 1_000) as UTCTimestamp;

/** Points whose times go forward in whole seconds, as charts want them: the last of each second. */
export function forward<Point extends { readonly time: UTCTimestamp }>(
  points: readonly Point[],
): Point[] {
  return points.filter(({ time }, index) => {
    const next = points[index + 1];
    return next === undefined || next.time > time;
  });
}
