import type { Decimal } from "../../machines/domain/decimal.ts";
import type { Decision } from "../../machines/domain/decision.ts";
import type { Candle } from "../../machines/domain/market.ts";
import {
  type BookReading,
  type ConfluenceEvaluation,
  decide,
  type FramePlane,
  gatesInOrder,
  isLate,
  type JudgedGate,
} from "../scanner/mod.ts";
import { accountOf, type DeskConfig, type Lane } from "./config.ts";
import { levelsOf, sizeAt } from "./entries.ts";

/** What the confluence measured, beside what an evaluation already has. Ratios, NaN for unknown. */
export interface ConfluenceNumbers {
  readonly agreeingFrames: number;
  readonly agreeingStrategies: number;
  readonly rewardToRisk: number;
  readonly spreadShare: number;
  readonly bookScore: number;
  readonly gapShare: number;
  /** What the hour multiplies an entry's confidence by. */
  readonly session: number;
}

/** Levels of an entry at the moment's price; null where there is none. Quote coin and base coin. */
export interface EntryLevels {
  readonly stopPrice: Decimal | null;
  readonly targetPrice: Decimal | null;
  /** Length of the frame that they come from. */
  readonly frameMs: number | null;
  readonly quantity: Decimal | null;
}

/** One moment judged by one configuration. */
export interface Judgement {
  /** Null where it takes what the desk did not keep; `lacks` says what. */
  readonly decision: Decision | null;
  readonly lacks: string | null;
  /** In order, closed ones and those behind them included, as far as they could be judged. */
  readonly gates: readonly JudgedGate[];
  readonly evaluation: Omit<ConfluenceEvaluation, "votes" | "gates">;
  readonly numbers: ConfluenceNumbers;
  readonly levels: EntryLevels;
}

/** What a moment is judged by beside its plane. */
export interface Moment {
  /** The desk's time, Unix milliseconds. */
  readonly at: number;
  /** The symbol's last bar. */
  readonly candle: Candle;
  /** What the order book said at that bar's close. */
  readonly book: BookReading | null;
  /** What was decided then, with the facts of the desk that were kept. */
  readonly recorded: Decision;
}

const hourMs = 3_600_000;

/** Judges the moment that a plane stands at, the way in which the desk does. */
export function judge(
  plane: FramePlane,
  config: DeskConfig,
  lane: Lane,
  { at, candle, book, recorded }: Moment,
): Judgement {
  const { facts } = recorded;
  // A lane is of the planes' time; limits may have been changed since.
  const account = accountOf(config, lane.account.at);
  const limited = { ...lane, account };
  const { stopPrice, targetPrice } = levelsOf(plane, limited);
  let quantity: Decimal | null = null;
  const question = {
    ...{ symbol: lane.lane, at, market: plane, facts, positionCap: account.risk.positionCap },
    size: (has: Parameters<typeof sizeAt>[3]) => {
      const sizing = sizeAt(limited, plane.price, stopPrice, has, config.risk.exposureCap);
      if (sizing.type === "size") quantity = sizing.quantity;
      return sizing;
    },
  };
  const gates = gatesInOrder(question);
  const lacks = lackOf(plane, recorded, gates);
  const { votes: _votes, gates: _gates, ...evaluation } = plane.evaluation(candle);
  const { frames, strategies, rewardToRisk, spreadShare, gapShare } = plane.confluence;
  return {
    decision: lacks === null ? decide(question) : null,
    lacks,
    gates,
    evaluation: { ...evaluation, at, close: plane.price },
    numbers: {
      agreeingFrames: frames,
      agreeingStrategies: strategies,
      ...{ rewardToRisk, spreadShare, gapShare },
      bookScore: book?.score ?? Number.NaN,
      session: plane.standing.sessions[Math.floor(at / hourMs) % 24] ?? 1,
    },
    levels: { stopPrice, targetPrice, frameMs: evaluation.highestFrameMs, quantity },
  };
}

/** What a judgement would have to know of the desk that was not kept; null where nothing. */
function lackOf(
  plane: FramePlane,
  recorded: Decision,
  gates: readonly JudgedGate[],
): string | null {
  if (recorded.facts !== null || !plane.isWarm || plane.missed > 0) return null;
  if (isLate(plane, recorded.at)) return null;
  if (recorded.code === "warmingUp") {
    return "whether a position was held and what else the desk was in: it was not looked at, for the data was not warm";
  }
  // Whoever was warm had looked for a position, and found none.
  if (plane.leaning < 1 || gates.some(({ isOpen }) => !isOpen)) return null;
  return "brakes, equity and what else the desk was in: it was not looked at, for nothing spoke for an entry";
}
