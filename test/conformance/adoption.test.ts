/** A ledger that is lost, or comes back older than it was, while its positions live at the venue. */
import { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decimal } from "../../machines/domain/decimal.ts";
import { isTerminal } from "../../machines/domain/order.ts";
import type { OrderContext } from "../../machines/order.types.ts";
import {
  account,
  adjustments,
  atVenue,
  brakes,
  coin,
  command,
  expectSameBooks,
  readAgain,
} from "./account-truth.fixture.ts";
import { symbol } from "./bench.ts";
import type { FaultVenueName } from "./fault-venues.ts";
import { LiveDesk, rehearsalOf } from "./live-desk.fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "novactor-adoption-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const venues = ["kraken", "coinbase"] as const;
type Rehearsal = Awaited<ReturnType<typeof rehearsalOf>>;

/** A desk that opened one position, which its stop protects, and whose ledger is gone since. */
async function leavesAPosition(venue: FaultVenueName, rehearsal: Rehearsal): Promise<void> {
  await using lost = await LiveDesk.started({ venue, rehearsal });
  lost.open("60100");
  await lost.until("a protected position", () => lost.position?.matches("open") === true);
}

const living = (rehearsal: Rehearsal) =>
  rehearsal.control.record().orders.filter(({ state }) => !isTerminal(state));

/** What the desk says of itself while it does not trade. */
async function expectToldOfAnother(world: LiveDesk, orders: number): Promise<readonly string[]> {
  const braked = () => brakes(world).includes(`mismatch/${world.at.venue}:main`);
  await world.until("the brake", braked);
  expect(world.isTrading).toBe(false);
  const { foreignOrders, differences } = account(world);
  expect(foreignOrders.map(({ isOfADesk }) => isOfADesk)).toEqual(Array(orders).fill(true));
  const told = differences.filter(({ coin: of }) => of === null);
  expect(told).toHaveLength(orders);
  for (const { text, settledBy } of told) {
    expect(text).toContain("a second desk on the same key, or a ledger lost or restored");
    expect(settledBy).toMatch(/novactor order claim .+ or .+novactor order cancel-foreign /);
  }
  return foreignOrders.map(({ venueOrderId }) => venueOrderId);
}

/** A copy as of now, taken while the desk ran: in life, its process would be dead when it is used. */
function backUp(from: string, to: string): void {
  using source = new Database(from, { readonly: true });
  source.run("VACUUM INTO ?", [to]);
  using copy = new Database(to);
  copy.run("UPDATE lease SET released_at = acquired_at");
}

/** Nothing that adds exposure leaves; a plan for it is denied. */
async function expectNoTrade(world: LiveDesk, number: number): Promise<void> {
  const before = world.rehearsal.control.record().orders.length;
  world.open("60100", number);
  const denied = () =>
    world.orders().some(([, { context }]) => (context as OrderContext).ended === "denied");
  await world.until("a denied entry", denied);
  expect(world.rehearsal.control.record().orders).toHaveLength(before);
}

/** It trades as if nothing had been. */
async function expectTrades(world: LiveDesk, number: number): Promise<void> {
  const owned = decimal(coin(world, "BTC")?.owned ?? "0");
  world.open("60100", number);
  const bought = () => (coin(world, "BTC")?.owned ?? "0") !== owned;
  await world.until("a position", bought);
  await world.until("nothing on its way", () => world.isSettled);
  await expectSameBooks(world);
}

describe.each(venues)("at %s, a ledger that is lost", (venue) => {
  test("keeps the new desk from trading until its stop is cancelled; the coins stay unmanaged", async () => {
    await using rehearsal = await rehearsalOf({ venue });
    await leavesAPosition(venue, rehearsal);
    await using world = await LiveDesk.started({ venue, rehearsal, awaitsTrading: false });
    const [stop = ""] = await expectToldOfAnother(world, 1);
    expect(coin(world, "BTC")).toMatchObject({ owned: "0", unmanaged: atVenue(world, "BTC") });
    await expectNoTrade(world, 1);
    expect(command(world, "cancelForeign", { target: stop }).done).toBe(true);
    await expectSameBooks(world);
    expect(living(rehearsal)).toEqual([]);
    await expectTrades(world, 2);
    expect(coin(world, "BTC")?.unmanaged).toBe(decimal("1.01"));
  });

  test("lets its stop be claimed, which rests on and is booked when it fills", async () => {
    await using rehearsal = await rehearsalOf({ venue });
    await leavesAPosition(venue, rehearsal);
    await using world = await LiveDesk.started({
      ...{ venue, rehearsal, awaitsTrading: false, reconcileMs: 300 },
    });
    const [stop = ""] = await expectToldOfAnother(world, 1);
    expect(command(world, "claim", { target: stop }).done).toBe(true);
    await expectSameBooks(world);
    expect(living(rehearsal).map(({ orderId }) => orderId)).toEqual([stop]);
    rehearsal.control.feedPoint(symbol, decimal(57_990));
    await world.until("the stop's fill", () => living(rehearsal).length === 0);
    await world.until("its booking", () => coin(world, "BTC")?.ledger === "1");
    await expectSameBooks(world);
    expect(adjustments(world)).toEqual([]);
  });
});

