import { afterEach, describe, expect, test } from "bun:test";
import type { VenueReport } from "../../../machines/domain/fill.ts";
import { coinbasePrivateStream } from "./coinbase-private-stream.ts";
import { CoinbaseDesk, order, orderId, told } from "./coinbase-wire.fixture.ts";
import type { PrivateStream, PrivateStreamEvent } from "./private-stream.ts";
import {
  halfDraw,
  quickLimits,
  type Script,
  ScriptedServer,
  until,
} from "./scripted-server.fixture.ts";

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

interface Stand {
  readonly server: ScriptedServer;
  readonly stream: PrivateStream;
  readonly desk: CoinbaseDesk;
  readonly events: PrivateStreamEvent[];
  readonly reports: () => VenueReport[];
  /** Sends events of the user channel, numbered. */
  readonly user: (type: "snapshot" | "update", ...orders: unknown[]) => void;
}

function stand(script: Script = {}, limits: { readonly subscribeMs?: number } = {}): Stand {
  const desk = new CoinbaseDesk();
  const server = new ScriptedServer({
    received: (peer, message) => desk.confirm(peer, message),
    ...script,
  });
  let signed = 0;
  const stream = coinbasePrivateStream({
    url: server.url,
    draw: halfDraw,
    limits: { ...quickLimits, ...limits },
    jwt: () => {
      signed += 1;
      return `jwt ${signed}`;
    },
  });
  const events: PrivateStreamEvent[] = [];
  stream.onEvent((event) => events.push(event));
  open.push(
    () => stream.close(),
    () => void server.stop(),
  );
  const taken: VenueReport[] = [];
  const reports = () => {
    for (let next = stream.takeReport(); next; next = stream.takeReport()) taken.push(next);
    return taken;
  };
  const user = (type: "snapshot" | "update", ...orders: unknown[]) => {
    if (server.peer) server.send(desk.counter(server.peer).message("user", { type, orders }));
  };
  stream.start();
  return { server, stream, desk, events, reports, user };
}

async function live(stand: Stand): Promise<Stand> {
  await until("a live stream", () => stand.stream.status.state === "live");
  return stand;
}

const kinds = (events: readonly PrivateStreamEvent[]) => events.map(({ type }) => type);
const causes = (events: readonly PrivateStreamEvent[], type: "gap" | "down") =>
  events.flatMap((event) => (event.type === type ? [event.cause] : []));

