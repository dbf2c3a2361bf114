import { existsSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type Role, roles } from "../../machines/domain/command.ts";
import { type OperatorKey, operatorName } from "../../machines/domain/operator.ts";
import { PanelStore, panelFileOf } from "../store/panel-store.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import { locksmith } from "./locksmith.ts";
import { dbOption } from "./operator.ts";
import { userName } from "./user-name.ts";

/** Adds `key` to the command line: it works on the panel's file, beside a running desk or without. */
export function registerKeyCommands(program: Command): void {
  const key = program.command("key").description("keys of the panel's operators and machines");
  key
    .command("list")
    .description("the keys, revoked ones too")
    .addOption(dbOption())
    .option("--json", "as JSON", false)
    .action(({ db, json }: { db: string; json: boolean }) => {
      using store = opened(db);
      const keys = store.keys();
      console.log(json ? JSON.stringify(keys) : keysText(keys));
    });
  key
    .command("create")
    .description("create a key and print it: it is shown this once")
    .addOption(dbOption())
    .requiredOption("--name <name>", "whose it is, for the record", nameIn)
    .addOption(new Option("--role <role>", "what it may do").choices(roles).makeOptionMandatory())
    .action(({ db, name, role }: { db: string; name: string; role: Role }) => {
      return create(db, name, role);
    });
  key
    .command("revoke <id>")
    .description("end a key and its sessions, at once")
    .addOption(dbOption())
    .action((id: string, { db }: { db: string }) => {
      using store = opened(db);
      if (!store.revokeKey(id, Date.now())) {
        throw new CommandError(`Cannot revoke key "${id}": none in use has it`, exitCode.refused);
      }
      note(store, "key.revoke", id, "revoked, its sessions ended");
      console.log(`revoked ${id}`);
    });
}

async function create(db: string, name: string, role: Role): Promise<void> {
  using store = opened(db);
  if (store.hasName(name)) {
    throw new CommandError(`Cannot create key "${name}": it is in use`, exitCode.refused);
  }
  const { id, text, hash } = await locksmith.make();
  store.addKey({ id, name, role, hash, createdAt: Date.now() });
  note(store, "key.create", id, `created key "${name}" with role ${role}`);
  console.log(text);
}

function note(store: PanelStore, what: string, target: string, text: string): void {
  const who = { who: userName(), role: "admin", from: "shell" } as const;
  store.record({ ...who, at: Date.now(), what, target, outcome: "done", text });
}

/** @throws {CommandError} where there is no such ledger: a slip in its name would make a file */
function opened(db: string): PanelStore {
  if (!existsSync(db)) {
    throw new CommandError(`Cannot open keys of ledger "${db}": there is none`, exitCode.usage);
  }
  return new PanelStore(panelFileOf(db));
}

function nameIn(text: string): string {
  if (operatorName.test(text)) return text;
  throw new InvalidArgumentError("Wanted up to 32 letters, digits, blanks or . _ -.");
}

function keysText(keys: readonly OperatorKey[]): string {
  if (keys.length === 0) return "there is no key";
  const moment = (at: number | null) => (at === null ? "never" : new Date(at).toISOString());
  return keys
    .map(({ id, name, role, usedAt, revokedAt }) => {
      const state = revokedAt === null ? "in use" : `revoked ${moment(revokedAt)}`;
      return `${id}  ${role}  ${name}  last used ${moment(usedAt)}  ${state}`;
    })
    .join("\n");
}
