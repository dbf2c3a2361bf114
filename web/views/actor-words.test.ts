import { describe, expect, test } from "bun:test";
import { getStateNodes } from "xstate";
import { machineKinds } from "../../actors/desk/mod.ts";
import { activeIds, stateChange, stateWords } from "./actor-words.ts";

const live = { asked: { submitting: "sent" }, held: "new", books: "complete" };
const order = { live: { ...live, watch: "unset", patience: "running" } };

describe("the active states of a value", () => {
  test.each([
    ["order", order],
    ["order", "settled"],
    ["position", { closing: "working" }],
    ["reconciler", "reading"],
    ["desk", "running"],
  ] as const)("of %s %j are those that XState has", (kind, value) => {
    const { root } = machineKinds[kind].machine;
    const ids = new Set(getStateNodes(root, value as never).map(({ id }) => id));
    expect(new Set(activeIds(kind, value))).toEqual(ids);
  });

  test("are read in a few words", () => {
    const before = { live: { asked: { submitting: "sent" }, held: "new" } };
    expect(stateWords(before)).toBe("live: asked submitting.sent, held new");
    expect(stateWords("open")).toBe("open");
    expect(stateWords({ closing: "working" })).toBe("closing: working");
    const after = { live: { asked: "none", held: "new" } };
    expect(stateChange(before, after)).toBe("asked: submitting.sent → none");
    expect(stateChange({ closing: "working" }, "closed")).toBe("closing.working → closed");
    expect(stateChange(after, after)).toBe("");
  });
});
