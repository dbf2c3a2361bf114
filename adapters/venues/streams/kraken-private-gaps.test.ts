import { afterEach, describe, expect, test } from "bun:test";
import { krakenPrivateStream } from "./kraken-private-stream.ts";
import {
  balances,
  confirm,
  ended,
  executions,
  newOrder,
  pendingNew,
  trade,
  written,
} from "./kraken-wire.fixture.ts";
import {
  causes,
  emptySnapshots,
  kinds,
  livePrivate,
  privateStand,
} from "./private-stand.fixture.ts";
import type { PrivateStreamEvent } from "./private-stream.ts";
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

const stand = (script: Script = {}, options: Parameters<typeof privateStand>[2] = {}) =>
  privateStand(open, script, options);
const live = livePrivate;

describe("Kraken's private stream, what is missed", () => {
  test("a hole in the sequence is a gap: its fill counts, and a new connection is made", async () => {
    const { server, reports, events } = await live(stand());
    server.send(executions("update", 2, pendingNew));
    await until("the order", () => reports().length >= 1);
    server.send(executions("update", 4, trade("T2", "0.2"), ended("filled", "0.3")));
    await until(
      "the second connection",
      () => kinds(events).filter((each) => each === "live").length === 2,
    );
    expect(causes(events, "gap")).toEqual(["executions came with sequence 4, wanted 3"]);
    expect(kinds(events)).toEqual(["live", "gap", "down", "live"]);
    // What the order came to is not believed of a message after a hole: REST says.
    expect(reports().map(({ type }) => type)).toEqual(["order", "fill"]);
  });

  test("each channel has its own sequence", async () => {
    const { server, events } = await live(stand());
    server.send(
      balances("update", 2, { asset: "USD" }),
      executions("update", 2, pendingNew),
      balances("update", 3, { asset: "USD" }),
    );
    await until("both movements", () => kinds(events).length >= 3);
    expect(kinds(events)).toEqual(["live", "balancesMoved", "balancesMoved"]);
  });

  test("a repeated message is dropped and counted", async () => {
    const { server, reports, stream, events } = await live(stand());
    const message = executions("update", 2, pendingNew, trade("T1", "0.1"));
    server.send(message, message, executions("update", 3, trade("T2", "0.1")));
    await until("the second fill", () => reports().length >= 5);
    expect(reports().map(({ type }) => type)).toEqual(["order", "fill", "order", "fill", "order"]);
    expect(stream.status.counters.dropped).toBe(1);
    expect(kinds(events)).toEqual(["live"]);
  });

  test("messages out of order are a gap, and no fill is lost or doubled", async () => {
    const later = executions("snapshot", 1, trade("T1", "0.1"), trade("T2", "0.2"));
    const { server, reports, events } = await live(
      stand({
        received: (peer, message, number) => {
          const snapshots = number === 1 ? emptySnapshots : { executions: later };
          confirm(peer, message, snapshots);
        },
      }),
    );
    server.send(
      executions("update", 3, trade("T2", "0.2")),
      executions("update", 2, trade("T1", "0.1")),
    );
    await until("the snapshot's fill", () => reports().length >= 2);
    expect(reports().map((each) => each.type === "fill" && each.fill.tradeId)).toEqual([
      "T2",
      "T1",
    ]);
    expect(causes(events, "gap")).toHaveLength(1);
  });

  test("after a drop the snapshot brings what is new, and nothing twice", async () => {
    const filled = {
      ...pendingNew,
      exec_type: "status",
      order_status: "partially_filled",
      cum_qty: "#0.2",
    };
    const later = executions("snapshot", 1, filled, trade("T1", "0.1"), trade("T2", "0.1"));
    const { server, reports, events, tokens } = await live(
      stand({
        received: (peer, message, number) => {
          confirm(peer, message, number === 1 ? emptySnapshots : { executions: later });
        },
      }),
    );
    server.send(executions("update", 2, pendingNew), executions("update", 3, trade("T1", "0.1")));
    await until("the first fill", () => reports().length >= 3);
    server.peer?.close(1012, "restart");
    await until("the snapshot", () => reports().length >= 5);
    expect(
      reports().map((each) => (each.type === "fill" ? each.fill.tradeId : each.order.filled)),
    ).toEqual(["0", "T1", "0.1", "0.2", "T2"]);
    expect(causes(events, "down")).toEqual(['closed with code 1012 "restart"']);
    expect(tokens).toEqual(["token 1", "token 2"]);
  });

  test("a snapshot's trades are told once, and add nothing to the sum that it tells", async () => {
    const half = { ...pendingNew, order_status: "partially_filled", cum_qty: "#0.1" };
    const first = executions("snapshot", 1, half, trade("T0", "0.1"));
    const { server, reports } = await live(
      stand({ received: (peer, message) => confirm(peer, message, { executions: first }) }),
    );
    server.send(executions("update", 2, trade("T0", "0.1"), trade("T1", "0.1")));
    await until("the fill", () => reports().length >= 4);
    expect(
      reports().map((each) => (each.type === "fill" ? each.fill.tradeId : each.order.filled)),
    ).toEqual(["0.1", "T0", "T1", "0.2"]);
  });

  test("reports that nobody takes are bounded: the overflow is one gap until they are", async () => {
    const { server, reports, stream, events } = await live(stand({}, { outboxMax: 3 }));
    const trades = (from: number) =>
      Array.from({ length: 5 }, (_, index) => trade(`T${from + index}`, "0.1"));
    server.send(executions("update", 2, ...trades(0)));
    await until("the overflow", () => stream.status.counters.dropped === 2);
    expect(causes(events, "gap")).toEqual(["reports came faster than they were taken"]);
    expect(reports().map((each) => each.type === "fill" && each.fill.tradeId)).toEqual([
      "T0",
      "T1",
      "T2",
    ]);
    server.send(executions("update", 3, ...trades(5)));
    await until("the next overflow", () => stream.status.counters.dropped === 4);
    expect(causes(events, "gap")).toHaveLength(2);
  });

  test.each([
    ["damaged JSON", '{"channel":"executions","type":"upd', "wanted whole JSON"],
    ["no object", '["executions"]', "wanted an object"],
    ["no channel", "{}", "has no channel"],
    [
      "no sequence",
      written({ channel: "executions", type: "update", data: [] }),
      "has no sequence",
    ],
    [
      "no list",
      written({ channel: "executions", type: "update", data: {}, sequence: 2 }),
      "a list",
    ],
    [
      "another type",
      written({ channel: "executions", type: "hint", data: [], sequence: 2 }),
      "snapshot or update",
    ],
  ])("%s is a gap, and a new connection is made", async (_name, text, reason) => {
    const { server, events, stream } = await live(stand());
    server.send(text);
    await until("the second connection", () => server.connections === 2);
    expect(causes(events, "gap")[0]).toContain(reason);
    expect(causes(events, "down")[0]).toContain(reason);
    expect(stream.status.counters.malformed).toBe(1);
  });

  test("a refused subscription is told, and tried again", async () => {
    const refusal = { method: "subscribe", success: false, error: "EGeneral:Permission denied" };
    const { server, events } = stand({
      received: (peer, message, number) => {
        if (number === 1) peer.send(JSON.stringify(refusal));
        else confirm(peer, message, emptySnapshots);
      },
    });
    await until("a live stream", () => kinds(events).includes("live"));
    expect(causes(events, "down")).toEqual(['subscription refused: "EGeneral:Permission denied"']);
    expect(server.connections).toBe(2);
  });

  test("half an answer is none: a channel without its confirmation is given up", async () => {
    const { events } = stand(
      {
        received: (peer, message) => {
          const { channel } = message.params as { channel: string };
          if (channel === "balances") confirm(peer, message, emptySnapshots);
        },
      },
      { subscribeMs: 30 },
    );
    await until("a cause", () => causes(events, "down").length > 0);
    expect(causes(events, "down")[0]).toBe("no answer to the subscriptions within 30 ms");
  });

  test("a token that cannot be had is told, and asked for again", async () => {
    const server = new ScriptedServer({
      received: (peer, message) => confirm(peer, message, emptySnapshots),
    });
    let asked = 0;
    const stream = krakenPrivateStream({
      url: server.url,
      draw: halfDraw,
      limits: quickLimits,
      token: async () => {
        asked += 1;
        if (asked === 1) throw new RangeError("no permission");
        return "token";
      },
    });
    open.push(
      () => stream.close(),
      () => void server.stop(),
    );
    const events: PrivateStreamEvent[] = [];
    stream.onEvent((event) => events.push(event));
    stream.start();
    await until("a live stream", () => stream.status.state === "live");
    expect(causes(events, "down")).toEqual(["Cannot get a token: no permission"]);
  });

  test("an order alive after its end is only late", async () => {
    const { server, reports } = await live(stand());
    server.send(
      executions("update", 2, pendingNew, ended("canceled", "0"), newOrder),
      executions("update", 3, trade("T1", "0.1")),
    );
    await until("the fill", () => reports().length >= 3);
    expect(reports().map((each) => (each.type === "fill" ? "fill" : each.order.state))).toEqual([
      "open",
      "canceled",
      "fill",
    ]);
  });
});
