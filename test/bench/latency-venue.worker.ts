/**
 * A venue that does nothing but take the time, in a thread of its own: Kraken's market and account
 * streams, and its REST on a bare TCP socket. Time runs from before the market message is sent
 * until the last byte of the signed order is there, both by this thread's clock.
 */
import { Database } from "bun:sqlite";
import { createHash, createHmac } from "node:crypto";
import type { ServerWebSocket, Socket } from "bun";
import { krakenChecksum } from "../../adapters/venues/streams/kraken-checksum.ts";
import { zero } from "../../machines/domain/decimal.ts";
import {
  type Arrived,
  type FromVenue,
  levelsAround,
  type ToVenue,
  venuePair,
  venueSecret,
  venueSymbol,
} from "./latency-wire.ts";

declare const self: Worker;

interface Peer {
  readonly isPrivate: boolean;
}

interface Pending {
  text: string;
}

let askedAt = Number.NaN;
let tradeId = 0;
let sequence = 0;
let orders = 0;
let ledger: Database | null = null;
const marketPeers = new Set<ServerWebSocket<Peer>>();
const accountPeers = new Set<ServerWebSocket<Peer>>();

const streams = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch(request, server) {
    const isPrivate = new URL(request.url).pathname.startsWith("/auth");
    if (server.upgrade(request, { data: { isPrivate } })) return undefined;
    return new Response("Wanted a WebSocket", { status: 400 });
  },
  websocket: {
    data: {} as Peer,
    close(peer) {
      marketPeers.delete(peer);
      accountPeers.delete(peer);
    },
    message(peer, data) {
      const { method, params, req_id } = JSON.parse(String(data));
      const time = new Date().toISOString();
      const head = { success: true, req_id, time_in: time, time_out: time };
      if (method === "ping") peer.send(JSON.stringify({ method: "pong", ...head }));
      if (method !== "subscribe") return;
      const { channel, symbol } = params as { channel: string; symbol?: readonly string[] };
      for (const each of symbol ?? [undefined]) {
        const result = { channel, symbol: each, snapshot: params.snapshot ?? true };
        peer.send(JSON.stringify({ method, result, ...head }));
      }
      begin(peer, channel);
    },
  },
});

function begin(peer: ServerWebSocket<Peer>, channel: string): void {
  if (peer.data.isPrivate) {
    if (channel === "executions") accountPeers.add(peer);
    const first = channel === "executions" ? executions("snapshot", []) : balances();
    peer.send(first);
  } else if (channel === "trade") {
    marketPeers.add(peer);
    post({ type: "listened" });
  }
}

function post(message: FromVenue): void {
  self.postMessage(message);
}

function executions(type: "snapshot" | "update", data: readonly unknown[]): string {
  sequence = type === "snapshot" ? 1 : sequence + 1;
  return JSON.stringify({ channel: "executions", type, data, sequence });
}

function balances(): string {
  const data = [{ asset: "USD", asset_class: "currency", balance: 100_000 }];
  return JSON.stringify({ channel: "balances", type: "snapshot", data, sequence: 1 });
}

function tellBook(ticks: number): void {
  const levels = levelsAround(ticks);
  const written = (side: readonly (readonly [string, string])[]) =>
    side.map(([writtenPrice, writtenQuantity]) => ({
      ...{ writtenPrice, writtenQuantity, ticks: 0, quantity: zero },
    }));
  const checksum = krakenChecksum(written(levels.asks), written(levels.bids), null);
  const side = (each: readonly (readonly [string, string])[]) =>
    `[${each.map(([price, qty]) => `{"price":${price},"qty":${qty}}`).join(",")}]`;
  const text =
    `{"channel":"book","type":"snapshot","data":[{"symbol":"${venueSymbol}",` +
    `"bids":${side(levels.bids)},"asks":${side(levels.asks)},"checksum":${checksum}}]}`;
  for (const peer of marketPeers) peer.send(text);
}

/** The message that is to set off an order; the clock runs from here. */
function tellTrade(price: string): void {
  tradeId += 1;
  const timestamp = new Date().toISOString();
  const text =
    `{"channel":"trade","type":"update","data":[{"symbol":"${venueSymbol}","side":"buy",` +
    `"price":${price},"qty":0.01000000,"ord_type":"market","trade_id":${tradeId},` +
    `"timestamp":"${timestamp}"}]}`;
  askedAt = Bun.nanoseconds();
  for (const peer of marketPeers) peer.send(text);
}

