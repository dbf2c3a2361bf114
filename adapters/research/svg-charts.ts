/**
 * Charts as plain SVG, to be drawn at any width: shapes stretch with their box, strokes do not, and
 * labels are text beside them, so that they are as readable on a telephone as on a desk.
 */
import type { Fact } from "./report-words.ts";

const width = 1_000;
const height = 240;

export function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

interface Frame {
  readonly title: string;
  readonly body: string;
  /** Top, middle and bottom of the scale. */
  readonly scale: readonly string[];
  /** From left to right. */
  readonly below: readonly string[];
  /** Where these stand: at the ends and between, or each in a part of its own. */
  readonly spread?: "between" | "around";
}

function framed({ title, body, scale, below, spread = "between" }: Frame): string {
  const labels = (texts: readonly string[]) =>
    texts.map((text) => `<span>${escaped(text)}</span>`).join("");
  return (
    `<figure><figcaption>${escaped(title)}</figcaption><div class="plot">` +
    `<div class="scale">${labels(scale)}</div>` +
    `<svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" ` +
    `aria-label="${escaped(title)}">${gridLines()}${body}</svg></div>` +
    `<div class="below ${spread}">${labels(below)}</div></figure>`
  );
}

function gridLines(): string {
  return [0, 0.5, 1]
    .map(
      (share) =>
        `<line class="grid" x1="0" x2="${width}" y1="${share * height}" y2="${share * height}"/>`,
    )
    .join("");
}

export interface LineChart {
  readonly title: string;
  /** Points by time. */
  readonly points: readonly (readonly [at: number, value: number])[];
  readonly kind: "equity" | "drawdown" | "exposure";
  /** Lowest and highest of the scale; of the points where it is not given. */
  readonly range?: readonly [low: number, high: number];
  readonly text: (value: number) => string;
  readonly at: (time: number) => string;
}

/** A line over time with what lies under it filled. */
export function lineChart({ title, points, kind, range, text, at }: LineChart): string {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || points.length < 2) return emptyChart(title);
  const [low, high] = range ?? rangeOf(points.map(([, value]) => value));
  const spanX = last[0] - first[0] || 1;
  const spanY = high - low || 1;
  const path = points
    .map(([time, value]) => {
      const x = ((time - first[0]) / spanX) * width;
      const y = height - ((value - low) / spanY) * height;
      return `${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join("L");
  const floor = kind === "drawdown" ? 0 : height;
  const body =
    `<path class="fill ${kind}" d="M0 ${floor}L${path}L${width} ${floor}Z"/>` +
    `<path class="line ${kind}" d="M${path}"/>`;
  const middle = first[0] + spanX / 2;
  return framed({
    ...{ title, body, scale: [high, (low + high) / 2, low].map(text) },
    below: [first[0], middle, last[0]].map(at),
  });
}

export interface Bar {
  readonly value: number;
  /** What is told where one points at it. */
  readonly words: string;
  /** Below zero in its meaning, whatever its height. */
  readonly isLoss: boolean;
}

/** Bars side by side from zero, up or down. */
export function barChart(
  title: string,
  bars: readonly Bar[],
  text: (value: number) => string,
  below: readonly string[],
  spread: "between" | "around" = "between",
): string {
  if (bars.length === 0) return emptyChart(title);
  const values = bars.map(({ value }) => value);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const span = high - low || 1;
  const step = width / bars.length;
  // One bar alone would fill the whole plot.
  const thickness = Math.min(step * 0.8, width / 6);
  const zero = (high / span) * height;
  const body = bars
    .map(({ value, words, isLoss }, index) => {
      const tall = (Math.abs(value) / span) * height;
      const x = index * step + (step - thickness) / 2;
      const y = value >= 0 ? zero - tall : zero;
      return (
        `<rect class="${isLoss ? "loss" : "win"}" x="${x.toFixed(1)}" y="${y.toFixed(1)}" ` +
        `width="${thickness.toFixed(1)}" height="${Math.max(tall, value === 0 ? 0 : 1).toFixed(1)}">` +
        `<title>${escaped(words)}</title></rect>`
      );
    })
    .join("");
  return framed({ title, body, scale: [high, (low + high) / 2, low].map(text), below, spread });
}

function emptyChart(title: string): string {
  return `<figure><figcaption>${escaped(title)}</figcaption><p class="none">not enough data</p></figure>`;
}

function rangeOf(values: readonly number[]): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

/** Names and values in two columns. */
export function factList(facts: readonly Fact[]): string {
  const rows = facts.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`);
  return `<dl>${rows.join("")}</dl>`;
}

/** A table; every column but the first is of numbers. */
export function dataTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) =>
    row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join("");
  const body = rows.map((row) => `<tr>${cells("td", row)}</tr>`).join("\n");
  return (
    `<div class="table"><table><thead><tr>${cells("th", head)}</tr></thead>` +
    `<tbody>${body}</tbody></table></div>`
  );
}
