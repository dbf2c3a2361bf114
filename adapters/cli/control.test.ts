/** What the shell is answered while the desk still waits for its venue. */
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Desk } from "../../actors/desk/mod.ts";
import { askDesk, serveControl } from "./control.ts";
import { doorOf } from "./door.ts";

const command = {
  ...{ name: "halt", target: null, reason: "enough", who: "ann", idempotencyKey: "number-one" },
};

/** A desk that takes every command, and whose effects are never done. */
function waiting(mode: "paper" | "live", settled: string[]) {
  const desk: Partial<Desk> = {
    command: () => ({ done: true, text: "halted" }),
    commit: () => settled.push("committed"),
    settle: async () => {
      settled.push("settled");
      if (mode === "live") await new Promise(() => {});
    },
    status: () => ({ mode }) as ReturnType<Desk["status"]>,
  };
  return desk as Desk;
}

test.each([
  ["live", ["committed"]],
  ["paper", ["settled", "committed"]],
] as const)("a command is answered once it is durable: %s", async (mode, wanted) => {
  const folder = mkdtempSync(join(tmpdir(), "novactor-control-"));
  const ledgerFile = join(folder, "desk.db");
  const settled: string[] = [];
  const desk = waiting(mode, settled);
  const control = await serveControl({
    ...{ desk, door: doorOf(desk), note: () => {}, ledgerFile, status: () => ({}) },
    reload: () => ({ done: true, text: "" }),
    log: { level: "info", lost: 0, write: () => {} },
  });
  try {
    expect(await askDesk(ledgerFile, "/command", command)).toEqual({ done: true, text: "halted" });
    expect(settled).toEqual([...wanted]);
  } finally {
    await control.stop();
    rmSync(folder, { recursive: true });
  }
});
