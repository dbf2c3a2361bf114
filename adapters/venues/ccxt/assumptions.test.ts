import { describe, expect, test } from "bun:test";
import { assumptionNotes, assumptions, ccxtVenueIds, isCcxtVenueId } from "./assumptions.ts";
import { stand } from "./venues.fixture.ts";

describe("assumptions", () => {
  test.each([...ccxtVenueIds])(
    "of %s each say where they come from and where they would be missed",
    (venue) => {
      const noted = assumptionNotes[venue].map(({ name }) => name);
      // What a venue has no use for needs no note: no deadline but kraken's, no window but binanceus's.
      const useless = {
        kraken: ["recvWindowMs", "stopLimitDistance"],
        coinbase: ["deadlineMs", "recvWindowMs"],
        binanceus: ["deadlineMs"],
      }[venue];
      expect([...noted, ...useless].sort()).toEqual(Object.keys(assumptions[venue]).sort());
      for (const { source, noticedBy } of assumptionNotes[venue]) {
        expect([source.length > 5, noticedBy.length > 5]).toEqual([true, true]);
      }
    },
  );

  test("wait longer than the venue may still take a request", () => {
    const { kraken, coinbase, binanceus } = assumptions;
    expect(kraken.latestAcceptMs).toBeGreaterThan(kraken.deadlineMs + kraken.clockSkewMs);
    // Its tokens are valid for 120 s.
    expect(coinbase.latestAcceptMs).toBeGreaterThan(120_000 + coinbase.clockSkewMs);
    const { latestAcceptMs, recvWindowMs, clockSkewMs } = binanceus;
    expect(latestAcceptMs).toBeGreaterThan(recvWindowMs + clockSkewMs);
  });

  test("can be told otherwise, one by one", async () => {
    await using world = await stand("kraken", { assumptions: { readLagMs: 7 } });
    expect(world.venue.assumptions).toEqual({ ...assumptions.kraken, readLagMs: 7 });
  });
});

test("isCcxtVenueId knows the venues, and no others", () => {
  expect(["kraken", "paper", ""].map(isCcxtVenueId)).toEqual([true, false, false]);
});