test("a claimed stop is looked after by the next process too", async () => {
  await using rehearsal = await rehearsalOf({ venue: "kraken" });
  await leavesAPosition("kraken", rehearsal);
  const options = {
    venue: "kraken",
    ...{ rehearsal, awaitsTrading: false, reconcileMs: 300 },
    ledgerFile: join(folder, "claimed.db"),
  } as const;
  {
    await using first = await LiveDesk.started(options);
    const [stop = ""] = await expectToldOfAnother(first, 1);
    expect(command(first, "claim", { target: stop }).done).toBe(true);
    await expectSameBooks(first);
  }
  await using next = await LiveDesk.started(options);
  await expectSameBooks(next);
  expect(account(next).foreignOrders).toEqual([]);
  rehearsal.control.feedPoint(symbol, decimal(57_990));
  await next.until("its booking", () => coin(next, "BTC")?.ledger === "1");
  await expectSameBooks(next);
  expect(adjustments(next)).toEqual([]);
});

describe.each(venues)("at %s, a ledger that comes back older than it was", (venue) => {
  test("books what its own orders filled since, and is settled for the rest", async () => {
    await using rehearsal = await rehearsalOf({ venue });
    const backup = join(folder, `${venue}.db`);
    {
      await using later = await LiveDesk.started({ venue, rehearsal });
      later.open("59500");
      const rests = () => later.entry?.matches({ live: { held: "open", asked: "none" } }) === true;
      await later.until("an entry that rests", rests);
      later.desk.commit();
      backUp(later.ledger.path, backup);
      // What happens from here on is in no ledger any more.
      rehearsal.control.feedPoint(symbol, decimal(59_400));
      readAgain(later);
      await later.until("a protected position", () => later.position?.matches("open") === true);
      await later.until("nothing on its way", () => later.isSettled);
      later.open("59600", 2);
      await later.until("another one", () => living(rehearsal).length === 2 && later.isSettled);
    }
    await using world = await LiveDesk.started({
      ...{ venue, rehearsal, ledgerFile: backup, awaitsTrading: false },
    });
    const [first = "", second = ""] = await expectToldOfAnother(world, 2);
    // The entry that the ledger knows filled since: booked, and protected, brakes or not.
    await world.until("a protected position", () => world.position?.matches("open") === true);
    expect(coin(world, "BTC")?.owned).toBe(decimal("0.01"));
    await expectNoTrade(world, 7);
    // What is on its way has its end before anything is accepted.
    await world.until("nothing on its way", () => world.isSettled);
    readAgain(world);
    await world.until("differences of coins alone", () => {
      const settled = account(world).differences.map(({ settledBy }) => settledBy);
      return settled.every((each) => each.includes("novactor"));
    });
    expect(account(world).differences.map(({ coin: of }) => of)).toEqual(
      expect.arrayContaining(["BTC", "USD"]),
    );
    expect(coin(world, "BTC")?.difference).toBe(decimal("0.01"));
    for (const of of ["BTC", "USD"]) {
      expect(command(world, "accept", { details: { coin: of } })).toMatchObject({ done: true });
    }
    expect(command(world, "claim", { target: first }).done).toBe(true);
    expect(command(world, "cancelForeign", { target: second }).done).toBe(true);
    await expectSameBooks(world);
    expect(adjustments(world).map(({ coin: of }) => of)).toEqual(["BTC", "USD"]);
    // Its own stop and the claimed one.
    expect(living(rehearsal)).toHaveLength(2);
    await expectTrades(world, 8);
  });
});
