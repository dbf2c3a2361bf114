/** An account behind sockets, at each venue that orders can be sent to. */
import { expect, setDefaultTimeout, test } from "bun:test";
import type { Vital } from "../../actors/desk/ports.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import type { VenueReport } from "../../machines/domain/fill.ts";
import { systemDraws } from "../clock/system-clock.ts";
import { systemVenueClock } from "../venues/ccxt/mod.ts";
import { startRehearsal } from "../venues/rehearsal/mod.ts";
import { systemTimers } from "../venues/streams/mod.ts";
import { type WiredVenueName, wiredVenue, wiredVenueNames } from "./wired-venue.ts";

setDefaultTimeout(120_000);

const symbol = "BTC/USD";
const streamPaths: Readonly<Record<WiredVenueName, string>> = {
  kraken: "/auth/v2",
  coinbase: "/user",
};

async function until<T>(look: () => T | null | undefined | false): Promise<T> {
  for (;;) {
    const found = look();
    if (found) return found;
    await Bun.sleep(10);
  }
}

test.each(wiredVenueNames)("%s: an order is sent, and its stream tells of it", async (name) => {
  await using rehearsal = await startRehearsal({ venue: name });
  const wire = wiredVenue({
    at: { venue: name, account: "main" },
    keys: { apiKey: rehearsal.apiKey, secret: rehearsal.secret },
    symbols: [symbol],
    urls: { rest: rehearsal.url },
    streamUrl: `${rehearsal.url.replace("http", "ws")}${streamPaths[name]}`,
    clock: systemVenueClock,
    draws: systemDraws,
    timers: systemTimers,
  });
  const vitals: Vital[] = [];
  wire.listen((vital) => vitals.push(vital));
  try {
    expect(vitals).toMatchObject([{ type: "account", link: "cut" }]);
    await until(() => vitals.some((vital) => vital.type === "account" && vital.link === "stands"));
    const clientOrderId = `nv${systemDraws.hex("order", "id", 16)}`;
    const reply = await wire.venue.submit({
      ...{ clientOrderId, symbol, side: "buy", type: "market", quantity: decimal("0.01") },
      ...{ price: null, stopPrice: null, timeInForce: "gtc", postOnly: false, expiresAt: null },
    });
    expect(reply.type).toBe("confirmed");
    const filled = await until((): VenueReport | null => {
      const report = wire.venue.takeReport();
      return report?.type === "order" && report.order.state === "filled" ? report : null;
    });
    expect(filled).toMatchObject({ order: { clientOrderId, filled: "0.01" } });
  } finally {
    wire.close();
  }
});
