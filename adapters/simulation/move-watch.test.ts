import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { MoveWatch } from "./move-watch.ts";

/** `b 1000` is a bar's close, `p 1000` a price inside a bar. */
type Happening = readonly [what: "b" | "p", ticks: number];

/** The moves that a path gives, the watch kept and taken up again where wanted. */
function movesOf(share: number, path: readonly Happening[], isKept: (step: number) => boolean) {
  let watch = new MoveWatch(share, undefined);
  let stored: unknown;
  const moves: (number | null)[] = [];
  for (const [step, [what, ticks]] of path.entries()) {
    if (what === "b") watch.evaluated("A", ticks);
    else watch.see("A", ticks);
    stored = watch.change() ?? stored;
    // Killed between finding and telling, the worst place there is.
    if (isKept(step)) watch = new MoveWatch(share, structuredClone(stored));
    moves.push(watch.take()?.ticks ?? null);
  }
  return moves;
}

const never = () => false;
const bar = (ticks: number): Happening => ["b", ticks];
const to = (ticks: number): Happening => ["p", ticks];
const none = null;

describe("MoveWatch", () => {
  const paths: readonly [
    name: string,
    share: number,
    path: readonly Happening[],
    wanted: readonly (number | null)[],
  ][] = [
    ["there is none before the first bar", 0.005, [to(1), to(1000)], [none, none]],
    ["as far as is let pass is none, up", 0.005, [bar(1000), to(1005)], [none, none]],
    ["as far as is let pass is none, down", 0.005, [bar(1000), to(995)], [none, none]],
    ["one tick further is one, up", 0.005, [bar(1000), to(1006)], [none, 1006]],
    ["one tick further is one, down", 0.005, [bar(1000), to(994)], [none, 994]],
    [
      "the next is counted from the last one",
      0.005,
      [bar(1000), to(1006), to(1011), to(1012)],
      [none, 1006, none, 1012],
    ],
    [
      "there and back again is two",
      0.005,
      [bar(1000), to(1006), to(1000), to(1000)],
      [none, 1006, 1000, none],
    ],
    [
      "small steps add up",
      0.005,
      [bar(1000), to(1002), to(1004), to(1006)],
      [none, none, none, 1006],
    ],
    [
      "a bar's close is an evaluation too",
      0.005,
      [bar(1000), to(1004), bar(1004), to(1008)],
      [none, none, none, none],
    ],
    [
      "a jump from close to open is one",
      0.005,
      [bar(1000), to(2000), bar(2000)],
      [none, 2000, none],
    ],
    ["with a share of 0 there is never one", 0, [bar(1000), to(1), to(9999)], [none, none, none]],
  ];
  test.each(paths)("%s", (_name, share, path, wanted) => {
    expect(movesOf(share, path, never)).toEqual([...wanted]);
  });

  test("tells symbols apart, and keeps nothing that did not change", () => {
    const watch = new MoveWatch(0.01, undefined);
    watch.evaluated("A", 100);
    watch.evaluated("B", 200);
    expect([watch.change(), watch.change()]).toEqual([
      { last: { A: 100, B: 200 }, due: null },
      null,
    ]);
    watch.see("A", 101);
    expect([watch.change(), watch.take()]).toEqual([null, null]);
    watch.see("B", 101);
    expect([watch.take(), watch.take()]).toEqual([{ symbol: "B", ticks: 101 }, null]);
    expect(watch.change()).toEqual({ last: { A: 100, B: 101 }, due: null });
  });

  test("watches for moves of another share once it is told so", () => {
    const watch = new MoveWatch(0.01, undefined);
    watch.evaluated("A", 1_000);
    watch.see("A", 1_010);
    watch.watchFor(0.005);
    expect(watch.take()).toBeNull();
    watch.see("A", 1_006);
    expect(watch.take()).toEqual({ symbol: "A", ticks: 1_006 });
    expect(() => watch.watchFor(1)).toThrow("Cannot watch for moves of 1");
  });

  test("keeps nothing where no move is wanted", () => {
    const watch = new MoveWatch(0, undefined);
    watch.evaluated("A", 100);
    watch.see("A", 1);
    expect(watch.change()).toBeNull();
  });

  test("forgets what was kept where no move is wanted any more", () => {
    const watch = new MoveWatch(0, { last: { A: 100 }, due: { symbol: "A", ticks: 1 } });
    expect([watch.take(), watch.change()]).toEqual([null, { last: {}, due: null }]);
  });

  test("a price told is beyond the share, one not told within it, whenever it was killed", () => {
    const happening = fc.tuple(
      fc.constantFrom("b" as const, "p" as const),
      fc.integer({ min: 1, max: 2_000 }),
    );
    const path = fc.array(happening, { maxLength: 40 });
    const share = fc.integer({ min: 1, max: 400 }).map((thousandths) => thousandths / 1_000);
    const kills = fc.array(fc.boolean(), { minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(path, share, kills, (path, share, kills) => {
        const moves = movesOf(share, path, never);
        expect(movesOf(share, path, (step) => kills[step] === true)).toEqual(moves);
        let last: number | null = null;
        for (const [step, [what, ticks]] of path.entries()) {
          const isMove = moves[step] !== none;
          const far =
            last === null ? 0 : 1_000 * Math.abs(ticks - last) - Math.round(1_000 * share) * last;
          // Whole numbers: just at the share is none, whatever floats make of it.
          expect(isMove).toBe(what === "p" && far > 0);
          if (what === "b" || isMove) last = ticks;
        }
      }),
      { seed: 5_005, numRuns: 1_000 },
    );
  });

  test.each([-0.1, 1, Number.NaN])("refuses a share of %p", (share) => {
    expect(() => new MoveWatch(share, undefined)).toThrow(
      `Cannot watch for moves of ${share}: wanted a share from 0 up, below 1`,
    );
  });
});
