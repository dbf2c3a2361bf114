import { symbolOfLane } from "../../machines/domain/ids.ts";
import type { Candle } from "../../machines/domain/market.ts";
import type { JournalRecord } from "../runtime/mod.ts";
import {
  type BookReading,
  createStrategy,
  FramePlane,
  type KnownStanding,
  type StrategyFailure,
  strategyNames,
} from "../scanner/mod.ts";
import type { DeskConfig, Lane } from "./config.ts";

/** Kinds of journal records by which a symbol's data plane can be made again. */
export const planeRecordKinds = ["bar", "move"] as const;

/** What a closed bar brings in: with it alone its evaluation can be run again. */
export interface BarInput extends Omit<Candle, "symbol">, StrategyNews {
  /** What the order book said at its close, where one is kept. */
  readonly book?: BookReading;
}

/** The price moved far since the last evaluation; whole ticks. */
export interface MoveInput extends StrategyNews {
  readonly price: number;
}

/** What is new of the strategies since the lane's last input. */
export interface StrategyNews {
  /** What changed of their standing. */
  readonly standing?: KnownStanding;
  /** Those that the operator let out of quarantine. */
  readonly released?: readonly string[];
  /** Those that were switched off or came back, and why: for the reader, it sways nothing. */
  readonly notes?: readonly string[];
}

/** What happens to a plane that neither sways a vote nor is kept. */
export interface PlaneEvents {
  readonly onFailure: (symbol: string, failure: StrategyFailure) => void;
  readonly stopwatch?: () => number;
  readonly onSlow?: (symbol: string, strategy: string, tookMs: number) => void;
}

/** A new data plane of one symbol, by what the configuration says of strategies and stops. */
export function createPlane(
  { strategy, traded: { instrument, timeframeMs } }: Pick<Lane, "strategy" | "traded">,
  stop: DeskConfig["stop"],
  events: PlaneEvents,
): FramePlane {
  const { symbol, takerFee } = instrument;
  const { frames, votes, regime, multipliers, quarantineAfter } = strategy;
  // In the catalog's order, whatever the configuration's: sums depend on it in their last bits.
  const voting = strategyNames.flatMap((name) => {
    const vote = votes[name];
    return vote === undefined ? [] : [[name, vote] as const];
  });
  const { stopwatch, onSlow } = events;
  return new FramePlane({
    symbol,
    baseMs: timeframeMs,
    atrPeriod: stop.atrPeriod,
    strategies: () => voting.map(([name, { parameters }]) => createStrategy(name, parameters)),
    weights: Object.fromEntries(voting.map(([name, { weight }]) => [name, weight])),
    costShare: 2 * Number(takerFee),
    confluence: {
      ...strategy.confluence,
      stopAtr: stop.atrMultiple,
      targetAtr: stop.targetAtrMultiple,
    },
    ...(frames === null ? {} : { frames: frames.map((multiple) => multiple * timeframeMs) }),
    ...{ regime, multipliers, quarantineAfter },
    onFailure: (failure) => events.onFailure(symbol, failure),
    ...(stopwatch ? { stopwatch } : {}),
    ...(onSlow ? { onSlow: (name: string, tookMs: number) => onSlow(symbol, name, tookMs) } : {}),
  });
}

/** What a bar is journaled as; key by key, for it is made for every candle. */
export function barInput(candle: Candle, book: BookReading | null, news: StrategyNews): BarInput {
  const { openedAt, timeframeMs, open, high, low, close, volume } = candle;
  const plain = { openedAt, timeframeMs, open, high, low, close, volume };
  return book === null && news === noNews ? plain : { ...plain, ...(book && { book }), ...news };
}

/** Nothing new of the strategies. */
export const noNews: StrategyNews = {};

/** Takes a bar in. The same inputs in the same order make the same plane, bit for bit. */
export function takeBar(plane: FramePlane, symbol: string, input: BarInput): void {
  const { openedAt, timeframeMs, open, high, low, close, volume, book } = input;
  const candle = { symbol, openedAt, timeframeMs, open, high, low, close, volume };
  takeCandle(plane, candle, input, book ?? null);
}

/** Takes a bar in whose candle and book are at hand. */
export function takeCandle(
  plane: FramePlane,
  candle: Candle,
  news: StrategyNews,
  book: BookReading | null,
): void {
  takeNews(plane, news);
  plane.update(candle, book);
}

/** Takes a move in. */
export function takeMove(plane: FramePlane, at: number, input: MoveInput): void {
  takeNews(plane, input);
  plane.move(at, input.price);
}

/** Takes in what the journal has of a symbol. */
export function takeRecord(plane: FramePlane, record: JournalRecord): void {
  const { input } = JSON.parse(record.content) as { input: unknown };
  if (record.kind === "move") takeMove(plane, record.at, input as MoveInput);
  else takeBar(plane, symbolOfLane(record.subject), input as BarInput);
}

function takeNews(plane: FramePlane, { standing, released }: StrategyNews): void {
  if (standing) plane.stand(standing);
  for (const strategy of released ?? []) plane.release(strategy);
}
