/** What the gateway does for an entry that follows the price. */
import { describe, expect, test } from "bun:test";
import { decimal } from "../../machines/domain/decimal.ts";
import type { OrderRole, VenueOrder } from "../../machines/domain/order.ts";
import { keyedDraws, VirtualClock } from "../runtime/mod.ts";
import { drawClientOrderId, orderEffects } from "./gateway.ts";
import type { Reply, Venue } from "./ports.ts";

const at = { venue: "paper", account: "main" };
const named = { venueOrderId: "V1", clientOrderId: "nv00", symbol: "BTC/USD" };
const terms = { quantity: decimal(1), price: decimal(101), stopPrice: null };
const over: VenueOrder = {
  ...{ ...named, ...terms, side: "buy", type: "limit", state: "canceled" },
  ...{ filled: decimal("0.4"), reason: null, createdAt: 0, updatedAt: 5 },
};
const now = 1_000;
const draws = keyedDraws(1);
const next = { intentId: "paper:main/BTC/USD/1/entry", attempt: 2 };
const drawn = { clientOrderId: drawClientOrderId(draws, next.intentId, 2), at: now };

async function run(name: string, input: object, stopped: string | null, reply: Reply<unknown>) {
  const sent: string[] = [];
  const answer = (what: string) => () => {
    sent.push(what);
    return Promise.resolve(reply);
  };
  const venue = {
    ...{ at, assumptions: { latestAcceptMs: 50, readLagMs: 50, amends: true } },
    ...{ amend: answer("amend"), cancel: answer("cancel"), lookUp: answer("lookUp") },
  } as unknown as Venue;
  const effects = orderEffects({
    ...{ venueOf: () => venue, holdsLease: () => true, clock: new VirtualClock(now), draws },
    ...{ reached: () => {}, exposureStopped: () => stopped },
  });
  const event = await effects[name]?.(input as never, { owner: "order:1", again: false });
  return { event: event as unknown, sent };
}

const confirmed = <T>(value: T): Reply<T> => ({ type: "confirmed", value });

describe("an amendment while a brake is on", () => {
  test.each([
    ["entry", []],
    ["stop", ["amend"]],
    ["exit", ["amend"]],
  ] as [OrderRole, string[]][])("of a %s sends %p", async (role, wanted) => {
    const input = { at, role, request: { ...named, ...terms } };
    const { event, sent } = await run("amend", input, "brake", confirmed(over));
    expect(sent).toEqual(wanted);
    if (role === "entry") expect(event).toEqual({ type: "amend.denied", reason: "brake" });
  });
});

describe("an order that another is to take the place of", () => {
  const cancel = { at, request: named };
  const lookUp = {
    ...{ at, symbol: "BTC/USD", intentId: next.intentId, clientOrderId: "nv00" },
    ...{ nextAttempt: 2, doubt: "cancel", since: 0, known: true, wanted: null },
    ...{ side: "buy", quantity: decimal(1) },
  };
  const found = confirmed({ orders: [over], fills: [] });

  test("is cancelled with the next one's id, also while a brake is on", async () => {
    const { event, sent } = await run("cancel", { ...cancel, next }, "brake", confirmed(over));
    expect([sent, event]).toEqual([
      ["cancel"],
      { type: "cancel.confirmed", order: over, next: drawn },
    ]);
  });

  test("has no next one while the cancel's fate is unknown", async () => {
    const lost: Reply<never> = { type: "unknown", cause: "reset" };
    const { event } = await run("cancel", { ...cancel, next }, null, lost);
    expect(event).toEqual({ type: "cancel.unknown", cause: "reset", since: now });
  });

  test("is looked up with the next one's id", async () => {
    const { event } = await run("lookUp", { ...lookUp, replaces: true }, null, found);
    expect(event).toMatchObject({ type: "lookUp.found", order: over, next: drawn });
  });

  test("alone: what is cancelled for good brings no id", async () => {
    const [cancelled, looked] = [
      await run("cancel", cancel, null, confirmed(over)),
      await run("lookUp", lookUp, null, found),
    ];
    expect(cancelled.event).toEqual({ type: "cancel.confirmed", order: over });
    expect(looked.event).toEqual({ type: "lookUp.found", order: over, fills: [] });
  });
});
