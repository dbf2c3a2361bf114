import { afterEach, describe, expect, test } from "bun:test";
import {
  Connection,
  type ConnectionLimits,
  type ConnectionStatus,
  type Link,
} from "./connection.ts";
import {
  halfDraw,
  quickLimits,
  type Script,
  ScriptedServer,
  until,
} from "./scripted-server.fixture.ts";
import { systemTimers } from "./timers.ts";

const open: { close(): void }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) each.close();
});

function serve(script: Script = {}): ScriptedServer {
  const server = new ScriptedServer(script);
  open.push({ close: () => void server.stop() });
  return server;
}

interface Seen {
  readonly connection: Connection;
  readonly texts: string[];
  readonly statuses: ConnectionStatus[];
  link: Link | null;
  readonly causes: () => (string | null)[];
}

function connect(
  url: string,
  options: {
    readonly limits?: Partial<ConnectionLimits>;
    readonly ping?: () => string;
    readonly opened?: (link: Link) => void;
    readonly received?: (text: string, link: Link) => void;
  } = {},
): Seen {
  const texts: string[] = [];
  const statuses: ConnectionStatus[] = [];
  const seen: { link: Link | null } = { link: null };
  const connection = new Connection(
    { url, timers: systemTimers, draw: halfDraw, limits: { ...quickLimits, ...options.limits } },
    {
      ping: options.ping ?? null,
      opened: (link) => {
        seen.link = link;
        (options.opened ?? ((each: Link) => each.ready()))(link);
      },
      received: (text, link) => {
        texts.push(text);
        options.received?.(text, link);
      },
      changed: (status) => statuses.push(status),
    },
  );
  open.push(connection);
  connection.start();
  const causes = () => statuses.filter(({ state }) => state === "down").map(({ cause }) => cause);
  return Object.assign(seen, { connection, texts, statuses, causes }) as Seen;
}

