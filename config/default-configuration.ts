import { type Configuration, configurationSchema } from "./schema.ts";
import {
  parametersOf,
  restingStrategies,
  type StrategyName,
  strategies,
  strategyNames,
} from "./strategies.ts";
import { type Branch, type Node, type Origin, plainOf } from "./tree.ts";

type Text = string | { readonly [name: string]: Text } | readonly Text[];

/** A strategy as it declares itself, voting unless it rests. */
function voteTexts(name: StrategyName): Text {
  const standards = parametersOf(name).map(([parameter, { standard }]) => [
    parameter,
    String(standard),
  ]);
  const weight = String(strategies[name].weight);
  const use = restingStrategies.includes(name) ? "false" : "true";
  return { use, weight, ...Object.fromEntries(standards) };
}

/** What every key is unless a preset, a file, the environment or the command line says otherwise. */
export const defaultTexts = {
  template: { name: "none", version: "0" },
  mode: "paper",
  seed: "1",
  market: {
    source: "generator",
    timeframe: "1m",
    speed: "240",
    startAt: "2026-01-01",
    symbols: [
      { symbol: "BTC/USD", startPrice: "64000", tick: "0.1" },
      { symbol: "ETH/USD", startPrice: "3400", tick: "0.01" },
      { symbol: "SOL/USD", startPrice: "150", tick: "0.01" },
      { symbol: "ADA/USD", startPrice: "0.45", tick: "0.0001" },
      { symbol: "XRP/USD", startPrice: "0.6", tick: "0.0001" },
    ],
    files: [],
    live: {
      venue: "kraken",
      symbols: "BTC/USD, ETH/USD",
      rest: "standard",
      stream: "standard",
    },
  },
  account: { venue: "paper", account: "main", rest: "none", stream: "none" },
  live: { acknowledged: "none", maxExposure: "50" },
  strategy: {
    frames: "standard",
    eventPriceMovePct: "0.5",
    quarantineAfter: "3",
    confluence: {
      minFrames: "2",
      minStrategies: "3",
      minConfidence: "0.55",
      minRewardToRisk: "1.5",
      maxSpreadShare: "0.001",
      maxGapShare: "0.05",
      frameBonus: "1, 1.3, 1.5",
      bookWeight: "0.25",
    },
    votes: Object.fromEntries(strategyNames.map((name) => [name, voteTexts(name)])),
    regime: {
      adx: "14",
      trendAdx: "25",
      volatility: "20",
      usual: "100",
      low: "0.75",
      high: "1.4",
    },
    multipliers: {
      rangeLow: { trend: "0.7", reversion: "1.3", breakout: "1.1", flow: "1" },
      rangeMid: { trend: "0.7", reversion: "1.3", breakout: "0.9", flow: "1" },
      rangeHigh: { trend: "0.6", reversion: "1", breakout: "0.7", flow: "0.8" },
      trendLow: { trend: "1.2", reversion: "0.7", breakout: "1.2", flow: "1" },
      trendMid: { trend: "1.3", reversion: "0.6", breakout: "1.2", flow: "1" },
      trendHigh: { trend: "1.1", reversion: "0.5", breakout: "1", flow: "0.8" },
      unknown: { trend: "1", reversion: "1", breakout: "1", flow: "1" },
    },
    performance: { window: "30", minTrades: "10", least: "0.5", most: "1.5" },
    guardrail: { disableBelow: "0.5", off: "1d" },
    session: { minTrades: "20", least: "0.7", most: "1.3" },
  },
  accounts: [],
  books: [],
  risk: { riskShare: "0.01", maxShare: "0.25", positionCap: "3" },
  breakers: { dailyLossShare: "0.05" },
  entry: {
    type: "limit",
    patienceBars: "3",
    chase: {
      reprices: "0",
      everyBars: "1",
      maxAwayShare: "0.005",
      maxSpreadShare: "0.001",
      maxSlippageShare: "0.005",
    },
  },
  stop: {
    atrPeriod: "14",
    atrMultiple: "3",
    targetAtrMultiple: "6",
    trailAtrMultiple: "3",
    stepAtr: "0.25",
  },
  coolDown: { bars: "15" },
  order: {
    maxAttempts: "3",
    settle: "30s",
    lookUpRetry: "1s",
    fillGrace: "2s",
    workingCheck: "5s",
    restingCheck: "1m",
  },
  position: { maxFailures: "3", stopRetry: "1s", strandedRetry: "30s", settle: "1m" },
  reconcile: { interval: "15m", wiredInterval: "60s", retry: "5s", patience: "4", overlap: "1h" },
  matching: {
    latency: "0ms",
    slippageTicks: "1",
    slippageShare: "0.0001",
    volumeShare: "0.25",
    fees: { maker: "0.001", taker: "0.002" },
  },
  server: {
    host: "127.0.0.1",
    port: "4180",
    proxy: "none",
    tls: { cert: "none", key: "none" },
    idle: "15m",
  },
  log: { level: "info" },
} as const satisfies Text;

const origin: Origin = { layer: "default" };

function nodeOf(text: Text): Node {
  if (typeof text === "string") return { type: "leaf", text, origin };
  if (Array.isArray(text)) return { type: "list", items: text.map(nodeOf), origin };
  return branchOf(text as Readonly<Record<string, Text>>);
}

function branchOf(texts: Readonly<Record<string, Text>>): Branch {
  const children = Object.entries(texts).map(([name, child]) => [name, nodeOf(child)] as const);
  return { type: "branch", children: new Map(children), origin };
}

/** The lowest layer: whole, so that no key is ever left unset. */
export const defaultLayer: Branch = branchOf(defaultTexts);

export const defaultConfiguration: Configuration = configurationSchema.parse(plainOf(defaultLayer));
