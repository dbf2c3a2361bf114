/**
 * What other desks were reported with, as scenarios over real sockets at both venues: each ends in
 * the venue's own record, and nothing is bought, sold or left there twice.
 */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { decimal } from "../../machines/domain/decimal.ts";
import { actorName } from "../../machines/domain/ids.ts";
import { symbol } from "./bench.ts";
import { faultVenueNames } from "./fault-venues.ts";
import { differences } from "./fault-verdict.ts";
import { LiveDesk } from "./live-desk.fixture.ts";

setDefaultTimeout(240_000);

const isAt = (world: LiveDesk, state: string) => world.position?.matches(state as never) ?? false;
const isProtected = (world: LiveDesk) => () => world.isSettled && isAt(world, "open");
const isOver = (world: LiveDesk) => () =>
  world.isSettled && (world.position?.hasTag("over") ?? false);
const record = ({ rehearsal }: LiveDesk) => rehearsal.control.record();
const living = (world: LiveDesk) =>
  record(world).orders.filter(({ state }) => ["open", "triggered", "partial"].includes(state));

/** A position that is bought and protected; exits are looked at, for no stream tells of them. */
async function holding(venue: (typeof faultVenueNames)[number]): Promise<LiveDesk> {
  const world = await LiveDesk.started({ venue, restingCheckMs: 200 });
  world.open("60010");
  await world.until("a protected position", isProtected(world));
  return world;
}

const exit = (world: LiveDesk) =>
  world.send(actorName.position(world.positionId), { type: "exit.wanted", reason: "flatten" });

/** Reads the account again and waits until that was answered, soundly or not. */
async function readAgain(world: LiveDesk): Promise<void> {
  const before = world.rehearsal.control.requests.length;
  world.send(actorName.reconciler(world.at), { type: "reconcile.now" });
  await world.until("a reading", () => world.rehearsal.control.requests.length > before + 2);
}

describe.each(faultVenueNames)("at %s", (venue) => {
  describe("a position that closes", () => {
    test.each(["acceptThenReset", "dropBeforeAcceptance", "acceptThenEmpty", "status503"] as const)(
      "leaves no stop at the venue, though its cancel met %s",
      async (fault) => {
        await using world = await holding(venue);
        world.rehearsal.control.orderFault({ name: fault, on: ["cancel"] });
        exit(world);
        await world.until("a closed position", isOver(world));
        expect(living(world)).toEqual([]);
        expect(await differences(world)).toEqual([]);
      },
    );

    test.each(["acceptThenReset", "dropBeforeAcceptance", "acceptThenCutJson"] as const)(
      "is sold once, though its sale met %s, and no stop is placed after it",
      async (fault) => {
        await using world = await holding(venue);
        world.rehearsal.control.orderFault({ name: fault, on: ["submit"] });
        exit(world);
        await world.until("a closed position", isOver(world));
        const sold = record(world).trades.filter(({ order }) => order.side === "sell");
        expect([sold.length, living(world)]).toEqual([1, []]);
        expect(await differences(world)).toEqual([]);
      },
    );

    test("by its stop while it is cancelled for an exit sells nothing twice", async () => {
      await using world = await holding(venue);
      world.rehearsal.control.orderFault({ name: "fillRacesCancel", on: ["cancel"] });
      exit(world);
      await world.until("a closed position", isOver(world));
      const sold = record(world).trades.filter(({ order }) => order.side === "sell");
      expect(sold.map(({ quantity }) => quantity)).toEqual([decimal("0.01")]);
      expect(living(world)).toEqual([]);
      expect(await differences(world)).toEqual([]);
    });
  });

  describe("a reading of the account", () => {
    test.each([
      ["emptyResult", 8],
      ["status503", 8],
      ["acceptThenCutJson", 8],
      ["hangInBody", 1],
    ] as const)(
      "that meets %s is not an account without orders and coins: nothing is done for it",
      async (fault, count) => {
        await using world = await holding(venue);
        const before = record(world).orders.length;
        world.rehearsal.control.orderFault({ name: fault, on: ["read"], count });
        for (let reads = 0; reads < 3; reads += 1) await readAgain(world);
        world.rehearsal.control.clearFaults();
        await world.until("a protected position", isProtected(world));
        expect(record(world).orders.length).toBe(before);
        expect(world.held?.quantity).toBe(decimal("0.01"));
        expect(await differences(world)).toEqual([]);
      },
    );

    test("however often it is repeated, books no fill again and makes none up", async () => {
      await using world = await holding(venue);
      const ids = () => {
        const rows = world.reader.books.ordersPage({ limit: 100 });
        return rows.flatMap(({ intent }) => world.reader.books.fillsOf(intent.intentId));
      };
      const before = ids().map(({ tradeId }) => tradeId);
      for (let reads = 0; reads < 3; reads += 1) expect(await world.reconciled()).toEqual([]);
      expect(ids().map(({ tradeId }) => tradeId)).toEqual(before);
      expect(before).toEqual(record(world).trades.map(({ tradeId }) => tradeId));
    });
  });

  test("a cancel that is refused again and again is asked in measure", async () => {
    await using world = await LiveDesk.started({ venue });
    world.open("59000");
    const isOpen = () => world.entry?.matches({ live: { held: "open", asked: "none" } } as never);
    await world.until("a resting entry", () => isOpen() ?? false);
    const { control } = world.rehearsal;
    control.orderFault({ name: "refuse", on: ["cancel"], count: 5 });
    world.send(actorName.position(world.positionId), { type: "entry.abandon", reason: "struck" });
    await world.until("the refusals used up", () => control.pendingFaults.length === 0);
    await world.until("the entry's end", () => living(world).length === 0 && world.isSettled);
    const cancels = control.requests.filter(({ path }) => /cancel/i.test(path)).length;
    expect(cancels).toBe(6);
    control.feedPoint(symbol, decimal(60_000));
    expect(await differences(world)).toEqual([]);
  });
});
