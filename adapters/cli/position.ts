import type { Command } from "commander";
import type { PositionView } from "../../actors/desk/mod.ts";
import type { PositionCommandName } from "../../machines/domain/command.ts";
import { askDesk } from "./control.ts";
import { dbOption, sendCommand } from "./operator.ts";

interface Options {
  readonly db: string;
  readonly reason: string;
}

const send =
  (name: PositionCommandName) =>
  (id: string, { db, reason }: Options): Promise<void> =>
    sendCommand(db, { name, target: id, reason });

/** Adds `position` to the command line. */
export function registerPositionCommands(program: Command): void {
  const position = program.command("position").description("what the desk holds or enters");
  position
    .command("list")
    .description("the positions that are not over, with state and stop")
    .addOption(dbOption())
    .option("--json", "as JSON", false)
    .action(async ({ db, json }: { db: string; json: boolean }) => {
      const reply = await askDesk(db, "/positions");
      const { positions } = reply as { readonly positions: readonly PositionView[] };
      console.log(json ? JSON.stringify(positions) : positionsText(positions));
    });
  position
    .command("exit <id>")
    .description("leave a position at market; other positions and brakes stay as they are")
    .addOption(dbOption())
    .option("--reason <text>", "why, for the record", "")
    .action(send("exit"));
  position
    .command("abandon <id>")
    .description("cancel what still works of a position's entry; what it bought stays protected")
    .addOption(dbOption())
    .option("--reason <text>", "why, for the record", "")
    .action(send("abandon"));
}

/** The positions that are not over, one to a line. */
export function positionsText(positions: readonly PositionView[]): string {
  if (positions.length === 0) return "no position is open";
  return positions
    .map(({ positionId, state, quantity, stopPrice, restingStop, votedBy }) => {
      const stop = restingStop === null ? `stop wanted at ${stopPrice}` : `stop at ${restingStop}`;
      return `${positionId}  ${state}  holds ${quantity}  ${stop}  voted by ${votedBy.join(", ")}`;
    })
    .join("\n");
}
