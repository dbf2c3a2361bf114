/**
 * The measured traps of ccxt and Bun, each twice: what happens without the cure (plain ccxt, or
 * plain fetch), and with it. If a new version heals one, the first half fails and says so.
 */
import { describe, expect, test } from "bun:test";
import type { CcxtVenueId } from "./assumptions.ts";
import type { Answer } from "./scripted-server.fixture.ts";
import { addOrder, exchangeOf, nameOf, plainKraken, sound } from "./traps.fixture.ts";
import { limitBuy, placePath } from "./venues.fixture.ts";

const { clientOrderId, symbol } = limitBuy;

describe("failures read as success", () => {
  const answers: readonly (readonly [string, Answer])[] = [
    ["HTTP 523", { status: 523, body: "" }],
    ["HTTP 524", { status: 524, body: "" }],
    ["HTML", { body: "<html></html>" }],
    ["an empty body", { body: "" }],
    ["cut JSON", { fault: "cutJson" }],
    ["an empty result", { body: { error: [], result: {} } }],
  ];

  test.each(answers)("ccxt takes %s for an order without an id", async (_name, answer) => {
    await using world = await sound("kraken");
    world.server.on(addOrder, answer);
    const order = await plainKraken(world).createOrder(symbol, "limit", "buy", 0.01, 50_000);
    expect(order.id).toBeUndefined();
  });

  test.each(answers)("ccxt takes %s for no open orders", async (_name, answer) => {
    await using world = await sound("kraken");
    world.server.on("/0/private/OpenOrders", answer);
    expect(await plainKraken(world).fetchOpenOrders(symbol)).toEqual([]);
  });

  test.each(answers)("ccxt takes %s for an order that does not exist", async (_name, answer) => {
    await using world = await sound("kraken");
    world.server.on("/0/private/QueryOrders", answer);
    expect(await nameOf(plainKraken(world).fetchOrder("OABC", symbol))).toBe("OrderNotFound");
  });

  test.each(answers)("the adapter takes %s for unknown, each time", async (_name, answer) => {
    await using world = await sound("kraken");
    for (const path of [addOrder, "/0/private/OpenOrders", "/0/private/QueryOrders"]) {
      world.server.on(path, answer);
    }
    const cancel = { venueOrderId: "OABC", clientOrderId, symbol };
    const replies = [
      await world.venue.submit(limitBuy),
      await world.venue.openOrders(),
      await world.venue.lookUp(clientOrderId, symbol),
      await world.venue.cancel(cancel),
    ];
    expect(replies.map(({ type }) => type)).toEqual(["unknown", "unknown", "unknown", "unknown"]);
  });

  test("ccxt lets a body cut by a close out as an error that is not its own", async () => {
    await using world = await sound("kraken");
    world.server.on("/0/private/BalanceEx", { fault: "cutBody" });
    const error = await plainKraken(world)
      .request("BalanceEx", "private", "POST", {})
      .catch((reason: unknown) => reason);
    expect(String(Object.getPrototypeOf(error).constructor.name)).not.toContain("Network");
  });

  test("the adapter makes a network error of it", async () => {
    await using world = await sound("kraken");
    world.server.on("/0/private/BalanceEx", { fault: "cutBody" });
    const request = exchangeOf(world).request("BalanceEx", "private", "POST", {});
    expect(await nameOf(request)).toBe("NetworkError");
  });

  test("ccxt waits for a stalled body past its time-out; the adapter does not", async () => {
    await using world = await sound("kraken");
    const gate = Promise.withResolvers<void>();
    const head = "HTTP/1.1 200 OK\r\ncontent-length: 23\r\n\r\n";
    world.server.on("/0/private/BalanceEx", {
      parts: [`${head}{"error":[],`, gate.promise, '"result":{}}'],
    });
    const plain = plainKraken(world, { timeout: 50 }).request("BalanceEx", "private", "POST", {});
    const ours = exchangeOf(world, 100).request("BalanceEx", "private", "POST", {});
    expect(await nameOf(ours)).toBe("RequestTimeout");
    // Asked earlier, with less time: had it a time-out for bodies, it would be over by now.
    gate.resolve();
    expect(await nameOf(plain)).toBe("success");
  });
});

