/** What a cancel and an amend come to once the venue has taken them. */
import { describe, expect, test } from "bun:test";
import { decimal } from "../../../machines/domain/decimal.ts";
import type { CcxtVenueId } from "./assumptions.ts";
import { answerSoundly, binanceOrder, coinbaseOrder, krakenOrder } from "./replies.fixture.ts";
import type { Answer } from "./scripted-server.fixture.ts";
import { limitBuy, type Stand, sent, stand } from "./venues.fixture.ts";

const { clientOrderId, symbol } = limitBuy;
const kraken = (result: unknown): Answer => ({ body: { error: [], result } });

async function sound(id: CcxtVenueId): Promise<Stand> {
  const world = await stand(id);
  answerSoundly(id, world.server);
  return world;
}

const order = {
  clientOrderId,
  symbol,
  side: "buy",
  type: "limit",
  quantity: "0.01",
  price: "50000.1",
  stopPrice: null,
  reason: null,
} as const;

describe("cancel", () => {
  const request = { venueOrderId: "OABC", clientOrderId, symbol };
  const ends: readonly (readonly [CcxtVenueId, string, Answer, Answer])[] = [
    [
      "kraken",
      "/0/private/QueryOrders",
      kraken({ OABC: krakenOrder }),
      kraken({ OABC: { ...krakenOrder, status: "canceled", closetm: 1, vol_exec: "0.004" } }),
    ],
    [
      "coinbase",
      "/api/v3/brokerage/orders/historical/OABC",
      { body: { order: { ...coinbaseOrder, status: "CANCEL_QUEUED" } } },
      { body: { order: { ...coinbaseOrder, status: "CANCELLED", filled_size: "0.004" } } },
    ],
  ];

  test.each(ends)("at %s is confirmed with the end, not with the taking", async (...row) => {
    const [id, path, live, ended] = row;
    await using world = await sound(id);
    world.server.next(path, live, ended);
    const reply = await world.venue.cancel(request);
    expect(reply).toMatchObject({
      type: "confirmed",
      value: { state: "canceled", filled: decimal("0.004") },
    });
    expect(world.server.to(path).length).toBe(2);
  });

  test.each(ends)("at %s is unknown while the order is still listed as live", async (...row) => {
    const [id, path, live] = row;
    await using world = await sound(id);
    world.server.on(path, live);
    const reply = await world.venue.cancel(request);
    expect(reply.type).toBe("unknown");
  });

  test("at binanceus is confirmed with the end, not with the taking", async () => {
    await using world = await sound("binanceus");
    const ended = { ...binanceOrder, status: "CANCELED", executedQty: "0.00400000" };
    const asked = world.server;
    // The same path: the cancel first, then what became of the order.
    asked.next("/api/v3/order", { body: binanceOrder }, { body: ended });
    const reply = await world.venue.cancel({ ...request, venueOrderId: "7" });
    expect(reply).toMatchObject({
      type: "confirmed",
      value: { state: "canceled", filled: "0.004" },
    });
    expect(asked.to("/api/v3/order").map(({ method }) => method)).toEqual(["DELETE", "GET"]);
  });

  test("of an order that filled instead is confirmed as filled", async () => {
    await using world = await sound("kraken");
    const filled = { ...krakenOrder, status: "closed", closetm: 1, vol_exec: "0.01000000" };
    world.server.on("/0/private/QueryOrders", kraken({ OABC: filled }));
    expect(await world.venue.cancel(request)).toMatchObject({
      type: "confirmed",
      value: { state: "filled", filled: "0.01" },
    });
  });

  test.each<[CcxtVenueId, string, Answer]>([
    ["kraken", "/0/private/CancelOrder", { body: { error: ["EOrder:Unknown order"] } }],
    [
      "coinbase",
      "/api/v3/brokerage/orders/batch_cancel",
      {
        body: {
          results: [{ success: false, failure_reason: "UNKNOWN_CANCEL_ORDER", order_id: "OABC" }],
        },
      },
    ],
    [
      "binanceus",
      "/api/v3/order",
      { status: 400, body: { code: -2011, msg: "Unknown order sent." } },
    ],
  ])("refused at %s is not read as done", async (id, path, answer) => {
    await using world = await sound(id);
    world.server.on(path, answer);
    const reply = await world.venue.cancel(request);
    expect([reply.type, reply.type === "refused" && reply.code]).toEqual([
      "refused",
      "unknownOrder",
    ]);
  });

  test("at kraken names an order by client id where the venue's is not known", async () => {
    await using world = await sound("kraken");
    await world.venue.cancel({ ...request, venueOrderId: null });
    expect(world.server.to("/0/private/CancelOrder").map(sent)).toEqual([
      { cl_ord_id: clientOrderId },
    ]);
  });

  test("at coinbase looks for the venue's id, and sends nothing where there is none", async () => {
    await using world = await sound("coinbase");
    const reply = await world.venue.cancel({ ...request, venueOrderId: null });
    expect([reply.type, reply.type === "refused" && reply.code]).toEqual(["refused", "notSent"]);
    expect(world.server.to("/api/v3/brokerage/orders/batch_cancel")).toEqual([]);
  });
});

describe("amend", () => {
  test("is confirmed with the new terms, though the list still shows the old ones", async () => {
    await using world = await sound("kraken");
    const reply = await world.venue.amend({
      ...{ venueOrderId: "OABC", clientOrderId, symbol, stopPrice: null },
      quantity: decimal("0.02"),
      price: decimal("50001"),
    });
    const at = 1_700_000_000_123;
    expect(reply).toEqual({
      type: "confirmed",
      value: {
        ...order,
        ...{ venueOrderId: "OABC", state: "open", filled: "0" },
        ...{ quantity: "0.02", price: "50001", createdAt: at, updatedAt: at },
      },
    } as never);
  });

  test("of an order that ended meanwhile is confirmed with its end", async () => {
    await using world = await sound("kraken");
    const filled = { ...krakenOrder, status: "closed", closetm: 1, vol_exec: "0.01000000" };
    world.server.on("/0/private/QueryOrders", kraken({ OABC: filled }));
    const reply = await world.venue.amend({
      ...{ venueOrderId: "OABC", clientOrderId, symbol, stopPrice: null },
      quantity: decimal("0.02"),
      price: decimal("50001"),
    });
    expect(reply).toMatchObject({
      type: "confirmed",
      value: { state: "filled", quantity: "0.01" },
    });
  });
});
