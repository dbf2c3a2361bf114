/** A server that speaks as much of Bitstamp as ccxt reads candles by: markets, and `ohlc` in windows. */

const minuteMs = 60_000;

export interface BitstampServer extends Disposable {
  readonly url: string;
  /** Open times that were asked from, Unix milliseconds. */
  readonly asked: number[];
  /** Requests for candles from now on that are answered with 500. */
  failing: number;
}

const market = {
  ...{ name: "BTC/USD", market_symbol: "btcusd", base_currency: "BTC", counter_currency: "USD" },
  ...{ base_decimals: 8, counter_decimals: 2, minimum_order_value: "10", trading: "Enabled" },
  ...{ description: "Bitcoin / U.S. dollar", market_type: "SPOT" },
};

/** Serves minutes that open from `first` on, none at the `quiet` ones, until now. */
export function serveBitstamp(first: number, quiet: readonly number[] = []): BitstampServer {
  const asked: number[] = [];
  const state = { failing: 0 };
  const server = Bun.serve({
    ...{ hostname: "127.0.0.1", port: 0 },
    fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname === "/api/v2/markets/") return Response.json([market]);
      if (pathname !== "/api/v2/ohlc/btcusd/") return new Response("no such page", { status: 404 });
      const [start, end] = ["start", "end"].map((name) => Number(searchParams.get(name)) * 1_000);
      asked.push(start as number);
      if (state.failing > 0) {
        state.failing -= 1;
        return new Response("sorry", { status: 500 });
      }
      const ohlc: object[] = [];
      const last = Math.min(end as number, Date.now());
      for (let at = Math.max(first, start as number); at <= last; at += minuteMs) {
        if (quiet.includes(at)) continue;
        const close = (100 + ((at / minuteMs) % 7)).toFixed(2);
        const prices = { open: "100.05", high: "120.00", low: "0.00005", close };
        ohlc.push({ timestamp: String(at / 1_000), ...prices, volume: "0.00000004" });
      }
      return Response.json({ data: { pair: "BTC/USD", ohlc } });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    asked,
    get failing() {
      return state.failing;
    },
    set failing(count) {
      state.failing = count;
    },
    [Symbol.dispose]: () => void server.stop(true),
  };
}
