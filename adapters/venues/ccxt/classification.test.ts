/** Every row of the classification, said by a venue over a real socket. */
import { describe, expect, test } from "bun:test";
import * as errors from "ccxt/js/src/base/errors.js";
import { OperationFailed } from "ccxt/js/src/base/errors.js";
import type { CcxtVenueId } from "./assumptions.ts";
import { type ClassificationRow, classification } from "./classification.ts";
import { type Hardened, hardened } from "./hardened.ts";
import type { Answer } from "./scripted-server.fixture.ts";
import { keysOf, limitBuy, placePath, stand } from "./venues.fixture.ts";

const named: Readonly<Record<string, unknown>> = { ...errors };

/** The reply in which a venue says this. */
function saying({ venue, status, text, ccxt }: ClassificationRow): Answer {
  if (venue === "kraken") return { status, body: { error: [text] } };
  if (venue === "binanceus") {
    const [code = "", ...words] = text.split(" ");
    return { status, body: `{"code":${code},"msg":"${words.join(" ")}"}` };
  }
  if (ccxt === null) {
    const result = { success: false, failure_reason: text, order_id: "1" };
    return { status, body: { results: [result] } };
  }
  if (text === "Unauthorized") return { status, body: "Unauthorized\n" };
  if (status !== 200) return { status, body: { error: text, message: "in more words" } };
  const isPreview = text.startsWith("PREVIEW");
  const reason = isPreview ? { preview_failure_reason: text } : {};
  const error = isPreview ? "UNKNOWN_FAILURE_REASON" : text;
  return { status, body: { success: false, error_response: { error, message: "", ...reason } } };
}

const calls: Readonly<Record<CcxtVenueId, (exchange: Hardened) => Promise<unknown>>> = {
  kraken: (exchange) => exchange.request("BalanceEx", "private", "POST", {}),
  coinbase: (exchange) =>
    exchange.request("brokerage/key_permissions", ["v3", "private"], "GET", {}),
  binanceus: (exchange) => exchange.request("account", "private", "GET", { recvWindow: "5000" }),
};
const callPath: Readonly<Record<CcxtVenueId, string>> = {
  kraken: "/0/private/BalanceEx",
  coinbase: "/api/v3/brokerage/key_permissions",
  binanceus: "/api/v3/account",
};

describe("classification", () => {
  test.each(classification.map((row) => [row.venue, row.text.trim(), row.verdict, row] as const))(
    '%s saying "%s" is %s',
    async (venueId, _text, _verdict, row) => {
      await using world = await stand(venueId);
      const isOfCancel = venueId === "coinbase" && row.ccxt === null;
      const path = isOfCancel ? "/api/v3/brokerage/orders/batch_cancel" : placePath[venueId];
      // Once a key has worked, ccxt takes its refusal for a ban: see the test of that below.
      world.server.on("/api/v3/account", { status: 500, body: {} });
      world.server.on(path, saying(row));
      const { clientOrderId, symbol } = limitBuy;
      const reply = isOfCancel
        ? await world.venue.cancel({ venueOrderId: "1", clientOrderId, symbol })
        : await world.venue.submit(limitBuy);
      expect({
        type: reply.type,
        code: reply.type === "refused" ? reply.code : null,
        unlisted: world.notices.filter((notice) => notice.startsWith("unlisted")),
      }).toEqual({ type: row.verdict, code: row.code, unlisted: [] });
    },
  );

  test.each(
    classification.map((row) => [row.venue, row.text.trim(), String(row.ccxt), row] as const),
  )('%s saying "%s" is ccxt\'s %s', async (venueId, _text, wanted, row) => {
    await using world = await stand(venueId);
    world.server.on(callPath[venueId], saying(row));
    const exchange = hardened({
      venue: venueId,
      keys: keysOf[venueId],
      restUrl: world.server.url,
      clock: world.clock,
      timeoutMs: 5_000,
    });
    const name = await calls[venueId](exchange).then(
      () => "null",
      (error: Error) => error.constructor.name,
    );
    expect(name).toBe(wanted);
  });

  test("no row refuses what ccxt calls an OperationFailed", () => {
    const guesses = classification.filter(({ verdict, ccxt }) => {
      const type = ccxt === null ? null : named[ccxt];
      const mayHaveHappened =
        type === OperationFailed ||
        (typeof type === "function" && type.prototype instanceof OperationFailed);
      return verdict === "refused" && mayHaveHappened;
    });
    expect(guesses).toEqual([]);
  });

  test.each<[CcxtVenueId, string]>([
    ["kraken", "EOrder:Something new"],
    ["coinbase", "SOMETHING_NEW"],
    ["binanceus", "-2099 Something new"],
  ])("%s saying what is not listed is unknown, and noticed", async (venueId, text) => {
    await using world = await stand(venueId);
    const row = { venue: venueId, status: 200, text, ccxt: "", verdict: "unknown", code: null };
    world.server.on(placePath[venueId], saying(row as ClassificationRow));
    const reply = await world.venue.submit(limitBuy);
    expect([reply.type, world.notices.length]).toEqual(["unknown", 1]);
    expect(world.notices[0]).toStartWith("unlisted:");
  });

  test.each<[CcxtVenueId, number]>(
    (["kraken", "coinbase", "binanceus"] as const).flatMap((venueId) =>
      [
        400, 401, 403, 404, 407, 408, 418, 429, 500, 502, 503, 504, 511, 520, 522, 523, 524, 525,
      ].map((status): [CcxtVenueId, number] => [venueId, status]),
    ),
  )("%s answering HTML with HTTP %d is unknown", async (venueId, status) => {
    await using world = await stand(venueId);
    world.server.on(placePath[venueId], { status, body: "<html>Bad gateway</html>" });
    expect((await world.venue.submit(limitBuy)).type).toBe("unknown");
  });

  test("a key refused after it has worked is unknown: the venue says so of bans", async () => {
    await using world = await stand("binanceus");
    const body = { code: -2015, msg: "Invalid API-key, IP, or permissions for action." };
    world.server.on(placePath.binanceus, { status: 401, body });
    await world.venue.balances();
    expect((await world.venue.submit(limitBuy)).type).toBe("unknown");
  });

  test("a refusal's words with HTTP 500 are unknown: the venue did not mean them", async () => {
    await using world = await stand("coinbase");
    const body = { error: "INSUFFICIENT_FUND", message: "insufficient funds" };
    world.server.on(placePath.coinbase, { status: 500, body });
    expect((await world.venue.submit(limitBuy)).type).toBe("unknown");
  });
});
