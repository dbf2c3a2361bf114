import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Desk } from "../../actors/desk/mod.ts";
import { commandNames } from "../../machines/domain/command.ts";
import type { ScriptedInput } from "../simulation/market-run.ts";
import { CommandError, exitCode } from "./exit-codes.ts";

const at = z.iso.datetime().transform((text) => Date.parse(text));

const item = z.union([
  z.strictObject({
    at,
    vital: z.enum(["eventLoopLag", "lowDisk"]),
    isGood: z.boolean(),
    text: z.string(),
  }),
  z.strictObject({ at, emergencyFile: z.boolean() }),
  z.strictObject({ at, command: z.enum(commandNames), target: z.string().nullable() }),
]);

/**
 * For tests and rehearsals: a file of JSON that says what a run under a virtual clock is told of
 * the real world (lag, a full disk, an emergency file, an operator's commands) and when.
 *
 * @throws {CommandError} if the file cannot be read or is not of that form.
 */
export function readScript(path: string): (desk: Desk) => readonly ScriptedInput[] {
  let items: z.output<typeof item>[];
  try {
    items = z.array(item).parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    const text = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message;
    throw new CommandError(`Cannot read script "${path}": ${text}`, exitCode.usage, { cause });
  }
  items.sort((a, b) => a.at - b.at);
  return (desk) =>
    items.map((each, index) => ({
      at: each.at,
      run() {
        if ("command" in each) {
          desk.command({
            name: each.command,
            target: each.target,
            who: "script",
            role: "admin",
            reason: `line ${index + 1} of the script`,
            idempotencyKey: `script/${index}`,
          });
        } else if ("vital" in each) {
          desk.observe({ type: "vital", rule: each.vital, isGood: each.isGood, text: each.text });
        } else {
          desk.observe({ type: "emergencyFile", path: "script", isThere: each.emergencyFile });
        }
      },
    }));
}
