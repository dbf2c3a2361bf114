import type { ActionOutcome } from "../../machines/domain/operator.ts";
import type { Caller } from "../api/route.ts";
import type { PanelDoors } from "./doors.ts";

/** What somebody did or tried. */
export interface Deed {
  readonly what: string;
  readonly target?: string | null;
  readonly outcome: ActionOutcome;
  readonly text: string;
}

/** Writes down who did what. Never fails: a full disk must not keep anybody from the brakes. */
export class Chronicle {
  constructor(private readonly doors: Pick<PanelDoors, "keeper" | "now" | "lines">) {}

  note(who: Pick<Caller, "name" | "role" | "from">, { target = null, ...deed }: Deed): void {
    const { name, role, from } = who;
    try {
      this.doors.keeper.record({ at: this.doors.now(), who: name, role, from, target, ...deed });
    } catch (error) {
      const message = `Cannot record that ${name} did ${deed.what}: ${deed.outcome}`;
      this.doors.lines.write({ level: "error", event: "panel.file", message, details: { error } });
    }
  }
}
