import coinbase from "ccxt/js/src/coinbase.js";
import kraken from "ccxt/js/src/kraken.js";
import { decimal } from "../../../machines/domain/decimal.ts";
import type { OrderRequest } from "../../../machines/domain/order.ts";
import type { CcxtVenueId } from "./assumptions.ts";
import { hardened } from "./hardened.ts";
import { answerSoundly } from "./replies.fixture.ts";
import { keysOf, limitBuy, placePath, type Stand, stand } from "./venues.fixture.ts";

const { symbol } = limitBuy;
export const addOrder = placePath.kraken;
export const stopSell: OrderRequest = {
  ...limitBuy,
  side: "sell",
  type: "stop",
  price: null,
  stopPrice: decimal("48000"),
};

export async function sound(id: CcxtVenueId): Promise<Stand> {
  const world = await stand(id);
  answerSoundly(id, world.server);
  world.server.on("/0/public/Assets", {
    body: {
      error: [],
      result: {
        XXBT: { aclass: "currency", altname: "XBT", decimals: 10 },
        ZUSD: { aclass: "currency", altname: "USD", decimals: 4 },
      },
    },
  });
  return world;
}

export function plainKraken({ server }: Stand, options: Record<string, unknown> = {}): kraken {
  const urls = { api: { public: server.url, private: server.url } };
  return new kraken({ ...keysOf.kraken, urls, enableRateLimit: false, ...options });
}

/** Plain ccxt with its market already known: only the request itself is looked at. */
export function plainCoinbase({ server }: Stand, secret = keysOf.coinbase.secret): coinbase {
  const exchange = new coinbase({
    apiKey: keysOf.coinbase.apiKey,
    ...{ secret, urls: { api: { rest: server.url } }, enableRateLimit: false },
  });
  const precision = { amount: 0.00000001, price: 0.01 };
  const market = { id: "BTC-USD", symbol, base: "BTC", quote: "USD", spot: true, type: "spot" };
  exchange.setMarkets([exchange.safeMarketStructure({ ...market, precision })]);
  return exchange;
}

export const nameOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "success",
    (error: Error) => error.constructor.name,
  );

export const exchangeOf = ({ server, clock }: Stand, timeoutMs = 5_000) =>
  hardened({ venue: "kraken", keys: keysOf.kraken, restUrl: server.url, clock, timeoutMs });