const rest = Bun.listen<Pending>({
  port: 0,
  hostname: "127.0.0.1",
  socket: {
    open(socket) {
      socket.data = { text: "" };
    },
    data(socket, chunk) {
      socket.data.text += chunk.toString("latin1");
      for (;;) {
        const { text } = socket.data;
        const end = text.indexOf("\r\n\r\n");
        if (end < 0) return;
        const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
        if (text.length < end + 4 + length) return;
        const arrivedAt = Bun.nanoseconds();
        socket.data.text = text.slice(end + 4 + length);
        answer(socket, text.slice(0, end), text.slice(end + 4, end + 4 + length), arrivedAt);
      }
    },
  },
});

function answer(socket: Socket<Pending>, head: string, body: string, arrivedAt: number): void {
  const path = /^\S+ ([^ ?]+)/.exec(head)?.[1] ?? "";
  const name = path.split("/").at(-1) ?? "";
  if (name === "AddOrder") {
    takeOrder(socket, { path, head, body, arrivedAt });
    return;
  }
  reply(socket, replies[name] === undefined ? [`EGeneral:Unknown method:${name}`] : [], {
    ...replies[name],
  });
}

const replies: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  AssetPairs: { XXBTZUSD: venuePair },
  Assets: {},
  GetWebSocketsToken: { token: "bench", expires: 900 },
  BalanceEx: { ZUSD: { balance: "100000.0000", hold_trade: "0.0000" } },
  OpenOrders: { open: {} },
  ClosedOrders: { closed: {}, count: 0 },
  TradesHistory: { trades: {}, count: 0 },
};

function reply(socket: Socket<Pending>, error: readonly string[], result: unknown): void {
  const text = JSON.stringify(error.length > 0 ? { error } : { error, result });
  socket.write(
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n" +
      `content-length: ${text.length}\r\nconnection: keep-alive\r\n\r\n${text}`,
  );
}

interface Request {
  readonly path: string;
  readonly head: string;
  readonly body: string;
  readonly arrivedAt: number;
}

/** Takes the order, and at once ends it as one that nothing could be filled of. */
function takeOrder(socket: Socket<Pending>, { path, head, body, arrivedAt }: Request): void {
  const fields = new URLSearchParams(body);
  const clientOrderId = fields.get("cl_ord_id") ?? "";
  const arrived: Arrived = {
    type: "arrived",
    tookNs: arrivedAt - askedAt,
    isSigned: signatureOf(head) === signed(path, fields.get("nonce") ?? "", body),
    // Asked before anything is answered: what the disk has now, it had when the bytes left.
    isDurable: ledger === null ? null : isDurable(ledger, clientOrderId),
    body,
  };
  // One that no message of ours set off, but a bar that closed meanwhile, is answered all the same.
  const isAskedFor = !Number.isNaN(askedAt);
  askedAt = Number.NaN;
  orders += 1;
  const orderId = `OBENCH-${orders}`;
  reply(socket, [], { descr: { order: "bench" }, txid: [orderId] });
  if (isAskedFor) post(arrived);
  const ended = {
    order_id: orderId,
    cl_ord_id: clientOrderId,
    exec_type: "canceled",
    order_status: "canceled",
    symbol: venueSymbol,
    side: "buy",
    order_type: "limit",
    order_qty: Number(fields.get("volume")),
    limit_price: Number(fields.get("price")),
    cum_qty: 0,
    reason: "Nothing to fill it with",
    timestamp: new Date().toISOString(),
  };
  for (const peer of accountPeers) peer.send(executions("update", [ended]));
}

function signatureOf(head: string): string {
  return /\r\napi-sign: *(\S+)/i.exec(head)?.[1] ?? "";
}

function signed(path: string, nonce: string, body: string): string {
  const digest = createHash("sha256")
    .update(nonce + body)
    .digest();
  const key = Buffer.from(venueSecret, "base64");
  return createHmac("sha512", key)
    .update(Buffer.concat([Buffer.from(path), digest]))
    .digest("base64");
}

/** Whether another connection reads the order's intent and this attempt from the ledger's file. */
function isDurable(database: Database, clientOrderId: string): boolean {
  const query =
    "SELECT 1 FROM attempts JOIN orders USING (intent_id) " +
    "WHERE client_order_id = ? AND role = 'entry'";
  return database.query(query).get(clientOrderId) !== null;
}

self.onmessage = ({ data }: MessageEvent<ToVenue>) => {
  switch (data.type) {
    case "book":
      tellBook(data.ticks);
      return;
    case "trade":
      tellTrade(data.price);
      return;
    case "look":
      ledger = new Database(data.ledgerFile, { readonly: true });
      return;
    case "stop":
      ledger?.close();
      rest.stop(true);
      void streams.stop(true).then(() => post({ type: "stopped" }));
  }
};

post({ type: "ready", restPort: rest.port, streamPort: streams.port ?? 0 });
