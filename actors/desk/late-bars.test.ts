/** Bars that are filled in after a time without the market: heard, and not acted on. */
import { expect, test } from "bun:test";
import { planeOf, positionOf, stateOf } from "./testing/brain-world.ts";
import { DeskWorld, dawn, minute, rise } from "./testing/desk-world.ts";

const btc = "BTC/USD";
const memory = ":memory:";
const candle = (bar: number, close: number) => ({
  ...{ symbol: btc, openedAt: dawn + bar * minute, timeframeMs: minute, volume: 4_000 },
  ...{ open: close, high: close + 10, low: close - 10, close },
});

test("bars of the past are heard like others, and decide nothing until one is of now", async () => {
  using prompt = await DeskWorld.started({ path: memory });
  const wanted = (await prompt.barsOf(btc, rise)).map(({ code }) => code);
  const entry = wanted.indexOf("trade");
  expect(entry).toBeGreaterThan(0);
  using world = await DeskWorld.started({ path: memory });
  // As if the desk came back when the bar of the entry closes, and was told what it missed.
  world.clock.advanceTo(dawn + (entry + 1) * minute);
  const codes = rise.slice(0, entry + 1).map((close, bar) => {
    const [decision] = world.desk.bar(candle(bar, close));
    return decision?.code;
  });
  expect(codes.slice(0, -2).filter((code) => code !== "warmingUp")).toEqual(
    codes.slice(0, -2).filter((code) => code === "lateBar"),
  );
  expect(codes.at(-1)).toBe("trade");
});

test("a level that a bar of the past crossed is judged at the present price", async () => {
  using world = await DeskWorld.started({ path: memory });
  await world.barsOf(btc, rise);
  const held = positionOf(world, btc);
  expect(Number(held?.quantity)).toBeGreaterThan(0);
  const count = rise.length;
  // Far above, an hour ago: neither the target nor the trail hears of it.
  world.clock.advanceTo(dawn + (count + 60) * minute);
  const high = Math.round(planeOf(world, btc).price * 1.5);
  const [late] = world.desk.bar(candle(count, high));
  await world.deliver();
  expect([late?.code, late?.gate?.name]).toEqual(["lateBar", "age"]);
  expect(positionOf(world, btc)).toMatchObject({
    stopPrice: held?.stopPrice as never,
    quantity: held?.quantity as never,
  });
  expect(stateOf(planeOf(world, btc)).bits.length).toBeGreaterThan(0);
  expect(planeOf(world, btc).price).toBe(high);
});
