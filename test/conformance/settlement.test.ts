/** What nothing proves and who settles it: orders in doubt, and orders that are somebody else's. */
import { describe, expect, test } from "bun:test";
import { decimal, isZero, subtract, sum, zero } from "../../machines/domain/decimal.ts";
import { actorName } from "../../machines/domain/ids.ts";
import type { OrderContext } from "../../machines/order.types.ts";
import {
  account,
  adjustments,
  brakes,
  coin,
  command,
  eventsBeside,
  expectSameBooks,
  readAgain,
} from "./account-truth.fixture.ts";
import { clientId, confirmed, order, symbol } from "./bench.ts";
import { faultVenues } from "./fault-venues.ts";
import { LiveDesk, rehearsalOf } from "./live-desk.fixture.ts";

const venues = ["kraken", "coinbase"] as const;

/** No look-up answers from now on. */
function blind(world: LiveDesk, venue: (typeof venues)[number]): void {
  const { scope, targets } = faultVenues[venue].places.read;
  for (const target of targets) {
    world.rehearsal.control.orderFault({ name: "status500", on: [scope], target, count: 10_000 });
  }
}

const entryOf = (world: LiveDesk) => world.entry?.context as OrderContext | undefined;

function foreign(world: LiveDesk): string {
  return world.rehearsal.control.placeForeign({
    ...{ symbol, side: "sell", type: "limit" },
    ...{ quantity: decimal("0.1"), price: decimal("70000") },
  });
}

async function seen(world: LiveDesk, id: string): Promise<void> {
  readAgain(world);
  const ids = () => account(world).foreignOrders.map(({ venueOrderId }) => venueOrderId);
  await world.until("the foreign order", () => ids().includes(id));
}

const claimedOrder = (world: LiveDesk, id: string) =>
  world.system.snapshot(actorName.order(`${world.at.venue}:main/foreign/${id}`));

