import { Section } from "../parts/layout.tsx";
import { moment, percent, plain } from "../parts/words.ts";
import type { Report } from "./research-job.tsx";

const width = 800;
const height = 180;

interface LineProps {
  readonly label: string;
  readonly points: readonly (readonly [at: number, value: number])[];
  readonly text: (value: number) => string;
  /** From where the area is filled: the least value unless told. */
  readonly base?: number;
}

/** A line over time with its ends in words; the numbers are its label's. */
function Line({ label, points, text, base }: LineProps) {
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || points.length < 2) return <p class="empty">not enough data</p>;
  const values = points.map(([, value]) => value);
  const low = Math.min(...values, base ?? Number.POSITIVE_INFINITY);
  const high = Math.max(...values, base ?? Number.NEGATIVE_INFINITY);
  const x = (at: number) => ((at - first[0]) / (last[0] - first[0] || 1)) * width;
  const y = (value: number) => height - 4 - ((value - low) / (high - low || 1)) * (height - 8);
  const path = points.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  const floor = y(base ?? low);
  return (
    <figure class="line-chart">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${label}: from ${text(first[1])} to ${text(last[1])}, low ${text(low)}, high ${text(high)}`}
        data-points={points.length}
      >
        <polygon points={`0,${floor} ${path} ${width},${floor}`} />
        <polyline points={path} />
      </svg>
      <figcaption>
        <span>{moment(first[0]).slice(0, 16)}</span>
        <span>
          low {text(low)}, high {text(high)}
        </span>
        <span>{moment(last[0]).slice(0, 16)}</span>
      </figcaption>
    </figure>
  );
}

/** A report's curves. */
export function ReportCharts({ report }: { readonly report: Report }) {
  const { curve, quote } = report;
  const money = (value: number) => `${plain(value, quote === "BTC" ? 8 : 2)} ${quote}`;
  return (
    <>
      <Section title="Equity">
        <Line label="Equity" points={curve.map(([at, equity]) => [at, equity])} text={money} />
      </Section>
      <Section title="Below the peak">
        <Line
          label="Drawdown"
          points={curve.map(([at, , drawdown]) => [at, -drawdown])}
          text={(value) => percent(value)}
          base={0}
        />
      </Section>
      <Section title="Share in positions">
        <Line
          label="Exposure"
          points={curve.map(([at, , , exposure]) => [at, exposure])}
          text={(value) => percent(value, 1)}
          base={0}
        />
      </Section>
    </>
  );
}
