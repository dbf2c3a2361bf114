import { AreaSeries, HistogramSeries, type IChartApi } from "lightweight-charts";
import { colour } from "../theme.ts";
import { Chart, chartTime, forward } from "./chart.tsx";
import { moment, percent, plain } from "./words.ts";

/** Time, equity, and its fall from the highest before as a share. */
export type EquityCurve = readonly (readonly [at: number, equity: number, drawdown: number])[];

interface EquityChartProps {
  readonly curve: EquityCurve;
  readonly quote: string;
}

/** Equity, and below it how far it is under its highest. */
export function EquityChart({ curve, quote }: EquityChartProps) {
  const last = curve.at(-1);
  const label = last
    ? `Equity and drawdown: ${plain(last[1])} ${quote} now, ${percent(last[2])} below the highest`
    : "Equity and drawdown";
  return (
    <Chart
      label={label}
      points={curve.length}
      make={makeEquity}
      data={curve}
      text={() => ({
        head: ["Time (UTC)", `Equity, ${quote}`, "Drawdown"],
        rows: curve
          .toReversed()
          .map(([at, equity, drawdown]) => [moment(at), plain(equity, 2, 2), percent(drawdown)]),
      })}
    />
  );
}

function makeEquity(chart: IChartApi): (curve: EquityCurve) => void {
  const line = colour("--accent");
  const equity = chart.addSeries(AreaSeries, {
    ...{ lineColor: line, topColor: `${line}55`, bottomColor: `${line}11` },
    title: "equity",
    lineWidth: 2,
  });
  const drawdown = chart.addSeries(
    HistogramSeries,
    { color: colour("--bad"), title: "drawdown, %" },
    1,
  );
  drawdown.priceScale().applyOptions({ scaleMargins: { top: 0.12, bottom: 0.12 } });
  chart.panes()[0]?.setStretchFactor(3);
  chart.panes()[1]?.setStretchFactor(1);
  return (curve) => {
    const points = curve.map(([at, value, fall]) => ({ time: chartTime(at), value, fall }));
    const shown = forward(points);
    equity.setData(shown.map(({ time, value }) => ({ time, value })));
    drawdown.setData(
      shown.map(({ time, fall }) => ({ time, value: fall === 0 ? 0 : -100 * fall })),
    );
    chart.timeScale().fitContent();
  };
}
