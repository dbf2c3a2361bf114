import { Ichimoku, Roc } from "../../market/mod.ts";
import { Opinion } from "../strategy.ts";
import {
  barsMax,
  checkParameters,
  keyOf,
  type ParametersOf,
  standardOf,
  whole,
} from "./parameters.ts";

export const ichimokuRules = {
  conversion: whole(9, 1, barsMax, "Bars of the conversion line."),
  base: whole(26, 2, barsMax, "Bars of the base line, and by which the cloud is drawn ahead."),
  span: whole(52, 3, barsMax, "Bars of the slow line of the cloud."),
};

/**
 * Ichimoku: hold when the close is above the cloud and the conversion line above the base line,
 * leave when both are below. Inside the cloud it has no opinion. Stronger where the cloud ahead,
 * and the close against that of `base` bars ago (the lagging line), say the same.
 */
export class IchimokuStrategy extends Opinion {
  readonly weight = 0.15;
  readonly key: string;
  readonly warmup: number;
  private readonly lines: Ichimoku;
  private readonly lagging: Roc;

  constructor(parameters: ParametersOf<typeof ichimokuRules> = standardOf(ichimokuRules)) {
    super();
    checkParameters("ichimoku", ichimokuRules, parameters);
    const { conversion, base, span } = parameters;
    this.key = keyOf("ichimoku", ichimokuRules, parameters);
    this.lines = new Ichimoku(conversion, base, span);
    this.lagging = new Roc(base);
    this.warmup = this.lines.warmup;
  }

  get name(): string {
    return "ichimoku";
  }

  update(_open: number, high: number, low: number, close: number): void {
    this.direction = 0;
    this.strength = 0;
    const lines = this.lines;
    lines.update(high, low);
    this.lagging.update(close);
    const { conversion, base, spanA, spanB, cloudA, cloudB } = lines;
    const change = this.lagging.value;
    if (close > cloudA && close > cloudB && conversion > base) {
      this.say(1, strengthOf(spanA > spanB, change > 0));
    } else if (close < cloudA && close < cloudB && conversion < base) {
      this.say(-1, strengthOf(spanA < spanB, change < 0));
    }
  }

  protected words(): string {
    if (this.direction > 0) return "above the cloud, conversion line above base line";
    if (this.direction < 0) return "below the cloud, conversion line below base line";
    return "in the cloud, or lines and cloud at odds";
  }

  protected numbers() {
    const { conversion, base, spanA, spanB, cloudA, cloudB } = this.lines;
    return { conversion, base, spanA, spanB, cloudA, cloudB, laggingPercent: this.lagging.value };
  }
}

function strengthOf(cloudAheadAgrees: boolean, laggingAgrees: boolean): number {
  return 0.5 + (cloudAheadAgrees ? 0.25 : 0) + (laggingAgrees ? 0.25 : 0);
}
