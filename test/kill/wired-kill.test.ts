/** Desks killed in the middle of an order's life at a venue behind sockets: one truth on both sides. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { WorkFolder } from "./harness.ts";
import { wiredStory } from "./wired-story.ts";

setDefaultTimeout(240_000);

const folder = new WorkFolder();
afterAll(() => folder[Symbol.dispose]());

test.each([
  ["after the entry was placed, before that was known", ["submit.afterReply:1"]],
  [
    "after its stop was placed, and again after that was cancelled",
    ["submit.afterReply:2", "cancel.afterReply:1"],
  ],
])("killed %s, the next desk goes on, and the books are the venue's", async (_, deaths) => {
  const outcome = await wiredStory(
    folder.file(`${deaths.join("-").replaceAll(/\W/g, "")}.db`),
    deaths,
  );
  expect(outcome).toMatchObject({ broken: [], orders: { entries: 1, live: 0 }, base: "1" });
  expect([outcome.trades, outcome.complaints]).toEqual([2, ""]);
  expect(outcome.lives.slice(0, deaths.length)).toEqual(deaths.map(() => "killed" as const));
});
