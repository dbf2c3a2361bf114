import { describe, expect, test } from "bun:test";
import { decimal } from "../../machines/domain/decimal.ts";
import type { Fill } from "../../machines/domain/fill.ts";
import type { VenueOrder } from "../../machines/domain/order.ts";
import type { LookUpInput } from "../../machines/order.types.ts";
import { fill as sampleFill, venueOrder } from "../../machines/samples.fixture.ts";
import { keyedDraws, VirtualClock } from "../runtime/mod.ts";
import { orderEffects } from "./gateway.ts";
import { ask } from "./named.ts";
import type { Found, Reply, Venue } from "./ports.ts";

const sentAt = 1_000_000;
/** Longer than any request can still land. */
const past = 600_000;
const order = venueOrder("open", { venueOrderId: "V1", clientOrderId: "nv00" });
const theirs = { ...order, clientOrderId: null };
const later: Fill = { ...sampleFill("T1", decimal("0.1")), at: sentAt };
const early: Fill = { ...sampleFill("T0", decimal("0.2")), at: sentAt - 1 };
const input: LookUpInput = {
  ...{ at: { venue: "paper", account: "main" }, symbol: order.symbol, side: order.side },
  ...{ intentId: "paper:main/BTC/USD/1/entry", clientOrderId: "nv00", nextAttempt: 2 },
  ...{ doubt: "submit", since: sentAt, known: false, wanted: null, quantity: order.quantity },
  named: "V1",
};
const unknown: Reply<never> = { type: "unknown", cause: "timed out" };
const confirmed = <T>(value: T): Reply<T> => ({ type: "confirmed", value });
const found = (orders: readonly VenueOrder[], fills: readonly Fill[] = []): Reply<Found> =>
  confirmed({ orders, fills });

/** One effect's answer, and what the venue was asked for. */
async function run(name: "lookUp" | "fetchFills", reply: Reply<Found>, parts = {}) {
  const asked: string[] = [];
  const venue = {
    assumptions: { latestAcceptMs: 10, readLagMs: 10, amends: true },
    async lookUpByVenueId(id: string) {
      asked.push(id);
      return reply;
    },
  } as unknown as Venue;
  const effects = orderEffects({
    ...{ venueOf: () => venue, holdsLease: () => true, draws: keyedDraws(1) },
    ...{ clock: new VirtualClock(sentAt + past), reached: () => {}, exposureStopped: () => null },
  });
  const context = { owner: "order:1", again: false };
  const event = await effects[name]?.({ ...input, ...parts } as never, context);
  return { event: event as unknown, asked };
}

describe("a look-up by the venue's own id", () => {
  const is = (which: VenueOrder) => ({ type: "lookUp.found", order: which, fills: [] });
  const stranger = { ...order, clientOrderId: "nv99" };
  const cases: readonly [name: string, reply: Reply<Found>, parts: object, event: object][] = [
    ["finds an order that has no client id", found([theirs]), {}, is(theirs)],
    ["finds one of the same client id", found([order]), {}, is(order)],
    [
      "does not take an order of another client id for ours, whoever says so",
      found([stranger]),
      {},
      { type: "lookUp.unclear", cause: '1 orders under "nv00" do not agree' },
    ],
    [
      "proves no absence: the operator said where it is",
      found([]),
      {},
      { type: "lookUp.unclear", cause: 'the venue does not list order "V1"' },
    ],
    ["is unclear without an answer", unknown, {}, { type: "lookUp.unclear", cause: "timed out" }],
    [
      "says what a claimed order had filled before it was claimed",
      found([stranger], [early, later]),
      { claimedAt: sentAt, doubt: "order" },
      { ...is(stranger), fills: [early, later], before: decimal("0.2") },
    ],
  ];
  test.each(cases)("%s", async (_, reply, parts, event) => {
    expect(await run("lookUp", reply, parts)).toEqual({ event, asked: ["V1"] });
  });

  test("fetches fills by it too, with what was before", async () => {
    const { event, asked } = await run("fetchFills", found([order], [early, later]), {
      claimedAt: sentAt,
    });
    expect(event).toEqual({
      ...{ type: "fills.fetched", fills: [early, later], before: decimal("0.2") },
    });
    expect(asked).toEqual(["V1"]);
  });

  test("takes an order that rests from the list, at a venue that cannot be asked for one", async () => {
    const listed = confirmed([{ ...order, venueOrderId: "V2" }, theirs]);
    const venue = { openOrders: async () => listed } as unknown as Venue;
    expect(await ask(venue, input)).toEqual(found([theirs]));
    const mute = { openOrders: async () => unknown } as unknown as Venue;
    expect(await ask(mute, input)).toEqual(unknown);
  });
});
