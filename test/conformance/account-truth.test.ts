/** What an account has and why, against the venues' own records, over real sockets. */
import { describe, expect, test } from "bun:test";
import { rise } from "../../actors/desk/testing/desk-world.ts";
import { systemClock } from "../../adapters/clock/system-clock.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import {
  account,
  adjustments,
  atVenue,
  brakes,
  coin,
  command,
  expectSameBooks,
  readAgain,
  toldAdjustments,
} from "./account-truth.fixture.ts";
import { symbol } from "./bench.ts";
import { LiveDesk } from "./live-desk.fixture.ts";

const reconcileMs = 300;
const venues = ["kraken", "coinbase"] as const;
/** What each venue is asked for to learn what moved a coin. */
const movements = { kraken: "Ledgers", coinbase: "ListTransactionsV2" } as const;

describe.each(venues)("an account at %s", (venue) => {
  test("shows what is nobody's here as unmanaged, and what the desk buys with as cash", async () => {
    await using world = await LiveDesk.started({ venue });
    expect(coin(world, "BTC")).toMatchObject({
      ...{ ledger: "1", venue: "1", difference: "0" },
      ...{ owned: "0", cash: "0", dust: "0", unmanaged: "1" },
    });
    expect(coin(world, "USD")).toMatchObject({ cash: "100000", unmanaged: "0" });
  });

  test("books a deposit and a withdrawal under the venue's own ids, and brakes for neither", async () => {
    await using world = await LiveDesk.started({ venue, reconcileMs });
    const { control } = world.rehearsal;
    control.transfer("USD", decimal("250.5"));
    await world.until("the deposit", () => coin(world, "USD")?.ledger === "100250.5");
    control.transfer("BTC", decimal("-0.25"));
    await world.until("the withdrawal", () => coin(world, "BTC")?.ledger === "0.75");
    const ids = control.record().ledger.map(({ id }) => `movement/${venue}:main/${id}`);
    expect(
      adjustments(world).map(({ entryId, amount, cause }) => [entryId, amount, cause]),
    ).toEqual(
      expect.arrayContaining([
        [ids[0], "250.5", "deposit"],
        [ids[1], "-0.25", "withdrawal"],
      ]),
    );
    expect(toldAdjustments(world)).toEqual(["deposit", "withdrawal"]);
    expect(world.desk.status().brakes).toEqual([]);
    expect(world.system.snapshot("desk")?.context).toMatchObject({ brakesSet: 0 });
    await expectSameBooks(world);
    expect(adjustments(world)).toHaveLength(2);
  });

  test("does not count a withdrawal as a loss of the day", async () => {
    await using world = await LiveDesk.started({ venue, reconcileMs });
    world.risingBars();
    world.rehearsal.control.transfer("USD", decimal(-60_000));
    await world.until("the withdrawal", () => coin(world, "USD")?.ledger === "40000");
    const minute = 60_000;
    const openedAt = Math.floor(systemClock.now() / minute) * minute;
    const candle = { symbol, openedAt, timeframeMs: minute, volume: 4_000 };
    const [last = 0] = rise.slice(-1);
    world.desk.bar({ ...candle, open: last, high: last + 10, low: last - 10, close: last });
    expect([world.desk.equity.equity, world.desk.equity.dayLoss]).toEqual([40_000, 0]);
    expect(brakes(world)).toEqual([]);
  });

  test("brakes for what nobody tells, says what would settle it, and goes on once it is accepted", async () => {
    await using world = await LiveDesk.started({ venue, reconcileMs });
    const { control } = world.rehearsal;
    const text = venue === "kraken" ? "EGeneral:Permission denied" : "PERMISSION_DENIED";
    control.orderFault({ name: "refuse", target: movements[venue], count: 1_000, text });
    control.transfer("USD", decimal(-40));
    await world.until("the brake", () => brakes(world).includes(`mismatch/${venue}:main`));
    const [difference] = account(world).differences;
    expect(difference).toMatchObject({ text: "USD: ledger 100000, venue 99960", coin: "USD" });
    expect(difference?.settledBy).toContain(
      `novactor reconcile accept --account ${venue}:main --coin USD --reason`,
    );
    const accept = (details: Record<string, string>, parts = {}) =>
      command(world, "accept", { details, ...parts });
    expect(accept({ coin: "BTC" }).text).toContain('no difference of "BTC" is known');
    expect(accept({ coin: "USD", difference: "-41" }).text).toContain("is -40 now, not -41");
    expect(accept({ coin: "USD" }, { reason: "" }).text).toContain("a reason is needed");
    expect(accept({ coin: "USD" }, { role: "view" }).text).toContain('role "operate" is needed');
    expect(accept({ coin: "USD" }, { target: "other:main" }).done).toBe(false);
    expect(adjustments(world)).toEqual([]);
    expect(accept({ coin: "USD", difference: "-40" }).done).toBe(true);
    // What was accepted is booked: the same once more would be another thing.
    expect(accept({ coin: "USD", difference: "-40" }).text).toContain("since it was compared");
    await expectSameBooks(world);
    expect(adjustments(world)).toMatchObject([
      { amount: "-40", cause: "accepted by ann: looked at it" },
    ]);
    expect(toldAdjustments(world)).toEqual(["accepted by ann: looked at it"]);
  });

  test("takes a trade that somebody else made by hand for what it is", async () => {
    await using world = await LiveDesk.started({ venue, reconcileMs });
    world.rehearsal.control.placeForeign({
      ...{ symbol, side: "buy", type: "market", quantity: decimal("0.02") },
    });
    await world.until("the trade", () => coin(world, "BTC")?.ledger === "1.02");
    await expectSameBooks(world);
    expect(coin(world, "BTC")).toMatchObject({ owned: "0", unmanaged: "1.02" });
    const causes = adjustments(world).map(({ cause }) => cause);
    expect(new Set(causes)).toEqual(new Set(["venue: buy of 0.02 BTC by somebody else"]));
    expect(brakes(world)).toEqual([]);
  });

  test("leaves unmanaged coins alone when it is flattened", async () => {
    await using world = await LiveDesk.started({ venue, hasStream: true });
    world.open("60100");
    await world.until("a protected position", () => world.position?.matches("open") === true);
    const owned = world.held?.quantity;
    expect(coin(world, "BTC")).toMatchObject({ owned, unmanaged: "1" });
    expect(command(world, "flatten").done).toBe(true);
    await world.until("a closed position", () => world.position?.matches("closed") === true);
    const sold = world.rehearsal.control
      .record()
      .trades.filter(({ order }) => order.side === "sell");
    expect(sold.map(({ quantity }) => quantity)).toEqual([decimal("0.01")]);
    expect(atVenue(world, "BTC")).toBe(decimal(1));
    readAgain(world);
    await world.until("a reading", () => coin(world, "BTC")?.owned === "0");
    expect(coin(world, "BTC")).toMatchObject({ ledger: "1", unmanaged: "1" });
  });
});

test("kraken's rounding is booked as such, at once and not as anybody's money", async () => {
  await using world = await LiveDesk.started({ venue: "kraken", reconcileMs });
  world.rehearsal.control.transfer("USD", decimal("0.00004"));
  await world.until("the rounding", () => coin(world, "USD")?.ledger === "100000.00004");
  expect(adjustments(world)).toMatchObject([{ amount: "0.00004", cause: "rounding", coin: "USD" }]);
  expect(toldAdjustments(world)).toEqual(["rounding"]);
  await expectSameBooks(world);
});
