import { expect, test } from "bun:test";
import { GapShare } from "./gap-share.ts";

function after(window: number, missed: readonly number[]): number {
  const share = new GapShare(window);
  for (const each of missed) share.update(each);
  return share.value;
}

test.each([
  ["nothing missing", 4, [0, 0, 0], 0],
  ["a share of all so far while the window is not full", 10, [0, 1, 0], 1 / 4],
  ["a share of the window once it is full", 4, [0, 0, 0, 1], 1 / 4],
  ["what has left the window does not count", 4, [0, 1, 0, 0, 0, 0], 0],
  ["a gap longer than the window fills it", 4, [0, 0, 0, 0, 1_000_000], 3 / 4],
  ["however long the window is", 10, [0, 0, 1_000_000], 9 / 10],
  ["and leaves it again", 4, [0, 0, 1_000_000, 0, 0, 0], 0],
])("GapShare: %s", (_name, window, missed, wanted) => {
  expect(after(window, missed)).toBe(wanted);
});
