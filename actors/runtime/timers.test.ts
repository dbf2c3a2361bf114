import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Timer, TimerTable } from "./timers.ts";

const timer = (actor: string, id: string, deadline: number): Timer => ({
  actor,
  id,
  deadline,
  event: { type: id },
});

describe("TimerTable.next()", () => {
  const cases: readonly [name: string, set: readonly Timer[], wanted: string | null][] = [
    ["is null where none is set", [], null],
    ["is the earliest", [timer("a", "x", 3), timer("b", "x", 2), timer("c", "x", 4)], "b x"],
    ["breaks a tie by actor", [timer("b", "x", 1), timer("a", "y", 1)], "a y"],
    ["breaks a tie of one actor by id", [timer("a", "y", 1), timer("a", "x", 1)], "a x"],
    [
      "knows a timer that was set later",
      [timer("a", "x", 1), timer("b", "x", 2), timer("a", "x", 3)],
      "b x",
    ],
    [
      "knows a timer that was set earlier",
      [timer("a", "x", 5), timer("b", "x", 4), timer("a", "x", 3)],
      "a x",
    ],
  ];
  test.each(cases)("%s", (_, set, wanted) => {
    const table = new TimerTable();
    for (const each of set) table.set(each);
    const next = table.next();
    expect(next ? `${next.actor} ${next.id}` : null).toBe(wanted);
  });

  test("agrees with a sorted list, whatever is set, cancelled and forgotten", () => {
    const actor = fc.constantFrom("a", "b", "c");
    const id = fc.constantFrom("x", "y");
    const step = fc.oneof(
      fc.record({ do: fc.constant("set"), actor, id, deadline: fc.integer({ min: 0, max: 4 }) }),
      fc.record({ do: fc.constant("cancel"), actor, id, deadline: fc.constant(0) }),
      fc.record({ do: fc.constant("forget"), actor, id, deadline: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const table = new TimerTable();
        const model = new Map<string, Timer>();
        for (const { do: what, actor, id, deadline } of steps) {
          if (what === "set") {
            table.set(timer(actor, id, deadline));
            model.set(`${actor} ${id}`, timer(actor, id, deadline));
          } else if (what === "cancel") {
            table.cancel(actor, id);
            model.delete(`${actor} ${id}`);
          } else {
            table.forget(actor);
            for (const key of [...model.keys()]) if (key.startsWith(actor)) model.delete(key);
          }
          const [first] = [...model.entries()].sort(
            ([a, { deadline: left }], [b, { deadline: right }]) => left - right || (a < b ? -1 : 1),
          );
          expect(table.next()).toEqual(first?.[1] ?? null);
        }
      }),
      { seed: 20260101, numRuns: 300 },
    );
  });
});
