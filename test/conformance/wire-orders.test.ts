/**
 * A position's orders over real sockets, at both venues: an entry that follows the price, a stop
 * that keeps up with what is held, a gap through it. Compared with the venue's own record.
 */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { OrderVersion } from "../../adapters/venues/rehearsal/mod.ts";
import { compare, decimal, subtract, sum, zero } from "../../machines/domain/decimal.ts";
import { actorName } from "../../machines/domain/ids.ts";
import type { OrderContext } from "../../machines/order.types.ts";
import { symbol } from "./bench.ts";
import { faultVenueNames, faultVenues } from "./fault-venues.ts";
import { differences } from "./fault-verdict.ts";
import { LiveDesk } from "./live-desk.fixture.ts";

setDefaultTimeout(240_000);

const orders = ({ rehearsal }: LiveDesk) => rehearsal.control.record().orders;
const bySide = (world: LiveDesk, side: "buy" | "sell") =>
  orders(world).filter((order) => order.side === side);
const isAlive = ({ state }: OrderVersion) => ["open", "triggered", "partial"].includes(state);
const entry = (world: LiveDesk) => world.entry?.context as OrderContext | undefined;
const isAt = (world: LiveDesk, state: string) => world.position?.matches(state as never) ?? false;

const reprice = (world: LiveDesk, price: string | null) =>
  world.send(actorName.order(`${world.positionId}/entry`), {
    type: "order.reprice",
    price: price === null ? null : decimal(price),
    at: Date.now(),
  });

/** An entry that rests below the market. */
async function resting(options: Parameters<typeof LiveDesk.started>[0]): Promise<LiveDesk> {
  const world = await LiveDesk.started(options);
  world.open("59000");
  const isOpen = () => world.entry?.matches({ live: { held: "open", asked: "none" } } as never);
  await world.until("a resting entry", () => isOpen() ?? false);
  return world;
}

const isProtected = (world: LiveDesk) => () => world.isSettled && isAt(world, "open");

