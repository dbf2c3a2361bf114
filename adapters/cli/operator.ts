import { randomUUID } from "node:crypto";
import { Option } from "commander";
import { defaultLedgerFile } from "../../config/defaults.ts";
import type { Command } from "../../machines/domain/command.ts";
import { askDesk } from "./control.ts";
import { exitCode } from "./exit-codes.ts";
import { userName } from "./user-name.ts";

/** The ledger whose desk is spoken to. */
export const dbOption = () =>
  new Option("--db <file>", "the ledger").default(defaultLedgerFile).env("NOVACTOR_DB");

/** Brings a command to the running desk, prints its answer, and sets the exit code. */
export async function sendCommand(
  db: string,
  parts: Pick<Command, "name" | "target" | "reason" | "details">,
): Promise<void> {
  const body = { ...parts, who: userName(), idempotencyKey: randomUUID() };
  const { done, text } = (await askDesk(db, "/command", body)) as { done: boolean; text: string };
  console.log(text);
  if (!done) process.exitCode = exitCode.refused;
}
