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
import type { DeskConfig, TradedSymbol } from "./config.ts";

/** Kinds of journal records by which a symbol's data plane can be made again. */
export const planeRecordKinds = ["bar", "move"] as const;

/** What a closed bar brings in: with it alone its evaluation can be run again. */
export interface BarInput extends Omit<Candle, "symbol"> {
  /** What the order book said at its close, where one is kept. */
  readonly book?: BookReading;
  /** What changed of the strategies' standing since the symbol's last input. */
  readonly standing?: KnownStanding;
  /** Strategies that were switched off or came back since then, and why. */
  readonly notes?: readonly string[];
}

/** The price moved far since the last evaluation; whole ticks. */
export interface MoveInput {
  readonly price: number;
  readonly standing?: KnownStanding;
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
  { strategy, stop }: Pick<DeskConfig, "strategy" | "stop">,
  { instrument, timeframeMs }: TradedSymbol,
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

/** Takes a bar in. The same inputs in the same order make the same plane, bit for bit. */
export function takeBar(plane: FramePlane, symbol: string, input: BarInput): void {
  const { book, standing, notes: _, ...candle } = input;
  if (standing) plane.stand(standing);
  plane.update({ symbol, ...candle }, book ?? null);
}

/** Takes a move in. */
export function takeMove(plane: FramePlane, at: number, { price, standing }: MoveInput): void {
  if (standing) plane.stand(standing);
  plane.move(at, price);
}

/** Takes in what the journal has of a symbol. */
export function takeRecord(plane: FramePlane, record: JournalRecord): void {
  const { input } = JSON.parse(record.content) as { input: unknown };
  if (record.kind === "move") takeMove(plane, record.at, input as MoveInput);
  else takeBar(plane, record.subject, input as BarInput);
}