describe("sent once", () => {
  test("ccxt with retries sends an order of unknown fate again", async () => {
    await using world = await sound("kraken");
    const exchange = plainKraken(world);
    await exchange.loadMarkets();
    exchange.options.maxRetriesOnFailure = 1;
    world.server.on(addOrder, { status: 502, body: "" });
    await nameOf(exchange.createOrder(symbol, "limit", "buy", 0.01, 50_000));
    expect(world.server.to(addOrder).length).toBe(2);
  });

  test.each<[CcxtVenueId, Answer]>(
    (["kraken", "coinbase", "binanceus"] as const).flatMap((id): [CcxtVenueId, Answer][] => [
      [id, { status: 502, body: "" }],
      [id, { fault: "reset" }],
    ]),
  )("the adapter sends it to %s once, after %p", async (id, answer) => {
    await using world = await sound(id);
    await world.venue.instruments();
    world.server.on(placePath[id], answer);
    await world.venue.submit(limitBuy);
    expect(world.server.to(placePath[id]).length).toBe(1);
  });

  /** Answers once, then drops what comes on the same connection. */
  const dropReused = (used: Set<number>, body: unknown) => (request: { connection: number }) => {
    if (used.has(request.connection)) return { fault: "reset" } as const;
    used.add(request.connection);
    return { body };
  };

  test.each([
    ["DELETE", 3],
    ["POST", 2],
  ])("Bun sends a %s whose reused connection drops %d times in all", async (method, times) => {
    await using world = await sound("binanceus");
    world.server.on("/x", dropReused(new Set(), {}));
    const send = () => fetch(`${world.server.url}/x`, { method }).then((each) => each.text());
    await send();
    await nameOf(send());
    expect(world.server.to("/x").length).toBe(times);
  });

  test("the adapter cancels by DELETE on a connection of its own, once", async () => {
    await using world = await sound("binanceus");
    await world.venue.instruments();
    const used = new Set<number>(world.server.requests.map(({ connection }) => connection));
    world.server.on("/api/v3/order", (request) =>
      request.method === "DELETE" ? { fault: "reset" } : dropReused(used, {})(request),
    );
    const reply = await world.venue.cancel({ venueOrderId: "7", clientOrderId, symbol });
    const deletes = world.server.to("/api/v3/order").filter(({ method }) => method === "DELETE");
    expect([reply.type, deletes.length]).toEqual(["unknown", 1]);
  });

  test("Bun is not older than the one this was measured on", () => {
    expect(Bun.semver.satisfies(Bun.version, ">=1.4.5")).toBe(true);
  });
});

describe("nonces and order of going", () => {
  test("ccxt gives kraken calls of one millisecond one nonce", async () => {
    await using world = await sound("kraken");
    const exchange = plainKraken(world);
    exchange.milliseconds = () => 1_700_000_000_000;
    await Promise.all([1, 2].map(() => exchange.request("BalanceEx", "private", "POST", {})));
    const nonces = world.server.requests.map(({ body }) => new URLSearchParams(body).get("nonce"));
    expect(new Set(nonces).size).toBe(1);
  });

  test("the adapter gives each its own, above the last", async () => {
    await using world = await sound("kraken");
    await Promise.all([1, 2].map(() => world.venue.balances()));
    const nonces = world.server.requests.map(({ body }) =>
      Number(new URLSearchParams(body).get("nonce")),
    );
    expect(nonces[1]).toBeGreaterThan(nonces[0] ?? 0);
  });

  test("ccxt sends an order after every market data call asked for before it", async () => {
    await using world = await sound("kraken");
    const exchange = plainKraken(world, { enableRateLimit: true, rateLimit: 1 });
    await exchange.loadMarkets();
    const before = world.server.requests.length;
    const time: Answer = { body: { error: [], result: { unixtime: 1 } } };
    world.server.on("/0/public/Time", time);
    const reads = [1, 2, 3, 4].map(() => exchange.fetchTime());
    const order = exchange.createOrder(symbol, "limit", "buy", 0.01, 50_000);
    await Promise.all([...reads, order]);
    const paths = world.server.requests.slice(before).map(({ path }) => path);
    expect(paths.indexOf(addOrder)).toBe(4);
  });

  test("the adapter does not: market data has an instance and a lane of its own", async () => {
    await using world = await sound("kraken");
    await world.venue.instruments();
    const gate = Promise.withResolvers<void>();
    const time: Answer = { body: { error: [], result: { unixtime: 1 } } };
    world.server.on("/0/public/Time", { after: gate.promise, answer: time });
    const reads = [1, 2, 3, 4].map(() => world.venue.serverTime());
    expect((await world.venue.submit(limitBuy)).type).toBe("confirmed");
    gate.resolve();
    await Promise.all(reads);
  });
});
