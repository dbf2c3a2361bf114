import type { Stateful } from "../market/mod.ts";

export interface ConfluenceSettings {
  /** Frames that must agree. */
  readonly minFrames: number;
  /** Distinct strategies that must agree, over the agreeing frames. */
  readonly minStrategies: number;
  /** 0 to 1. */
  readonly minConfidence: number;
  /** Target over stop, both after costs. */
  readonly minRewardToRisk: number;
  /** Largest spread, as a share of the mid. */
  readonly maxSpreadShare: number;
  /** Largest share of base candles missing lately. */
  readonly maxGapShare: number;
  /** What confidence is multiplied by for the highest agreeing frame, the base first. */
  readonly frameBonus: readonly number[];
  /** Distance of the stop, in average true ranges of the highest agreeing frame. */
  readonly stopAtr: number;
  readonly targetAtr: number;
  /** How far the book's score moves an entry's confidence: 0.25 is from 75 to 125 %. */
  readonly bookWeight: number;
}

export const confluenceStandard: ConfluenceSettings = {
  minFrames: 2,
  minStrategies: 3,
  minConfidence: 0.55,
  minRewardToRisk: 1.5,
  maxSpreadShare: 0.001,
  maxGapShare: 0.05,
  frameBonus: [1, 1.3, 1.5],
  stopAtr: 3,
  targetAtr: 6,
  bookWeight: 0.25,
};

/** What one frame's strategies come to. */
export interface FrameOpinion {
  /** The weighted vote: 1 all to hold, -1 all to leave. */
  readonly score: number;
  /** Sign of the score. */
  readonly direction: number;
  /** Strategies that voted to hold, and to leave: bit i for strategy i. */
  readonly holdMask: number;
  readonly leaveMask: number;
  /** Average true range of the frame, ticks. */
  readonly range: number;
}

/** What the confluence looks at beside the frames. */
export interface ConfluenceInputs {
  /** Ticks. */
  readonly close: number;
  /** Fees of entry and exit together, as a share of the price. */
  readonly costShare: number;
  /** NaN without a book. */
  readonly spreadShare: number;
  /** 0 to 1; NaN without a book. */
  readonly bookScore: number;
  readonly gapShare: number;
  /** Of this hour, from the ledger's own results; 1 where none is known. */
  readonly session: number;
}

/**
 * The weighted vote: each strategy's direction times strength by its weight, divided by the weights
 * of those that voted; 0 where none did. The three lists are by strategy.
 */
export function weightedVote(
  directions: ArrayLike<number>,
  strengths: ArrayLike<number>,
  weights: ArrayLike<number>,
): number {
  let weighed = 0;
  let voted = 0;
  for (let index = 0; index < directions.length; index++) {
    const direction = directions[index] as number;
    if (direction === 0) continue;
    const weight = weights[index] as number;
    weighed += weight * direction * (strengths[index] as number);
    voted += weight;
  }
  return voted === 0 ? 0 : weighed / voted;
}

/** How many bits are set, of 32. */
export function bitCount(mask: number): number {
  let left = mask;
  let count = 0;
  for (; left !== 0; count++) left &= left - 1;
  return count;
}

/** What all frames come to, in numbers; `measure` fills it for the last bar. Allocates nothing. */
export class Confluence implements Stateful {
  readonly key = "confluence";
  /** 1 or -1 as more frames say; 0 where as many say the one as the other. */
  leaning: -1 | 0 | 1 = 0;
  /** Frames that agree with it. */
  frames = 0;
  /** The highest of them; -1 for none. */
  highest = -1;
  /** Distinct strategies that agree with it, over those frames. */
  strategies = 0;
  /** 0 to 1. */
  confidence = 0;
  /** Distances from the close in ticks; NaN where no frame agrees. */
  stop = Number.NaN;
  target = Number.NaN;
  rewardToRisk = Number.NaN;
  spreadShare = Number.NaN;
  gapShare = 0;