describe.each(venues)("at %s", (venue) => {
  test("an order in doubt that the operator calls absent ends, and is not sent again", async () => {
    await using world = await LiveDesk.started({ venue });
    const { control } = world.rehearsal;
    const id = `${world.positionId}/entry`;
    control.orderFault({ name: "dropBeforeAcceptance", on: ["submit"] });
    blind(world, venue);
    world.open("50000");
    await world.until("a doubt", () => (entryOf(world)?.lookUps ?? 0) > 0);
    expect(world.desk.status().doubts).toMatchObject([{ intentId: id, venueOrderId: null }]);
    expect(command(world, "resolve", { target: id, details: { fate: "gone" } }).done).toBe(false);
    expect(
      command(world, "resolve", { target: "other", details: { fate: "absent" } }).text,
    ).toContain('no order "other" is under way');
    const details = { fate: "absent" };
    expect(command(world, "resolve", { target: id, details, reason: "" }).done).toBe(false);
    expect(command(world, "resolve", { target: id, details }).done).toBe(true);
    control.clearFaults();
    await world.until("its end", () => world.position?.matches("closed") === true);
    expect(entryOf(world)).toMatchObject({
      ...{ ended: "canceled", reason: "declared absent by ann: looked at it" },
      attempts: { length: 1 },
    });
    expect(control.record().orders).toEqual([]);
    // It is known now: there is nothing left to settle.
    expect(command(world, "resolve", { target: id, details }).text).toContain("not in doubt");
    expect(brakes(world)).toEqual([]);
  });

  test("an order that was called absent and is there after all brakes the account", async () => {
    await using world = await LiveDesk.started({ venue });
    const { control } = world.rehearsal;
    control.orderFault({ name: "acceptThenReset", on: ["submit"] });
    blind(world, venue);
    world.open("50000");
    await world.until("a doubt", () => (entryOf(world)?.lookUps ?? 0) > 0);
    const target = `${world.positionId}/entry`;
    expect(command(world, "resolve", { target, details: { fate: "absent" } }).done).toBe(true);
    control.clearFaults();
    readAgain(world);
    await world.until("the brake", () => brakes(world).includes(`poison/${venue}:main`));
    const brake = world.desk.status().brakes.find(({ kind }) => kind === "poison");
    expect(brake?.reason).toContain("was declared absent by ann: looked at it and is there");
  });

  test("an order that the operator finds at the venue goes on under the venue's id", async () => {
    await using world = await LiveDesk.started({ venue });
    const { control } = world.rehearsal;
    control.orderFault({ name: "acceptThenReset", on: ["submit"] });
    // It can be found by the venue's own id alone: no list of orders answers.
    const lists = venue === "kraken" ? ["OpenOrders", "ClosedOrders"] : ["ListOrders"];
    for (const target of lists) {
      control.orderFault({ name: "status500", on: ["read"], target, count: 10_000 });
    }
    world.open("59000");
    await world.until("a doubt", () => (entryOf(world)?.lookUps ?? 0) > 0);
    const target = `${world.positionId}/entry`;
    const placed = (venueOrderId: string) =>
      command(world, "resolve", { target, details: { fate: "placed", venueOrderId } });
    expect(command(world, "resolve", { target, details: { fate: "placed" } }).text).toContain(
      "--venue-order",
    );
    // Another's order is not ours, whatever the operator says.
    const other = foreign(world);
    expect(placed(other).done).toBe(true);
    const { lookUps = 0 } = entryOf(world) ?? {};
    await world.until("a look in vain", () => (entryOf(world)?.lookUps ?? 0) > lookUps + 1);
    expect(world.entry?.hasTag("unknown")).toBe(true);
    const [own] = control.record().orders.filter(({ side }) => side === "buy");
    expect(placed(own?.orderId ?? "").done).toBe(true);
    await world.until("an order that rests", () => entryOf(world)?.venueOrderId === own?.orderId);
    expect(world.entry?.matches({ live: { held: "open" } } as never)).toBe(true);
    control.feedPoint(symbol, decimal(58_900));
    await world.until("its fill", () => entryOf(world)?.ended === "filled");
    control.clearFaults();
    await world.until("a protected position", () => world.position?.matches("open") === true);
    expect(world.held?.quantity).toBe(decimal("0.01"));
    expect(brakes(world)).toEqual([]);
  });

  test("a foreign order that is claimed is watched, and its fills are booked to no position", async () => {
    await using world = await LiveDesk.started({ venue, reconcileMs: 300 });
    const { control } = world.rehearsal;
    const id = foreign(world);
    await seen(world, id);
    expect(brakes(world)).toEqual([]);
    expect(command(world, "claim", { target: "nothing" }).done).toBe(false);
    expect(command(world, "claim", { target: id, role: "view" }).done).toBe(false);
    expect(command(world, "claim", { target: id }).done).toBe(true);
    expect(command(world, "claim", { target: id }).text).toContain("claimed already");
    const isOpen = () =>
      claimedOrder(world, id)?.matches({ live: { held: "open", asked: "none" } } as never) === true;
    await world.until("a claimed order that rests", isOpen);
    await world.until("none left", () => account(world).foreignOrders.length === 0);
    control.feedPoint(symbol, decimal(70_500));
    // Its stream is not listened to: a reading finds the fill.
    const filled = () => (claimedOrder(world, id)?.context as OrderContext | undefined)?.ended;
    await world.until("its end", () => filled() === "filled");
    await expectSameBooks(world);
    expect(coin(world, "BTC")).toMatchObject({ ledger: "0.9", owned: "0", unmanaged: "0.9" });
    expect(adjustments(world)).toEqual([]);
    expect([...world.reader.books.eachPosition()]).toEqual([]);
    const rows = [...world.reader.books.eachOrder()];
    expect(rows.map(({ intent, state }) => [intent.role, state])).toEqual([["foreign", "filled"]]);
  });

  test("a foreign order that had filled in part is booked from its claim on, and once", async () => {
    await using rehearsal = await rehearsalOf({ venue });
    const { control } = rehearsal;
    const id = control.placeForeign({
      ...{ symbol, side: "sell", type: "limit" },
      ...{ quantity: decimal("0.1"), price: decimal("60500") },
    });
    control.feedPoint(symbol, decimal(60_600), false, 0.04);
    const filled = () => control.record().orders[0]?.filled ?? zero;
    const before = filled();
    expect([isZero(before), before === decimal("0.1")]).toEqual([false, false]);
    await using world = await LiveDesk.started({ venue, rehearsal, reconcileMs: 300 });
    expect(command(world, "claim", { target: id }).done).toBe(true);
    const context = () => claimedOrder(world, id)?.context as OrderContext | undefined;
    await world.until("what was before", () => context()?.before === before);
    control.feedPoint(symbol, decimal(60_700));
    await world.until("its end", () => context()?.ended === "filled");
    await expectSameBooks(world);
    expect(adjustments(world)).toEqual([]);
    const [row] = [...world.reader.books.eachOrder()];
    expect(row?.filled).toBe(subtract(decimal("0.1"), before));
    const fills = world.reader.books.fillsOf(row?.intent.intentId ?? "");
    expect(sum(fills.map(({ quantity }) => quantity))).toBe(subtract(decimal("0.1"), before));
  });

  test("a foreign order is cancelled where the operator says so, and only where it is proved", async () => {
    await using world = await LiveDesk.started({ venue });
    const { control } = world.rehearsal;
    const id = foreign(world);
    await seen(world, id);
    expect(command(world, "cancelForeign", { target: id, reason: "" }).done).toBe(false);
    // The reply is lost, so that only a look proves that it is gone.
    control.orderFault({ name: "acceptThenReset", on: ["cancel"] });
    expect(command(world, "cancelForeign", { target: id }).done).toBe(true);
    const ended = () => (claimedOrder(world, id)?.context as OrderContext | undefined)?.ended;
    await world.until("its end", () => ended() === "canceled");
    expect(control.record().orders.map(({ orderId, state }) => [orderId, state])).toEqual([
      [id, "canceled"],
    ]);
    await expectSameBooks(world);
    // Until the account is read again, the list is that of before.
    await world.until("a list without it", () => account(world).foreignOrders.length === 0);
  });

  test("an order with a desk's id that is not of this ledger brakes at once, and says why", async () => {
    await using world = await LiveDesk.started({ venue });
    // The same key in another process, which knows nothing of this one.
    confirmed(
      await world.venue.submit({
        ...order("buy", "limit", { price: "50000" }),
        clientOrderId: clientId(77),
      }),
    );
    readAgain(world);
    await world.until("the brake", () => brakes(world).includes(`mismatch/${venue}:main`));
    // The first reading that sees it brakes, where any other difference has to last.
    expect(eventsBeside(world, "reconcile.differed")[0]).toContain("account.mismatched");
    const [brake] = world.desk.status().brakes;
    expect(brake?.reason).toContain(`carries a desk's id, "${clientId(77)}"`);
    expect(brake?.reason).toContain("a second desk on the same key");
    const [listed] = account(world).foreignOrders;
    expect(listed?.isOfADesk).toBe(true);
    const id = listed?.venueOrderId ?? "";
    expect(account(world).differences[0]?.settledBy).toContain(`novactor order claim ${id}`);
    expect(command(world, "cancelForeign", { target: id }).done).toBe(true);
    await expectSameBooks(world);
  });
});
