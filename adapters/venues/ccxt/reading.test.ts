import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decimal, isDecimal } from "../../../machines/domain/decimal.ts";
import type { CcxtVenueId } from "./assumptions.ts";
import { amountOf, isoTimeOf, optionalAmount, parseExact, secondsOf } from "./reading.ts";
import { answerSoundly, binanceOrder, coinbaseOrder, krakenOrder } from "./replies.fixture.ts";
import type { Answer } from "./scripted-server.fixture.ts";
import { limitBuy, placePath, sent, stand } from "./venues.fixture.ts";

/** Decimals that no binary float holds: up to 20 digits on either side of the point. */
const digits = (min: number, max: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: min, maxLength: max });
const amounts = fc
  .tuple(digits(0, 15), digits(1, 20))
  .map(([whole, fraction]) => decimal(`1${whole}.${fraction}1`));
const seed = 20_261_121;

describe("reading", () => {
  test("parseExact keeps every number as it was written", () => {
    const text = '{"a":1.10,"b":12345678901234567890,"c":[0.1,-3e-8],"d":"x","e":true,"f":null}';
    expect(parseExact(text)).toEqual({
      ...{ a: "1.10", b: "12345678901234567890", c: ["0.1", "-3e-8"] },
      ...{ d: "x", e: true, f: null },
    });
  });

  test.each([
    ["1.50", "1.5"],
    ["0E-10", "0"],
    ["1.25e-8", "0.0000000125"],
    ["12.5E+3", "12500"],
    ["-1.5e1", "-15"],
    ["123456789012345678.123456789012345678", "123456789012345678.123456789012345678"],
  ])("amountOf reads %s as %s", (text, wanted) => {
    expect(String(amountOf({ text }, "text"))).toBe(wanted);
  });

  test.each([[undefined], [null], [""], ["NaN"], ["1,5"], [1.5], ["0x10"], [{}]])(
    "amountOf refuses %p",
    (value) => {
      expect(() => amountOf({ value }, "value")).toThrow('Cannot read field "value"');
    },
  );

  test("optionalAmount takes zero and nothing for none", () => {
    expect([{}, { a: "" }, { a: "0.000" }, { a: "2" }].map((f) => optionalAmount(f, "a"))).toEqual([
      null,
      null,
      null,
      decimal("2"),
    ]);
  });

  test("times are whole milliseconds, whatever digits follow", () => {
    expect(secondsOf({ at: "1688583840.8648" }, "at")).toBe(1_688_583_840_865);
    expect(isoTimeOf({ at: "2024-01-15T10:30:00.123456Z" }, "at")).toBe(1_705_314_600_123);
  });
});

/** An order list in each venue's words, its filled amount written as it is. */
const listing: Readonly<Record<CcxtVenueId, (filled: string) => [string, Answer]>> = {
  kraken: (filled) => {
    const open = { OABC: { ...krakenOrder, vol: "9e30", vol_exec: filled } };
    return ["/0/private/OpenOrders", { body: { error: [], result: { open } } }];
  },
  coinbase: (filled) => {
    const orders = [{ ...coinbaseOrder, filled_size: filled }];
    const path = "/api/v3/brokerage/orders/historical/batch";
    return [path, { body: { orders, has_next: false } }];
  },
  // A bare number on the wire, not text: its digits survive all the same.
  binanceus: (filled) => {
    const text = JSON.stringify([binanceOrder]).replace('"0.00000000"', filled);
    return ["/api/v3/openOrders", { body: text }];
  },
};

describe("no amount passes through a float", () => {
  test.each<[CcxtVenueId]>([["kraken"], ["coinbase"], ["binanceus"]])(
    "at %s: what is ordered is what is on the wire, what is listed is what is told",
    async (id) => {
      await using world = await stand(id);
      answerSoundly(id, world.server);
      await world.venue.instruments();
      const property = fc.asyncProperty(amounts, amounts, async (quantity, price) => {
        await world.venue.submit({ ...limitBuy, quantity, price });
        const wire = JSON.stringify(sent(world.server.to(placePath[id]).at(-1)));
        expect(wire).toContain(`"${quantity}"`);
        expect(wire).toContain(`"${price}"`);
        const [path, answer] = listing[id](quantity);
        world.server.on(path, answer);
        const reply = await world.venue.openOrders();
        const filled = reply.type === "confirmed" && reply.value[0]?.filled;
        expect(filled).toBe(quantity);
        expect(isDecimal(String(filled))).toBe(true);
      });
      await fc.assert(property, { seed, numRuns: 40 });
    },
  );
});
