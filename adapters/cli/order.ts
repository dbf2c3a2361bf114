import { Argument, type Command } from "commander";
import { dbOption, sendCommand } from "./operator.ts";

interface ResolveOptions {
  readonly db: string;
  readonly venueOrder?: string;
  readonly reason: string;
}

interface ForeignOptions {
  readonly db: string;
  readonly account?: string;
  readonly reason: string;
}

function resolve(
  intent: string,
  fate: string,
  { db, venueOrder, reason }: ResolveOptions,
): Promise<void> {
  const named = venueOrder === undefined ? {} : { venueOrderId: venueOrder };
  const details = { fate, ...named };
  return sendCommand(db, { name: "resolve", target: intent, reason, details });
}

function ofForeign(name: "claim" | "cancelForeign") {
  return (id: string, { db, account, reason }: ForeignOptions): Promise<void> => {
    const details = account === undefined ? {} : { account };
    return sendCommand(db, { name, target: id, reason, details });
  };
}

/** Adds `order` to the command line. */
export function registerOrderCommands(program: Command): void {
  const order = program
    .command("order")
    .description("settle an order in doubt, or one that is not the desk's");
  order
    .command("resolve <intent>")
    .description("say what became of an order whose fate nothing proves")
    .addArgument(new Argument("<fate>", "where it is").choices(["placed", "absent"]))
    .addOption(dbOption())
    .option("--venue-order <id>", "with placed: the venue's own id of it")
    .requiredOption("--reason <text>", "why, for the record")
    .action(resolve);
  order
    .command("claim <venue-order>")
    .description("take an order of somebody else under the desk's care; no position owns it")
    .addOption(dbOption())
    .option("--account <account>", "such as kraken:main, where two could be meant")
    .option("--reason <text>", "why, for the record", "")
    .action(ofForeign("claim"));
  order
    .command("cancel-foreign <venue-order>")
    .description("claim an order of somebody else and cancel it")
    .addOption(dbOption())
    .option("--account <account>", "such as kraken:main, where two could be meant")
    .requiredOption("--reason <text>", "why, for the record")
    .action(ofForeign("cancelForeign"));
}
