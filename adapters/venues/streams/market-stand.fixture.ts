import type { Candle } from "../../../machines/domain/market.ts";
import type {
  CandleHistory,
  LiveMarket,
  LiveMarketEvent,
  LiveMarketOptions,
} from "./live-market.ts";
import { btc } from "./model-book.fixture.ts";
import {
  halfDraw,
  quickLimits,
  type Script,
  ScriptedServer,
  until,
} from "./scripted-server.fixture.ts";

type OfType<Type extends LiveMarketEvent["type"]> = Extract<
  LiveMarketEvent,
  { readonly type: Type }
>;

/** A live market against a scripted server, and what it told. */
export interface MarketStand {
  readonly server: ScriptedServer;
  readonly market: LiveMarket;
  readonly events: LiveMarketEvent[];
  readonly of: <Type extends LiveMarketEvent["type"]>(type: Type) => OfType<Type>[];
  readonly troubles: () => string[];
}

/** History that has nothing to tell, and a market that cannot be polled. */
const without = {
  candles: async (_symbol: string, since: number): Promise<CandleHistory> => ({
    from: since,
    until: since,
    candles: [] as Candle[],
  }),
  poll: () => Promise.reject(new RangeError("not asked for")),
};

export function marketStand<Options extends LiveMarketOptions>(
  open: (() => void)[],
  marketOf: (options: Options) => LiveMarket,
  script: Script,
  options: Partial<Options> = {},
): MarketStand {
  const server = new ScriptedServer(script);
  const market = marketOf({
    url: server.url,
    instruments: [btc],
    timeframeMs: 3_600_000,
    draw: halfDraw,
    ...without,
    ...options,
    limits: { ...quickLimits, ...options.limits },
  } as unknown as Options);
  const events: LiveMarketEvent[] = [];
  market.onEvent((event) => events.push(event));
  open.push(
    () => market.close(),
    () => void server.stop(),
  );
  market.start();
  const of = <Type extends LiveMarketEvent["type"]>(type: Type) =>
    events.filter((event): event is OfType<Type> => event.type === type);
  return { server, market, events, of, troubles: () => of("trouble").map(({ text }) => text) };
}

export async function liveMarket(stand: MarketStand): Promise<MarketStand> {
  await until("a live market", () => stand.market.status.state === "live");
  return stand;
}
