import { type Configuration, configurationSchema } from "./schema.ts";
import { type Branch, type Node, type Origin, plainOf } from "./tree.ts";

type Text = string | { readonly [name: string]: Text } | readonly Text[];

/** What every key is unless a preset, a file, the environment or the command line says otherwise. */
export const defaultTexts = {
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
  },
  account: { venue: "paper", account: "main" },
  strategy: {
    use: "both",
    trend: { fast: "20", slow: "50", adx: "14", minAdx: "25" },
    meanReversion: { period: "20", width: "2", rsi: "14", oversold: "25", overbought: "75" },
  },
  risk: { riskShare: "0.01", maxShare: "0.25", positionCap: "3" },
  breakers: { dailyLossShare: "0.05" },
  entry: { type: "limit", patienceBars: "3" },
  stop: { atrPeriod: "14", atrMultiple: "4", trailAtrMultiple: "6", stepAtr: "0.25" },
  coolDown: { bars: "15" },
  order: {
    maxAttempts: "3",
    settle: "30s",
    lookUpRetry: "1s",
    fillGrace: "2s",
    workingCheck: "5s",
  },
  position: { maxFailures: "3", strandedRetry: "30s", settle: "1m" },
  reconcile: { interval: "15m", retry: "5s", patience: "4", overlap: "1h" },
  matching: {
    latency: "0ms",
    slippageTicks: "1",
    slippageShare: "0.0001",
    volumeShare: "0.25",
    fees: { maker: "0.001", taker: "0.002" },
  },
  server: { port: "4180" },
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