describe("Coinbase's private stream", () => {
  test("subscribes to heartbeats and orders, each signed anew, and then is live", async () => {
    const { server, events } = await live(stand());
    expect(server.messages).toEqual([
      { type: "subscribe", channel: "heartbeats", jwt: "jwt 1" },
      { type: "subscribe", channel: "user", jwt: "jwt 2" },
    ]);
    expect(kinds(events)).toEqual(["live"]);
  });

  test("makes reports of an order's sums, and asks for the trades where they grew", async () => {
    const { user, reports, events } = await live(stand());
    user("snapshot", order);
    user("update", { ...order, cumulative_quantity: "0.001", leaves_quantity: "0.002" });
    user("update", {
      ...order,
      cumulative_quantity: "0.003",
      leaves_quantity: "0",
      status: "FILLED",
    });
    await until("the end", () => reports().length >= 3);
    expect(reports()).toEqual([
      { type: "order", order: told },
      { type: "order", order: { ...told, state: "partial", filled: "0.001" } },
      { type: "order", order: { ...told, state: "filled", filled: "0.003" } },
    ] as VenueReport[]);
    expect(events.slice(1)).toMatchObject([
      { type: "fillsWanted", venueOrderId: orderId, symbol: "BTC/USD" },
      { type: "fillsWanted", venueOrderId: orderId, symbol: "BTC/USD" },
    ]);
  });

  test.each([
    ["PENDING", {}, "open"],
    ["QUEUED", {}, "open"],
    ["OPEN", { trigger_status: "STOP_PENDING", order_type: "STOP_LIMIT" }, "open"],
    ["OPEN", { trigger_status: "STOP_TRIGGERED", order_type: "Stop Limit" }, "triggered"],
    ["CANCEL_QUEUED", { cumulative_quantity: "0.001" }, "partial"],
    ["CANCELLED", { cancel_reason: "User requested cancel" }, "canceled"],
    ["EXPIRED", {}, "expired"],
    ["FAILED", { reject_reason: "INSUFFICIENT_FUND" }, "rejected"],
  ])("reads status %s with %j as %s", async (status, extra, state) => {
    const { user, reports } = await live(stand());
    user("update", { ...order, status, ...extra });
    await until("the order", () => reports().length >= 1);
    const reason = Object.entries(extra).find(([name]) => name.endsWith("_reason"))?.[1] ?? null;
    expect(reports()[0]).toMatchObject({ order: { state, reason } });
  });

  test("keeps the whole quantity of an order whose rest is gone with its cancel", async () => {
    const { user, reports } = await live(stand());
    user("update", { ...order, cumulative_quantity: "0.001", leaves_quantity: "0.002" });
    user("update", {
      ...order,
      cumulative_quantity: "0.001",
      leaves_quantity: "0",
      status: "CANCELLED",
    });
    await until("the end", () => reports().length >= 2);
    expect(reports()[1]).toMatchObject({ order: { quantity: "0.003", filled: "0.001" } });
  });

  test("replays after a reconnect tell nothing twice", async () => {
    const { user, reports, events, server } = await live(stand());
    const partial = { ...order, cumulative_quantity: "0.001", leaves_quantity: "0.002" };
    user("snapshot", partial);
    await until("the order", () => reports().length === 1);
    server.peer?.close(1012, "restart");
    await until(
      "a second time live",
      () => kinds(events).filter((each) => each === "live").length === 2,
    );
    user("snapshot", partial);
    user("update", { ...partial, cumulative_quantity: "0.002", leaves_quantity: "0.001" });
    await until("what is new", () => reports().length >= 2);
    expect(reports()).toHaveLength(2);
    expect(kinds(events)).toEqual(["live", "fillsWanted", "down", "live", "fillsWanted"]);
  });

  test("sums that fall again are older, and are not believed", async () => {
    const { user, reports } = await live(stand());
    user("update", { ...order, cumulative_quantity: "0.002", leaves_quantity: "0.001" });
    user("update", { ...order, cumulative_quantity: "0.001", leaves_quantity: "0.002" });
    user("update", {
      ...order,
      cumulative_quantity: "0.003",
      leaves_quantity: "0",
      status: "FILLED",
    });
    await until("the end", () =>
      reports().some((each) => each.type === "order" && each.order.state === "filled"),
    );
    const filled = reports().map((each) => each.type === "order" && each.order.filled);
    expect(filled).toEqual([...filled].sort());
  });

  test("a hole in the connection's numbers, in whatever channel, is a gap", async () => {
    const { server, desk, events } = await live(stand());
    const counter = server.peer && desk.counter(server.peer);
    counter?.skip(1);
    server.send(counter?.message("heartbeats", { current_time: "now", heartbeat_counter: 42 }));
    await until(
      "the second connection",
      () => kinds(events).filter((each) => each === "live").length === 2,
    );
    expect(causes(events, "gap")).toEqual(["heartbeats came with sequence 3, wanted 2"]);
  });

  test("a repeated message is dropped and counted", async () => {
    const { server, desk, reports, stream } = await live(stand());
    const counter = server.peer && desk.counter(server.peer);
    const message = counter?.message("user", { type: "update", orders: [order] });
    const next = { ...order, status: "CANCELLED" };
    server.send(message, message, counter?.message("user", { type: "update", orders: [next] }));
    await until("the end", () => reports().length >= 2);
    expect(reports()).toHaveLength(2);
    expect(stream.status.counters.dropped).toBe(1);
  });

  test.each([
    ["no order_id", { order_id: "" }, 'has order_id "", wanted text'],
    ["no sum", { cumulative_quantity: undefined }, "has no cumulative_quantity, wanted a number"],
    ["an unknown status", { status: "UNKNOWN_ORDER_STATUS" }, "wanted a known one"],
    ["an unknown type", { order_type: "Riddle" }, 'has order_type "Riddle", wanted a known one'],
    ["no side", { order_side: "UNKNOWN" }, "wanted buy or sell"],
  ])("takes an order with %s for a gap, and reads the rest", async (_name, flaw, reason) => {
    const { user, reports, events, stream } = await live(stand());
    user("update", { ...order, ...flaw }, { ...order, order_id: "another" });
    await until("the other order", () => reports().length >= 1);
    expect(causes(events, "gap")[0]).toContain(reason);
    expect(stream.status.counters).toMatchObject({ malformed: 1, gaps: 1 });
    expect(stream.status.state).toBe("live");
  });

  test("passes over futures, positions and snapshots without orders", async () => {
    const { server, desk, user, reports, events } = await live(stand());
    const counter = server.peer && desk.counter(server.peer);
    server.send(counter?.message("user", { type: "snapshot", positions: {} }));
    user("update", { ...order, product_type: "FUTURE", product_id: "BIT-28JUL23-CDE" }, order);
    await until("the order", () => reports().length >= 1);
    expect(reports()).toHaveLength(1);
    expect(kinds(events)).toEqual(["live"]);
  });

  test("damaged JSON is a gap, and a new connection is made", async () => {
    const { server, events } = await live(stand());
    server.send('{"channel":"user"');
    await until("the second connection", () => server.connections === 2);
    expect(causes(events, "gap")[0]).toContain("wanted whole JSON");
  });

  test("a refused subscription is told, and tried again", async () => {
    const desk = new CoinbaseDesk();
    const { events } = stand({
      received: (peer, message, number) => {
        if (number > 1) desk.confirm(peer, message);
        else peer.send('{"type":"error","message":"authentication failure"}');
      },
    });
    await until("a live stream", () => kinds(events).includes("live"));
    expect(causes(events, "down")).toEqual(['subscription refused: "authentication failure"']);
  });

  test("half an answer is none: without its heartbeats the stream is given up", async () => {
    const desk = new CoinbaseDesk();
    const script: Script = {
      received: (peer, message) => message.channel === "user" && desk.confirm(peer, message),
    };
    const { events } = stand(script, { subscribeMs: 30 });
    await until("a cause", () => causes(events, "down").length > 0);
    expect(causes(events, "down")[0]).toBe("no answer to the subscriptions within 30 ms");
  });
});
