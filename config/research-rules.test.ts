import { expect, test } from "bun:test";
import { defaultLayer } from "./default-configuration.ts";
import { resolveLayers } from "./resolve.ts";
import { flagLayer } from "./variables.ts";

function problemsOf(values: Readonly<Record<string, string>>): string[] {
  const flags = Object.entries(values).map(([path, value]) => ({ flag: "--set", path, value }));
  const result = resolveLayers([defaultLayer, flagLayer(flags).tree]);
  return result.type === "problems"
    ? result.problems.map(({ path, wanted }) => `${path}: ${wanted}`)
    : [];
}

const bare = { "position.protects": "false" };

test("a paper desk on past data may go without stops", () => {
  expect(problemsOf(bare)).toEqual([]);
});

test.each([
  [{ "market.source": "live" }, "position.protects: true while market.source is live"],
  [{ mode: "live" }, "position.protects: true while mode is live"],
  [{ mode: "rehearsal" }, "position.protects: true while mode is rehearsal"],
])("with %p no desk goes without stops", (more, wanted) => {
  expect(problemsOf({ ...bare, ...more })).toContain(wanted);
  expect(problemsOf(more)).not.toContain(wanted);
});
