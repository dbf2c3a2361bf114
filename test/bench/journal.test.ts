import { expect, test } from "bun:test";
import { journalFigures } from "./journal.ts";
import { journalPattern, longJournal } from "./long-journal.ts";

test("looking through a journal takes no more memory if it is three times as long", async () => {
  const pattern = await journalPattern(8);
  using short = longJournal(pattern, 15_000, 100_000);
  using long = longJournal(pattern, 45_000, 100_000);
  journalFigures(short.path);
  const one = journalFigures(short.path);
  const three = journalFigures(long.path);
  // What is kept of it would be some 20 MiB more.
  expect(three.heap - one.heap).toBeLessThan(5 * 2 ** 20);
});
