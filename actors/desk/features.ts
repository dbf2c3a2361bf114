import type { StateChange } from "../runtime/mod.ts";
import type { FramePlane } from "../scanner/mod.ts";

/** Evaluations whose numbers are kept, the latest. */
export const featuresKept = 20_000;

export const featuresSpace = "features";

/** The numbers of one evaluation, for whoever learns from them later. */
export interface FeatureRow {
  /** Number of the evaluation's journal record. */
  readonly seq: number;
  readonly symbol: string;
  /** Unix milliseconds. */
  readonly at: number;
  /** By the names that the plane of the time gave them, single precision. */
  readonly values: Float32Array;
}

/**
 * Keeps the feature vectors of evaluations that reached the confluence: where frames agreed on a
 * direction. Bounded: a new one takes the oldest one's place.
 */
export class Features {
  private noted = 0;
  private fresh: { readonly key: string; readonly value: FeatureRow }[] = [];

  /** Goes on from how many were ever noted. */
  restore(noted: number): void {
    this.noted = noted;
  }

  /** How many were ever noted. */
  get count(): number {
    return this.noted;
  }

  note(seq: number, symbol: string, at: number, plane: FramePlane): void {
    if (!plane.isWarm || plane.confluence.frames === 0) return;
    const value = { seq, symbol, at, values: plane.features() };
    this.fresh.push({ key: String(this.noted % featuresKept), value });
    this.noted += 1;
  }

  /** What is new since the last commit. */
  changes(): StateChange[] {
    const fresh = this.fresh;
    if (fresh.length === 0) return [];
    this.fresh = [];
    const rows = fresh.map((each) => ({ space: featuresSpace, ...each }));
    return [...rows, { space: "desk", key: featuresSpace, value: this.noted }];
  }
}
