/** Whether a series grows, or only wavers: a straight line through it, and how sure that is. */

export interface Slope {
  /** Change from one point to the next, in the unit of the points. */
  readonly perStep: number;
  /** Standard error of `perStep`, with allowance for points that follow their neighbours. */
  readonly error: number;
  /** Half the width of the interval that holds the true slope 19 times of 20. */
  readonly margin: number;
  readonly mean: number;
  readonly verdict: "flat within noise" | "growing" | "shrinking";
}

/** Student's t for 95 %, by degrees of freedom from 1; the normal distribution's beyond. */
const student = [
  12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.2, 2.18, 2.16, 2.14, 2.13, 2.12,
  2.11, 2.1, 2.09, 2.09, 2.08, 2.07, 2.07, 2.06, 2.06, 2.06, 2.05, 2.05, 2.05, 2.04,
];

/**
 * Least squares over equally spaced points. Memory of one day resembles that of the day before, so
 * the points say less than their number tells: the error allows for the residuals' correlation at
 * one step.
 *
 * @throws {RangeError} for fewer than four points, of which nothing can be said.
 */
export function slopeOf(points: readonly number[]): Slope {
  const count = points.length;
  if (count < 4) throw new RangeError(`Cannot judge a slope of ${count} points: wanted 4 or more`);
  const mean = points.reduce((sum, each) => sum + each, 0) / count;
  const middle = (count - 1) / 2;
  let spread = 0;
  let together = 0;
  for (const [index, point] of points.entries()) {
    spread += (index - middle) ** 2;
    together += (index - middle) * (point - mean);
  }
  const perStep = together / spread;
  const residuals = points.map((point, index) => point - mean - perStep * (index - middle));
  const squares = residuals.reduce((sum, each) => sum + each * each, 0);
  const correlation = Math.max(0, Math.min(0.9, lagOne(residuals, squares)));
  // By so much the error of a slope is larger when each point resembles the one before it.
  const inflation = (1 + correlation) / (1 - correlation);
  const error = Math.sqrt((squares / (count - 2) / spread) * inflation);
  const freedom = Math.max(1, Math.floor(count / inflation - 2));
  return judged({ perStep, error, mean }, freedom);
}

/**
 * The mean slope of runs that know nothing of each other, and their own spread as its noise. Within
 * one run a heap can drift for days with what the engine compiles and collects, and the points of
 * that run cannot tell.
 *
 * @throws {RangeError} for fewer than two runs.
 */
export function slopeOfRuns(runs: readonly Slope[]): Slope {
  const count = runs.length;
  if (count < 2) throw new RangeError(`Cannot judge ${count} runs: wanted 2 or more`);
  const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / count;
  const perStep = average(runs.map((run) => run.perStep));
  const squares = runs.reduce((sum, run) => sum + (run.perStep - perStep) ** 2, 0);
  const error = Math.sqrt(squares / (count - 1) / count);
  return judged({ perStep, error, mean: average(runs.map(({ mean }) => mean)) }, count - 1);
}

function judged(
  { perStep, error, mean }: Pick<Slope, "perStep" | "error" | "mean">,
  freedom: number,
): Slope {
  const margin = error * (student[freedom - 1] ?? 1.96);
  const verdict =
    Math.abs(perStep) <= margin ? "flat within noise" : perStep > 0 ? "growing" : "shrinking";
  return { perStep, error, margin, mean, verdict };
}

function lagOne(residuals: readonly number[], squares: number): number {
  if (squares === 0) return 0;
  let sum = 0;
  for (let index = 1; index < residuals.length; index++) {
    sum += (residuals[index] ?? 0) * (residuals[index - 1] ?? 0);
  }
  return sum / squares;
}
