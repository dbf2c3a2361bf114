import type { Desk } from "../../actors/desk/mod.ts";
import type { Command } from "../../machines/domain/command.ts";

export interface Answer {
  readonly done: boolean;
  readonly text: string;
}

/** Where commands of the shell and of the panel enter: one way, one answer. */
export type Door = (command: Command) => Promise<Answer>;

/** `jobs` is looked after once a command was obeyed or refused. */
export function doorOf(desk: Desk, jobs?: { look(): void }): Door {
  return async (command) => {
    const answer = desk.command(command);
    // Over a wire the run begins what the command wants: to wait here would be to do one thing after
    // the other, and to answer only when the last venue has.
    if (desk.status().mode === "paper") await desk.settle();
    desk.commit();
    jobs?.look();
    return answer;
  };
}
