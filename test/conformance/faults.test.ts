/** Every fault that a rehearsal venue can throw, against what the desk must keep true. */
import { beforeAll, describe, expect, test } from "bun:test";
import { decimal } from "../../machines/domain/decimal.ts";
import type { OrderContext } from "../../machines/order.types.ts";
import { type CellOutcome, cellName, cells, meaningless, runCells } from "./fault-cells.ts";
import { faultText, storedFaults } from "./fault-text.ts";
import { type FaultVenueName, faultVenueNames, faultVenues } from "./fault-venues.ts";
import { differences } from "./fault-verdict.ts";
import { LiveDesk } from "./live-desk.fixture.ts";

let outcomes: ReadonlyMap<string, CellOutcome> = new Map();

describe("an intent under a fault", () => {
  beforeAll(async () => {
    outcomes = await runCells(cells);
  }, 300_000);

  const meant = cells.filter((cell) => meaningless(cell) === null).map(cellName);
  test.each(meant)("%s ends in the venue's own truth", (name) => {
    expect(outcomes.get(name)?.wrong).toEqual([]);
  });

  test("the matrix in the documentation is what this run gives", async () => {
    expect(await storedFaults()).toBe(faultText(outcomes));
  });
});

const orders = ({ rehearsal }: LiveDesk) => rehearsal.control.record().orders;
const attempts = ({ reader, positionId }: LiveDesk) =>
  reader.books.attemptsOf(`${positionId}/entry`);
const lookUps = ({ entry }: LiveDesk) => (entry?.context as OrderContext | undefined)?.lookUps ?? 0;

/** A desk whose entry was placed, and that cannot learn of it: every read fails from now on. */
async function inDoubt(venue: FaultVenueName): Promise<LiveDesk> {
  const world = await LiveDesk.started({ venue });
  const { control } = world.rehearsal;
  control.orderFault({ name: "acceptThenReset", on: ["submit"] });
  control.orderFault({ name: "status503", on: ["read"], count: 1_000_000 });
  world.open("59000");
  await world.until("three look-ups in vain", () => lookUps(world) >= 3);
  return world;
}

/** A desk that was told untruly, by reads older than it assumes, that its entry was not placed. */
async function misled(venue: FaultVenueName, price: string): Promise<LiveDesk> {
  const world = await LiveDesk.started({ venue });
  const { control } = world.rehearsal;
  control.orderFault({ name: "acceptThenReset", on: ["submit"] });
  control.orderFault({ name: "staleRead", on: ["read"], delayMs: 60_000, count: 1_000_000 });
  world.open(price);
  await world.until("a second attempt", () => {
    return attempts(world).length === 2 && orders(world).length === 2;
  });
  control.clearFaults();
  await world.until("a quiet entry", () => !world.entry?.hasTag("inFlight"));
  expect(await world.reconciled()).toEqual([]);
  return world;
}

describe.each(faultVenueNames)("at %s", (venue) => {
  test("fills that are not listed yet are asked for until they are booked", async () => {
    await using world = await LiveDesk.started({ venue });
    const { control } = world.rehearsal;
    const target = faultVenues[venue].fills;
    control.orderFault({ name: "emptyResult", on: ["read"], target, count: 3 });
    world.open("60010");
    await world.until("a protected position", () => world.isSettled);
    expect(control.pendingFaults).toEqual([]);
    expect(await differences(world)).toEqual([]);
  });

  describe("an order of which nothing can be proved", () => {
    test("stays unknown, and is not sent again", async () => {
      await using world = await inDoubt(venue);
      const sent = [orders(world).length, attempts(world).length];
      expect([world.entry?.hasTag("unknown"), sent]).toEqual([true, [1, 1]]);
    });

    test("keeps its symbol from deciding to trade, which it would else", async () => {
      await using world = await inDoubt(venue);
      await using calm = await LiveDesk.started({ venue });
      const codes = [world, calm].map((each) => each.risingBars().at(-1)?.code);
      expect(codes).toEqual(["symbolUnsettled", "trade"]);
      expect(orders(world)).toHaveLength(1);
    });

    test("is settled by the first sound answer, to what the venue has", async () => {
      await using world = await inDoubt(venue);
      world.rehearsal.control.clearFaults();
      const isOpen = () => world.entry?.matches({ live: { held: "open" } } as never) ?? false;
      await world.until("an open entry", isOpen);
      const row = world.reader.books.order(`${world.positionId}/entry`);
      expect([row?.state, row?.venueOrderId]).toEqual(["open", orders(world)[0]?.orderId ?? ""]);
    });

    test("keeps an entry in the process that was decided before", async () => {
      await using world = await inDoubt(venue);
      world.open("58900", 2);
      const second = () => world.orders().find(([id]) => id.includes("/2/"))?.[1];
      const isAnswered = () => second()?.hasTag("inFlight") === false;
      await world.until("an answer", isAnswered);
      expect(orders(world)).toHaveLength(1);
    });

    test("is told to the operator", async () => {
      await using world = await inDoubt(venue);
      const { alarms, brakes } = world.desk.status();
      expect(alarms + brakes.length).toBeGreaterThan(0);
    });
  });

  describe("an entry that was proved absent by reads staler than is assumed", () => {
    test("is booked and protected with the second one", async () => {
      await using world = await misled(venue, "60010");
      const stop = () => orders(world).findLast(({ side }) => side === "sell");
      const isWhole = () => stop()?.state === "open" && stop()?.quantity === "0.02";
      await world.until("a stop for both", () => isWhole() && world.isSettled);
      const { trades } = world.rehearsal.control.record();
      expect([world.held?.quantity, trades.length]).toEqual([decimal("0.02"), 2]);
    });

    test.each(["60010", "59000"])("brakes the account, filled or resting: %s", async (price) => {
      await using world = await misled(venue, price);
      const reasons = () => world.desk.status().brakes.map(({ reason }) => reason);
      await world.until("a brake", () => reasons().length > 0);
      expect(reasons()).toEqual([
        expect.stringMatching(/^attempt "nv\w{16}" of .+ was proved absent/),
      ]);
    });
  });
});