  measure(
    frames: readonly FrameOpinion[],
    inputs: ConfluenceInputs,
    settings: ConfluenceSettings,
  ): void {
    this.spreadShare = inputs.spreadShare;
    this.gapShare = inputs.gapShare;
    let balance = 0;
    for (const { direction } of frames) balance += direction;
    this.leaning = balance > 0 ? 1 : balance < 0 ? -1 : 0;
    const score = this.gather(frames);
    this.confidence = 0;
    this.stop = Number.NaN;
    this.target = Number.NaN;
    this.rewardToRisk = Number.NaN;
    if (this.frames === 0) return;
    this.weigh(score, inputs, settings);
    this.place(frames[this.highest] as FrameOpinion, inputs, settings);
  }

  /** Counts what agrees with the leaning. Gives the mean score of the agreeing frames, unsigned. */
  private gather(frames: readonly FrameOpinion[]): number {
    let total = 0;
    let mask = 0;
    this.frames = 0;
    this.highest = -1;
    for (let index = 0; index < frames.length; index++) {
      const frame = frames[index] as FrameOpinion;
      if (this.leaning === 0 || frame.direction !== this.leaning) continue;
      this.frames += 1;
      this.highest = index;
      total += Math.abs(frame.score);
      mask |= this.leaning === 1 ? frame.holdMask : frame.leaveMask;
    }
    this.strategies = bitCount(mask);
    return this.frames === 0 ? 0 : total / this.frames;
  }

  private weigh(score: number, inputs: ConfluenceInputs, settings: ConfluenceSettings): void {
    const { bookScore, session } = inputs;
    let confidence = score * (settings.frameBonus[this.highest] ?? 1);
    if (this.leaning === 1) {
      // Hour and book speak of entries; getting out waits for neither.
      confidence *= session;
      if (!Number.isNaN(bookScore)) confidence *= 1 + settings.bookWeight * (2 * bookScore - 1);
    }
    this.confidence = Math.min(1, confidence);
  }

  private place(
    { range }: FrameOpinion,
    { close, costShare, spreadShare }: ConfluenceInputs,
    settings: ConfluenceSettings,
  ): void {
    this.stop = settings.stopAtr * range;
    this.target = settings.targetAtr * range;
    const spread = Number.isNaN(spreadShare) ? 0 : spreadShare;
    const cost = close * (costShare + spread);
    this.rewardToRisk = (this.target - cost) / (this.stop + cost);
  }
}

/** @throws {RangeError} for settings under which no market could ever pass, or any would */
export function checkConfluence(settings: ConfluenceSettings, frames: number): void {
  const { minFrames, minStrategies, minConfidence, frameBonus, stopAtr, bookWeight } = settings;
  const refuse = (name: string, value: unknown, wanted: string) => {
    throw new RangeError(`Cannot weigh votes: ${name} is ${value}, wanted ${wanted}`);
  };
  if (!(Number.isInteger(minFrames) && minFrames >= 1 && minFrames <= frames)) {
    refuse("minFrames", minFrames, `a whole number from 1 to ${frames}`);
  }
  if (!(Number.isInteger(minStrategies) && minStrategies >= 1 && minStrategies <= 31)) {
    refuse("minStrategies", minStrategies, "a whole number from 1 to 31");
  }
  if (!(minConfidence > 0 && minConfidence <= 1)) {
    refuse("minConfidence", minConfidence, "above 0, at most 1");
  }
  if (frameBonus.length !== frames || !frameBonus.every((bonus) => bonus > 0 && bonus <= 10)) {
    refuse("frameBonus", `[${frameBonus}]`, `${frames} numbers above 0, at most 10`);
  }
  if (!(stopAtr > 0 && stopAtr <= 100)) refuse("stopAtr", stopAtr, "above 0, at most 100");
  if (!(settings.targetAtr > 0 && settings.targetAtr <= 1_000)) {
    refuse("targetAtr", settings.targetAtr, "above 0, at most 1000");
  }
  if (!(bookWeight >= 0 && bookWeight <= 1)) refuse("bookWeight", bookWeight, "from 0 to 1");
  // The ratio is never below -1, for no cost takes more than the stop's distance and itself.
  if (!(settings.minRewardToRisk >= -1)) {
    refuse("minRewardToRisk", settings.minRewardToRisk, "-1 or more");
  }
  for (const name of ["maxSpreadShare", "maxGapShare"] as const) {
    if (!(settings[name] >= 0)) refuse(name, settings[name], "0 or more");
  }
}
