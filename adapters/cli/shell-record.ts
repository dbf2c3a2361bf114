import type { Action } from "../../machines/domain/operator.ts";
import type { Log } from "../log/mod.ts";
import { PanelStore, panelFileOf } from "../store/panel-store.ts";
import type { Door } from "./door.ts";

/** What was done, and what came of it. */
export type ShellAction = Pick<Action, "who" | "what" | "outcome" | "text"> & {
  readonly target?: string | null;
};

/** Writes down what the shell did. Never fails: a full disk must not keep anybody from the brakes. */
export type ShellRecord = (action: ShellAction) => void;

/** The record of actions beside a ledger; a desk without a panel opens it with the first action. */
export class ActionRecord implements Disposable {
  constructor(
    private readonly ledgerFile: string,
    private readonly log: Pick<Log, "write">,
    private store: PanelStore | null = null,
  ) {}

  readonly note: ShellRecord = ({ target = null, ...action }) => {
    try {
      this.store ??= new PanelStore(panelFileOf(this.ledgerFile));
      const at = Date.now();
      this.store.record({ ...action, target, at, role: "admin", from: "shell" });
    } catch (error) {
      const message = `Cannot record that ${action.who} did ${action.what}: ${action.outcome}`;
      this.log.write({ level: "error", event: "panel.file", message, details: { error } });
    }
  };

  [Symbol.dispose](): void {
    this.store?.close();
  }
}

/** A door whose commands stand in the record of actions as the shell's. */
export function recordedDoor(door: Door, note: ShellRecord): Door {
  return async (command) => {
    const answer = await door(command);
    const { name, who, target } = command;
    const outcome = answer.done ? "done" : "refused";
    note({ who, what: `command.${name}`, target, outcome, text: answer.text });
    return answer;
  };
}