describe.each(faultVenueNames)("at %s", (venue) => {
  const amends = venue === "kraken";
  const isStruck = amends ? (["amend"] as const) : (["cancel"] as const);

  describe("an entry that is moved up to the touch", () => {
    test("is filled there and protected, and one order of it lives at a time", async () => {
      await using world = await resting({ venue });
      reprice(world, "60010");
      await world.until("a protected position", isProtected(world));
      const buys = bySide(world, "buy");
      expect(buys.map(({ state }) => state)).toEqual(amends ? ["filled"] : ["canceled", "filled"]);
      expect(await differences(world, true)).toEqual([]);
    });

    test("after it filled in part is bought for the rest alone", async () => {
      await using world = await resting({ venue });
      // Away again at once: the market that goes on must not fill the rest at the old price.
      world.rehearsal.control.feedPoint(symbol, decimal("58999.9"), false, 0.016);
      world.rehearsal.control.feedPoint(symbol, decimal("60000"), true);
      await world.until("a first part", () => compare(entry(world)?.filled ?? zero, zero) > 0);
      const part = entry(world)?.filled ?? zero;
      reprice(world, "60010");
      await world.until("a protected position", () => {
        return isProtected(world)() && entry(world)?.ended === "filled";
      });
      const bought = sum(bySide(world, "buy").map(({ filled }) => filled));
      expect([bought, compare(part, bought) < 0]).toEqual([decimal("0.01"), true]);
      if (!amends) {
        expect(bySide(world, "buy").map(({ quantity }) => quantity)).toEqual([
          decimal("0.01"),
          subtract(decimal("0.01"), part),
        ]);
      }
      expect(await differences(world, true)).toEqual([]);
    });

    test("is bought at market once its limit order is over", async () => {
      await using world = await resting({ venue });
      reprice(world, null);
      await world.until("a protected position", isProtected(world));
      expect(bySide(world, "buy").map(({ type, state }) => `${type} ${state}`)).toEqual([
        "limit canceled",
        "market filled",
      ]);
      expect(await differences(world, true)).toEqual([]);
    });

    test.each(["acceptThenReset", "dropBeforeAcceptance", "acceptThenBadGateway", "hangInBody"])(
      "under %s comes to the same, never with two alive",
      async (fault) => {
        await using world = await resting({ venue });
        world.rehearsal.control.orderFault({ name: fault, on: isStruck });
        reprice(world, "60010");
        await world.until("a protected position", isProtected(world));
        const [last, ...before] = bySide(world, "buy").reverse();
        expect([last?.state, before.filter(isAlive)]).toEqual(["filled", []]);
        expect(await differences(world, true)).toEqual([]);
      },
    );
  });

  describe("the stop", () => {
    test("rests from the first part on and grows with the next, never beyond what is held", async () => {
      await using world = await LiveDesk.started({ venue });
      const { control } = world.rehearsal;
      control.orderFault({ name: "partialFill", on: ["submit"], share: 0.5 });
      world.open("60010");
      await world.until("a first part, protected", () => {
        return entry(world)?.filled === "0.005" && isProtected(world)();
      });
      const stop = () => bySide(world, "sell").find(isAlive);
      expect([stop()?.quantity, stop()?.stopPrice]).toEqual([decimal("0.005"), decimal(58_000)]);
      control.feedPoint(symbol, decimal("59000"));
      await world.until("the whole, protected", () => {
        return entry(world)?.ended === "filled" && isProtected(world)();
      });
      expect([stop()?.quantity, bySide(world, "sell").filter(isAlive).length]).toEqual([
        decimal("0.01"),
        1,
      ]);
      expect(await differences(world)).toEqual([]);
    });

    test("that a gap jumps over sells at market, and the books are the venue's", async () => {
      // Nobody but a look tells of the exit's end here.
      await using world = await LiveDesk.started({ venue, restingCheckMs: 200 });
      world.open("60010");
      await world.until("a protected position", isProtected(world));
      world.rehearsal.control.feedPoint(symbol, decimal("50000"), true);
      // As the desk's own watch on levels says it, at the next bar or move.
      if (isAt(world, "open")) {
        world.send(actorName.position(world.positionId), { type: "level.crossed" });
      }
      await world.until("a closed position", () => world.position?.hasTag("over") ?? false);
      const sells = bySide(world, "sell");
      expect(sells.filter(({ filled }) => filled === "0.01").length).toBe(1);
      expect(sells.filter(isAlive)).toEqual([]);
      // Coinbase has no stop at market: its stop-limit is passed, cancelled, and followed by a sale.
      if (!amends) {
        expect(sells.map(({ type, state }) => `${type} ${state}`)).toEqual([
          "stopLimit canceled",
          "market filled",
        ]);
      }
      expect(await differences(world)).toEqual([]);
    });

    test("that the venue takes none of for a moment follows when it does", async () => {
      await using world = await resting({ venue });
      const { control } = world.rehearsal;
      control.setStatus("cancel_only");
      control.feedPoint(symbol, decimal("58900"));
      await world.until("a position without a stop", () => {
        return ["unprotected", "protecting"].some((state) => isAt(world, state));
      });
      await world.until("a first refusal, or a fate to look up", () => {
        return (world.held?.failures ?? 0) > 0 || world.orders().length > 1;
      });
      control.setStatus("online");
      await world.until("a protected position", isProtected(world));
      expect(await differences(world)).toEqual([]);
    });

    test("that is being looked at, in vain, is cancelled for an exit without waiting", async () => {
      await using world = await LiveDesk.started({ venue, restingCheckMs: 200 });
      const { control } = world.rehearsal;
      world.open("60010");
      await world.until("a protected position", isProtected(world));
      control.orderFault({ name: "status503", on: ["read"], count: 1_000_000 });
      const stop = () => world.orders().find(([id]) => id.includes("/stop-"))?.[1];
      await world.until("a stop that is looked at", () => stop()?.hasTag("unknown") ?? false);
      const position = actorName.position(world.positionId);
      world.send(position, { type: "exit.wanted", reason: "flatten" });
      const isAsked = () => control.requests.some(({ path }) => /cancel/i.test(path));
      await world.until("a cancel at the venue", isAsked);
      control.clearFaults();
      await world.until("a closed position", () => world.position?.hasTag("over") ?? false);
      expect(await differences(world)).toEqual([]);
    });

    test("that filled while its reports were lost is found, looking unasked", async () => {
      await using world = await LiveDesk.started({ venue, restingCheckMs: 200 });
      world.open("60010");
      await world.until("a protected position", isProtected(world));
      world.rehearsal.control.feedPoint(symbol, decimal("57900"));
      await world.until("a closed position", () => world.position?.hasTag("over") ?? false);
      expect(await differences(world)).toEqual([]);
    });
  });

  test("with its stream, an entry that is moved is told once, whichever way it is heard of", async () => {
    await using world = await resting({ venue, hasStream: true });
    expect(faultVenues[venue].places.stream.targets.length).toBe(1);
    reprice(world, "60010");
    await world.until("a protected position", isProtected(world));
    expect(await differences(world, true)).toEqual([]);
  });
});
