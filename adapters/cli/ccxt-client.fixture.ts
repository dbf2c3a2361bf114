/**
 * An unmodified ccxt in a process of its own: places, reads and cancels an order at an address, and
 * watches prices there. Takes venue, address, key and secret as they are printed; prints what came.
 */
import ccxt from "ccxt";

const [venue, url = "", apiKey = "", secret = ""] = process.argv.slice(2);
const symbol = "BTC/USD";

function clientOf() {
  const options = { apiKey, secret, enableRateLimit: false };
  const ws = url.replace("http", "ws");
  if (venue === "coinbase") {
    const client = new ccxt.pro.coinbase(options);
    client.urls.api = { rest: url, ws };
    return client;
  }
  const client = new ccxt.pro.kraken(options);
  const streams = { publicV2: `${ws}/v2`, privateV2: `${ws}/auth/v2` };
  client.urls.api = { public: url, private: url, ws: { public: ws, private: ws, ...streams } };
  return client;
}

const client = clientOf();
// For plain `ws://` it wants one of its own.
client.httpAgent = {};
const { total } = (await client.fetchBalance()) as unknown as { total: object };
const candles = await client.fetchOHLCV(symbol, "1m");
const { last } = await client.fetchTicker(symbol);
const price = Math.round((last ?? 0) * 0.9);
const { id: placed = "" } = await client.createOrder(symbol, "limit", "buy", 0.01, price);
const read = await client.fetchOrder(placed, symbol);
const open = await client.fetchOpenOrders(symbol);
await client.cancelOrder(placed, symbol);
const ended = await client.fetchOrder(placed, symbol);
const left = await client.fetchOpenOrders(symbol);
const watched = await client.watchTicker(symbol);
await client.close();
console.log(
  JSON.stringify({
    total,
    candles: candles.length,
    read: [read.status, read.amount, read.price],
    open: open.map(({ id }) => id === placed),
    ended: ended.status,
    left: left.length,
    hasWatched: (watched.last ?? 0) > 0,
    price,
  }),
);
process.exit(0);
