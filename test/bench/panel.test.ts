/** The panel's benchmark measures what it says: here with so little that it takes a few seconds. */
import { expect, test } from "bun:test";
import { benchPanel } from "./panel.ts";

test("tells how far behind the streams are, and that nothing is left out in silence", async () => {
  const rows = await benchPanel({
    ...{ symbols: 2, speed: 200, keys: 2, streamsOfKey: 2, seconds: 3, requests: 20 },
  });
  const value = (name: string) => rows.find((row) => row.name.trim().startsWith(name))?.value;
  expect(value("4 streams")).toBeGreaterThan(0);
  expect(value("left out in silence")).toBe(0);
  expect(rows.filter(({ value }) => Number.isNaN(value))).toEqual([]);
});
