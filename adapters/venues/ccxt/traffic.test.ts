/** Many calls at once: nonces, order of going, and what one slow call costs the others. */
import { describe, expect, test } from "bun:test";
import type { CcxtVenueId } from "./assumptions.ts";
import { answerSoundly } from "./replies.fixture.ts";
import { limitBuy, placePath, stand } from "./venues.fixture.ts";

const { clientOrderId, symbol } = limitBuy;

describe("twenty orders at once", () => {
  test.each<[CcxtVenueId]>([["kraken"], ["coinbase"], ["binanceus"]])(
    "at %s go out one at a time, each confirmed",
    async (id) => {
      await using world = await stand(id);
      answerSoundly(id, world.server);
      await world.venue.instruments();
      const submits = Array.from({ length: 20 }, () => world.venue.submit(limitBuy));
      const replies = await Promise.all(submits);
      expect({
        types: [...new Set(replies.map(({ type }) => type))],
        sent: world.server.to(placePath[id]).length,
        atOnce: world.server.mostInFlight,
        problems: world.server.problems,
      }).toEqual({ types: ["confirmed"], sent: 20, atOnce: 1, problems: [] });
    },
  );

  test("carry strictly rising nonces at kraken, though the clock stands still", async () => {
    await using world = await stand("kraken");
    answerSoundly("kraken", world.server);
    await Promise.all(Array.from({ length: 20 }, () => world.venue.submit(limitBuy)));
    const nonces = world.server
      .to(placePath.kraken)
      .map(({ body }) => Number(new URLSearchParams(body).get("nonce")));
    const rising = nonces.every((nonce, index) => index === 0 || nonce > (nonces[index - 1] ?? 0));
    expect([nonces.length, rising]).toEqual([20, true]);
  });
});

test("a cancel behind a queue of reads is the next request that goes out", async () => {
  await using world = await stand("kraken");
  answerSoundly("kraken", world.server);
  await world.venue.instruments();
  const gate = Promise.withResolvers<void>();
  const body = { error: [], result: { XXBT: { balance: "1", hold_trade: "0" } } };
  world.server.next("/0/private/BalanceEx", { after: gate.promise, answer: { body } });
  const reads = Array.from({ length: 10 }, () => world.venue.balances());
  const cancel = world.venue.cancel({ venueOrderId: "OABC", clientOrderId, symbol });
  gate.resolve();
  await Promise.all([...reads, cancel]);
  const paths = world.server.requests.map(({ path }) => path.split("/").at(-1));
  // The look at its end waits for the one read that started meanwhile, no longer.
  expect(paths.slice(1, 5)).toEqual(["BalanceEx", "CancelOrder", "BalanceEx", "QueryOrders"]);
});

test("a protective stop goes before an entry that was asked for earlier", async () => {
  await using world = await stand("kraken");
  answerSoundly("kraken", world.server);
  await world.venue.instruments();
  const gate = Promise.withResolvers<void>();
  const body = { error: [], result: { XXBT: { balance: "1", hold_trade: "0" } } };
  world.server.next("/0/private/BalanceEx", { after: gate.promise, answer: { body } });
  const read = world.venue.balances();
  const entry = world.venue.submit(limitBuy);
  const stop = { type: "stop", side: "sell", price: null, stopPrice: limitBuy.price } as const;
  const protection = world.venue.submit({ ...limitBuy, ...stop });
  gate.resolve();
  await Promise.all([read, entry, protection]);
  const sides = world.server
    .to(placePath.kraken)
    .map((request) => new URLSearchParams(request.body).get("type"));
  expect(sides).toEqual(["sell", "buy"]);
});

test("public data has a lane of its own: a stalled private call does not hold it up", async () => {
  await using world = await stand("kraken");
  answerSoundly("kraken", world.server);
  world.server.on("/0/public/Time", { body: { error: [], result: { unixtime: 1 } } });
  const gate = Promise.withResolvers<void>();
  const body = { error: [], result: { XXBT: { balance: "1", hold_trade: "0" } } };
  world.server.next("/0/private/BalanceEx", { after: gate.promise, answer: { body } });
  const read = world.venue.balances();
  expect((await world.venue.serverTime()).type).toBe("confirmed");
  gate.resolve();
  expect((await read).type).toBe("confirmed");
});

test("a full queue answers at once that nothing was sent", async () => {
  await using world = await stand("kraken", { queueLimit: 1 });
  answerSoundly("kraken", world.server);
  await world.venue.instruments();
  const replies = await Promise.all([
    world.venue.submit(limitBuy),
    world.venue.submit(limitBuy),
    world.venue.submit(limitBuy),
  ]);
  expect(replies.map((reply) => (reply.type === "refused" ? reply.code : reply.type))).toEqual([
    "confirmed",
    "confirmed",
    "notSent",
  ]);
  expect([world.server.to(placePath.kraken).length, world.venue.counts.refused]).toEqual([2, 1]);
});

test("HTTP 429 with Retry-After holds reads back until then, and is noticed", async () => {
  await using world = await stand("binanceus");
  answerSoundly("binanceus", world.server);
  await world.venue.instruments();
  const body = { code: -1003, msg: "Too much request weight used" };
  world.server.next("/api/v3/openOrders", { status: 429, body, headers: { "retry-after": "30" } });
  const start = world.clock.now();
  const first = await world.venue.openOrders();
  const second = await world.venue.openOrders();
  expect([first.type, second.type, world.clock.now() - start]).toEqual([
    "unknown",
    "confirmed",
    30_000,
  ]);
  expect(world.notices).toEqual(["rateLimited: binanceus asks for fewer calls"]);
});

test("HTTP 418 bans: not even a cancel goes out, and it says that nothing was sent", async () => {
  await using world = await stand("binanceus");
  answerSoundly("binanceus", world.server);
  await world.venue.instruments();
  world.server.next("/api/v3/openOrders", {
    status: 418,
    body: { code: -1003, msg: "Way too much request weight used; IP banned" },
    headers: { "retry-after": "7200" },
  });
  await world.venue.openOrders();
  const before = world.server.requests.length;
  const reply = await world.venue.cancel({ venueOrderId: "7", clientOrderId, symbol });
  expect([reply.type, reply.type === "refused" && reply.code]).toEqual(["refused", "notSent"]);
  expect(world.server.requests.length).toBe(before);
});