describe("a connection", () => {
  test("goes from connecting to live, and hands over each message in order", async () => {
    const server = serve({ opened: (peer) => peer.send("one") });
    const { connection, texts, statuses } = connect(server.url);
    await until("the first message", () => texts.length === 1);
    server.send("two", "three");
    await until("all messages", () => texts.length === 3);
    expect(texts).toEqual(["one", "two", "three"]);
    expect(statuses.map(({ state }) => state)).toEqual(["connecting", "live"]);
    expect(connection.status.counters).toEqual({
      messages: 3,
      reconnects: 0,
      dropped: 0,
      malformed: 0,
      gaps: 0,
    });
  });

  test("loses no message while whoever handles them is busy", async () => {
    const server = serve();
    let isBusy = true;
    const { texts, connection } = connect(server.url, {
      received: () => {
        if (!isBusy) return;
        isBusy = false;
        Bun.sleepSync(50);
      },
    });
    await until("a live connection", () => connection.status.state === "live");
    for (let number = 0; number < 2_000; number += 1) server.send(String(number));
    await until("all messages", () => texts.length === 2_000);
    expect(texts).toEqual(Array.from({ length: 2_000 }, (_, number) => String(number)));
  });

  test("tries again, and again, where nobody listens", async () => {
    const { connection, causes } = connect("ws://127.0.0.1:1/v2");
    await until("three tries", () => connection.counters.reconnects >= 2);
    expect(causes()[0]).toBe("closed with code 1006");
  });

  test("gives a server up that takes the line and never answers", async () => {
    const mute = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    open.push({ close: () => mute.stop(true) });
    const url = `ws://127.0.0.1:${mute.port}/v2`;
    const { connection, causes } = connect(url, { limits: { connectMs: 30 } });
    await until("a second try", () => connection.counters.reconnects >= 1);
    expect(causes()[0]).toBe("no connection within 30 ms");
  });

  test("refuses an address that is none, in words", async () => {
    const { causes } = connect("http//nothing");
    await until("a cause", () => causes().length > 0);
    expect(causes()[0]).toStartWith('Cannot open "http//nothing": ');
  });

  test("gives up a subscription without an answer", async () => {
    const server = serve();
    const { connection, causes } = connect(server.url, {
      opened: (link) => link.send('{"method":"subscribe"}'),
      limits: { subscribeMs: 30 },
    });
    await until("a second try", () => server.connections >= 2);
    expect(causes()[0]).toBe("no answer to the subscriptions within 30 ms");
    expect(connection.counters.reconnects).toBeGreaterThanOrEqual(1);
  });

  test("asks a silent venue for a sign of life, and stays when it comes", async () => {
    const server = serve({ received: (peer) => peer.send("pong") });
    const { connection, texts } = connect(server.url, {
      ping: () => '{"method":"ping"}',
      limits: { pingAfterMs: 20, staleAfterMs: 4_000, deadAfterMs: 5_000 },
    });
    await until("three answers", () => texts.length >= 3);
    expect(connection.status.state).toBe("live");
    expect(server.connections).toBe(1);
  });

  test("calls a half-open socket stale, then drops it and takes another", async () => {
    const server = serve();
    const { statuses, causes, connection } = connect(server.url, {
      ping: () => '{"method":"ping"}',
      limits: { pingAfterMs: 10, staleAfterMs: 20, deadAfterMs: 40 },
    });
    await until("another connection", () => server.connections >= 2);
    connection.close();
    expect(statuses.slice(0, 4).map(({ state, cause }) => [state, cause])).toEqual([
      ["connecting", null],
      ["live", null],
      ["stale", "silent for 20 ms"],
      ["down", "silent for 40 ms"],
    ]);
    expect(causes()[0]).toBe("silent for 40 ms");
  });

  test("is live again when a stale one is heard", async () => {
    const server = serve();
    const { connection } = connect(server.url, {
      limits: { pingAfterMs: 10, staleAfterMs: 20, deadAfterMs: 5_000 },
    });
    await until("a stale connection", () => connection.status.state === "stale");
    server.send("still here");
    await until("a live connection", () => connection.status.state === "live");
  });

  test.each([
    [1000, "", "closed with code 1000"],
    [1008, "policy", 'closed with code 1008 "policy"'],
    [1012, "restart", 'closed with code 1012 "restart"'],
    [4001, "token expired", 'closed with code 4001 "token expired"'],
  ])("closed by the venue with code %d, it says so and reconnects", async (code, reason, cause) => {
    const server = serve({ opened: (peer, number) => number === 1 && peer.close(code, reason) });
    const { causes, connection } = connect(server.url);
    await until("the second connection", () => server.connections === 2);
    await until("a live connection", () => connection.status.state === "live");
    expect(causes()).toEqual([cause]);
    expect(connection.status.cause).toBe(cause);
  });

  test("drops a socket that sends too much at once, and counts it", async () => {
    const server = serve({ opened: (peer, number) => number === 1 && peer.send("x".repeat(101)) });
    const { causes, texts, connection } = connect(server.url, {
      limits: { messageLengthMax: 100 },
    });
    await until("the second connection", () => server.connections === 2);
    expect(causes()).toEqual(["received a message of 101 characters, wanted at most 100"]);
    expect([texts.length, connection.counters.dropped]).toEqual([0, 1]);
  });

  test("drops a socket that sends bytes", async () => {
    const server = serve({
      opened: (peer, number) => number === 1 && peer.sendBinary(new Uint8Array([1, 2])),
    });
    const { causes, connection } = connect(server.url);
    await until("the second connection", () => server.connections === 2);
    expect(causes()).toEqual(["received a binary message, wanted text"]);
    expect(connection.counters.malformed).toBe(1);
  });

  test("survives a handler that throws: what was half-handled is begun anew", async () => {
    const server = serve({ opened: (peer, number) => number === 1 && peer.send("bad") });
    const { causes } = connect(server.url, {
      received: () => {
        throw new RangeError("no such thing");
      },
    });
    await until("the second connection", () => server.connections === 2);
    expect(causes()).toEqual(["Cannot handle message: no such thing"]);
  });

  test("lets an old link do nothing once another has taken its place", async () => {
    const server = serve();
    const seen = connect(server.url);
    await until("a live connection", () => seen.connection.status.state === "live");
    const old = seen.link;
    seen.connection.restart("a test");
    await until("the second connection", () => seen.link !== old);
    old?.fail("too late");
    old?.ready();
    expect(old?.isCurrent).toBe(false);
    expect(seen.causes()).toEqual(["a test"]);
  });

  test("waits longer with each failure, to a limit, and never all at the same moment", () => {
    const waits: number[] = [];
    const timers = {
      now: () => 0,
      elapsed: () => 0,
      after: (delayMs: number, run: () => void) => {
        waits.push(delayMs);
        if (waits.length < 6) run();
        return () => {};
      },
    };
    const draws = [0, 0.999, 0.5, 0.5, 0.5, 0.5];
    const connection = new Connection(
      {
        url: "no address",
        timers,
        draw: () => draws[waits.length] ?? 0,
        limits: { backoffMinMs: 100, backoffMaxMs: 1_000 },
      },
      { ping: null, opened: () => {}, received: () => {}, changed: () => {} },
    );
    connection.start();
    expect(waits.map(Math.round)).toEqual([50, 200, 300, 600, 750, 750]);
    connection.close();
  });

  test.each(["connecting", "live", "down"] as const)(
    "can be closed by whoever hears that it is %s",
    async (wanted) => {
      const server = serve({ opened: (peer) => wanted === "down" && peer.close(1012) });
      const states: string[] = [];
      const connection: Connection = new Connection(
        { url: server.url, timers: systemTimers, draw: halfDraw, limits: quickLimits },
        {
          ping: null,
          opened: (link) => link.ready(),
          received: () => {},
          changed: ({ state, cause }) => {
            states.push(state);
            if (state === wanted && cause !== "closed by the desk") connection.close();
          },
        },
      );
      open.push(connection);
      connection.start();
      await until("its end", () => connection.status.cause === "closed by the desk");
      const before = [server.connections, ...states];
      // Another connection, once it is through, shows that the first is not tried again.
      const other = connect(server.url);
      await until("the other's connection", () => other.statuses.length >= 2);
      expect([server.connections - 1, ...states]).toEqual(before);
    },
  );

  test("closed, it leaves nothing running and stays closed", async () => {
    const server = serve();
    const { connection } = connect(server.url);
    await until("a live connection", () => connection.status.state === "live");
    connection.close();
    await until("the server to see it", () => server.peer?.readyState !== WebSocket.OPEN);
    expect(connection.status).toMatchObject({ state: "down", cause: "closed by the desk" });
    expect(server.connections).toBe(1);
  });
});
