/** How far this machine's clock lies off the venues', as the panel tells it. */
import { expect, test } from "bun:test";
import type { Reply } from "../../actors/order/ports.ts";
import { VenueClocks } from "./venue-clocks.ts";

/** Replies that are given when they are asked for, in turn; the last one again and again. */
function venueOf(venue: string, ...replies: readonly (Reply<number> | Error)[]) {
  let asked = 0;
  return {
    at: { venue, account: "main" },
    asked: () => asked,
    async serverTime(): Promise<Reply<number>> {
      const reply = replies[Math.min(asked, replies.length - 1)] as Reply<number> | Error;
      asked += 1;
      if (reply instanceof Error) throw reply;
      return reply;
    },
  };
}

const at = (value: number): Reply<number> => ({ type: "confirmed", value });
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("says nothing where orders go to no venue", () => {
  expect(new VenueClocks([], () => 0).words()).toBeNull();
});

test("asks each venue once while its answer is fresh, and again once it is old", async () => {
  let now = 1_000_000;
  const kraken = venueOf("kraken", at(1_000_040), at(1_300_000));
  const clocks = new VenueClocks([kraken, venueOf("kraken", at(0))], () => now);
  expect(clocks.words()).toBe("kraken was not asked yet");
  await settled();
  expect(clocks.words()).toBe("40 ms behind kraken, give or take 0 ms");
  expect(kraken.asked()).toBe(1);
  now += 300_001;
  clocks.words();
  await settled();
  expect(kraken.asked()).toBe(2);
  // Whole seconds are told: half of one is open.
  expect(clocks.words()).toBe("499 ms behind kraken, give or take 500 ms");
});

test("says of a venue that gives no time that it gave none", async () => {
  const silent = venueOf("kraken", { type: "unknown", cause: "timed out" });
  const broken = venueOf("coinbase", new Error("no route"));
  const clocks = new VenueClocks([silent, broken], () => 1);
  clocks.words();
  await settled();
  expect(clocks.words()).toBe(
    "kraken did not tell its time; coinbase could not be asked: no route",
  );
});
