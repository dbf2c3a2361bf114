/** What is asked of a venue before it is traded at. */
import { describe, expect, test } from "bun:test";
import type { CcxtVenueId } from "./assumptions.ts";
import type { Answer } from "./scripted-server.fixture.ts";
import { limitBuy, sent, stand } from "./venues.fixture.ts";

const kraken = (result: unknown): Answer => ({ body: { error: [], result } });

describe("checks before going live", () => {
  const permissions = ["query-funds", "modify-trades", "close-trades"];
  test.each<[CcxtVenueId, string, Answer, boolean]>([
    ["kraken", "/0/private/GetApiKeyInfo", kraken({ permissions }), false],
    [
      "kraken",
      "/0/private/GetApiKeyInfo",
      kraken({ permissions: [...permissions, "withdraw-funds"] }),
      true,
    ],
    [
      "coinbase",
      "/api/v3/brokerage/key_permissions",
      { body: { can_view: true, can_trade: true, can_transfer: true } },
      true,
    ],
    ["binanceus", "/api/v3/account", { body: { canTrade: true, canWithdraw: false } }, false],
  ])("keyRights at %s (%s)", async (id, path, answer, canWithdraw) => {
    await using world = await stand(id);
    world.server.on(path, answer);
    expect(await world.venue.keyRights()).toEqual({
      type: "confirmed",
      value: { canTrade: true, canWithdraw },
    });
  });

  test.each<[CcxtVenueId, string, Answer, number]>([
    ["kraken", "/0/public/Time", kraken({ unixtime: 1_762_820_224 }), 1_762_820_224_000],
    [
      "coinbase",
      "/api/v3/brokerage/time",
      { body: { epochMillis: "1762820224123" } },
      1_762_820_224_123,
    ],
    ["binanceus", "/api/v3/time", { body: { serverTime: 1_762_820_224_123 } }, 1_762_820_224_123],
  ])("serverTime at %s", async (id, path, answer, value) => {
    await using world = await stand(id, { keys: null });
    world.server.on(path, answer);
    expect(await world.venue.serverTime()).toEqual({ type: "confirmed", value });
  });

  test.each<[CcxtVenueId, string, Answer, string]>([
    ["kraken", "/0/public/SystemStatus", kraken({ status: "maintenance" }), "maintenance"],
    ["kraken", "/0/public/SystemStatus", kraken({ status: "online" }), "online"],
    [
      "binanceus",
      "/sapi/v1/system/status",
      { body: { status: 1, msg: "System maintenance." } },
      "maintenance",
    ],
    ["coinbase", "/api/v3/brokerage/time", { body: { epochMillis: "1" } }, "online"],
  ])("status at %s (%s)", async (id, path, answer, state) => {
    await using world = await stand(id, { keys: null });
    world.server.on(path, answer);
    expect(await world.venue.status()).toMatchObject({ type: "confirmed", value: { state } });
  });

  test.each<[CcxtVenueId, string, Answer, Answer]>([
    [
      "kraken",
      "/0/private/AddOrder",
      kraken({ descr: { order: "buy 0.01" } }),
      { body: { error: ["EOrder:Insufficient funds"] } },
    ],
    [
      "coinbase",
      "/api/v3/brokerage/orders/preview",
      { body: { errs: [], order_total: "500.1" } },
      { body: { errs: ["PREVIEW_INSUFFICIENT_FUND"], order_total: "500.1" } },
    ],
    [
      "binanceus",
      "/api/v3/order/test",
      { body: {} },
      {
        status: 400,
        body: { code: -2010, msg: "Account has insufficient balance for requested action." },
      },
    ],
  ])("validate at %s places nothing", async (id, path, yes, no) => {
    await using world = await stand(id);
    world.server.next(path, yes, no);
    const replies = [await world.venue.validate(limitBuy), await world.venue.validate(limitBuy)];
    expect(replies.map(({ type }) => type)).toEqual(["confirmed", "refused"]);
    if (id === "kraken")
      expect(world.server.to(path).map((each) => sent(each).validate)).toEqual(["true", "true"]);
  });

  test("streamToken at kraken comes over the same lane; elsewhere there is none", async () => {
    await using world = await stand("kraken");
    world.server.on("/0/private/GetWebSocketsToken", kraken({ token: "t", expires: 900 }));
    expect(await world.venue.streamToken()).toEqual({ type: "confirmed", value: "t" });
    await using other = await stand("coinbase");
    expect((await other.venue.streamToken()).type).toBe("refused");
  });

  test("without keys nothing private is sent", async () => {
    await using world = await stand("kraken", { keys: null });
    expect(await world.venue.balances()).toMatchObject({ type: "refused", code: "notSent" });
    expect(world.server.requests).toEqual([]);
  });
});
