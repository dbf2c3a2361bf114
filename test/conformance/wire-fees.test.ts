/** Fees in quote, in the base coin and in a third one, with books that are the venue's afterwards. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { MatchingSettings } from "../../adapters/venues/matching/mod.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import { actorName } from "../../machines/domain/ids.ts";
import { faultVenueNames } from "./fault-venues.ts";
import { LiveDesk } from "./live-desk.fixture.ts";

setDefaultTimeout(240_000);

/** What the ledger holds that the account has, beside what it has at the venue. */
function balances(world: LiveDesk): { ledger: string[]; venue: string[] } {
  const told = (coin: string, total: string) => `${coin} ${total}`;
  const ledger = [...world.desk.books.balancesOf(world.at)].map(([coin, total]) =>
    told(coin, total),
  );
  const venue = world.rehearsal.control
    .record()
    .balances.map(({ coin, total }) => told(coin, total));
  return { ledger: ledger.sort(), venue: venue.sort() };
}

/** Buys, is protected, and sells it all. */
async function roundTrip(world: LiveDesk): Promise<void> {
  world.open("60010");
  await world.until("a protected position", () => {
    return world.isSettled && (world.position?.matches("open" as never) ?? false);
  });
  const position = actorName.position(world.positionId);
  world.send(position, { type: "exit.wanted", reason: "flatten" });
  await world.until("a closed position", () => {
    return world.isSettled && (world.position?.hasTag("over") ?? false);
  });
}

const feesOf = (world: LiveDesk) =>
  world.rehearsal.control.record().trades.map(({ fee, feeCoin }) => `${fee} ${feeCoin}`);

test.each(faultVenueNames)(
  "at %s fees in quote are booked as the venue books them",
  async (venue) => {
    await using world = await LiveDesk.started({ venue, restingCheckMs: 200 });
    await roundTrip(world);
    expect(feesOf(world).every((fee) => fee.endsWith(" USD"))).toBe(true);
    expect(await world.reconciled()).toEqual([]);
    const { ledger, venue: atVenue } = balances(world);
    expect(ledger).toEqual(atVenue);
  },
);

// REST of Kraken and Coinbase says no coin, for both charge such orders in quote alone; Kraken's
// stream names it. No look is needed where it is heard, so none is made.
describe("at kraken, by its stream", () => {
  const rows: [string, MatchingSettings["feeCoin"], string[]][] = [
    ["the base coin", "base", ["BTC", "USD"]],
    ["a third coin", { coin: "KFEE", price: decimal("0.01") }, ["KFEE", "KFEE"]],
  ];
  test.each(rows)("fees in %s are booked as the venue books them", async (_, feeCoin, coins) => {
    await using world = await LiveDesk.started({
      ...{ venue: "kraken", hasStream: true, looksMs: 60_000, settings: { feeCoin } },
      balances: { USD: decimal(100_000), BTC: decimal(1), KFEE: decimal(1_000_000) },
    });
    // A reading that is still under way would tell of the fill too, without its coin.
    const reconciler = actorName.reconciler(world.at);
    await world.until("a reconciler at rest", () => {
      return world.system.snapshot(reconciler)?.matches("resting" as never) ?? false;
    });
    await roundTrip(world);
    expect(feesOf(world).map((fee) => fee.split(" ")[1] ?? "")).toEqual(coins);
    const { ledger, venue: atVenue } = balances(world);
    expect(ledger).toEqual(atVenue);
    expect(await world.reconciled()).toEqual([]);
  });
});
