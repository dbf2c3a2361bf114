import type { CommandName } from "../../machines/domain/command.ts";
import type { commandRoutes } from "../api/commands.ts";
import { type Caller, type Handlers, RouteError } from "../api/route.ts";
import type { Chronicle } from "../server/chronicle.ts";
import type { PanelDoors } from "../server/doors.ts";
import { TokenBuckets } from "../server/limits.ts";
import type { PanelOptions } from "../server/ports.ts";

/** What stops exposure is never held back by a limit. */
const emergencies: ReadonlySet<string> = new Set<CommandName>(["pause", "flatten", "halt"]);

export const isEmergency = (name: unknown): boolean =>
  typeof name === "string" && emergencies.has(name);

/** Commands of one session or key, beside the emergencies: a burst, and then one a second. */
const burst = 20;

/** Commands to the desk and to its process. */
export function commandViews(
  { desk, obey }: Pick<PanelOptions, "desk" | "obey">,
  doors: PanelDoors,
  chronicle: Chronicle,
): Handlers<typeof commandRoutes, Caller> {
  const limits = new TokenBuckets(burst, 1);
  const { lines } = doors;
  return {
    "POST /api/v1/commands": async ({ body, who }) => {
      const { name, target, reason, details, expected, idempotencyKey } = body;
      const what = `command.${name}`;
      if (!isEmergency(name) && !limits.take(whoOf(who), doors.now())) {
        throw new RouteError(429, `Cannot ${name}: too many commands in a short time`);
      }
      const { journalHead, brakes } = desk.status();
      const moved = movedSince(expected, brakes, doors);
      if (moved !== null) {
        const text = `Cannot ${name}: ${moved}`;
        chronicle.note(who, { what, target, outcome: "refused", text });
        throw new RouteError(409, text, { brakes: brakes.map(({ brakeId }) => brakeId) });
      }
      const { done, text } = await obey({
        ...{ name, target, details, reason, who: who.name, role: who.role },
        // Two operators may draw the same key; the desk knows no operators.
        idempotencyKey: `${who.keyId}:${idempotencyKey}`,
      });
      chronicle.note(who, { what, target, outcome: done ? "done" : "refused", text });
      // The command's own record comes first after those that were there before it. One that was
      // obeyed before a restart has none of its own any more.
      const { seq } = desk.status().journalHead;
      return { done, text, seq: Math.min(seq, journalHead.seq + 1) };
    },
    "POST /api/v1/configuration/reload": ({ who }) => {
      const answer = reloaded(doors);
      const outcome = answer.done ? "done" : "refused";
      chronicle.note(who, { what: "configuration.reload", outcome, text: answer.text });
      return answer;
    },
    "GET /api/v1/log/level": () => ({ level: lines.level, lost: lines.lost }),
    "PUT /api/v1/log/level": ({ body, who }) => {
      const text = `${lines.level} -> ${body.level}`;
      const line = { level: "warn", event: "log.level", message: `${who.name}: ${text}` } as const;
      lines.write(line);
      lines.level = body.level;
      chronicle.note(who, { what: "log.level", target: body.level, outcome: "done", text });
      return { level: lines.level, lost: lines.lost };
    },
  };
}

const whoOf = ({ keyId, session }: Caller): string => session?.id ?? keyId;

interface Expected {
  readonly brakes?: readonly string[] | undefined;
  readonly actor?: { readonly name: string; readonly seq: number } | undefined;
}

/** What is not so any more as the operator saw it, or null. */
function movedSince(
  { brakes: seen, actor }: Expected,
  brakes: readonly { readonly brakeId: string }[],
  doors: PanelDoors,
): string | null {
  if (seen) {
    const on = brakes.map(({ brakeId }) => brakeId).sort();
    if (!Bun.deepEquals([...seen].sort(), on)) {
      const list = on.length === 0 ? "none" : on.join(", ");
      return `the brakes that are on are other ones than you saw: ${list}`;
    }
  }
  if (actor) {
    const seq = doors.changedSeq(actor.name);
    if (seq === null) return `"${actor.name}" is not there any more`;
    if (seq !== actor.seq) {
      return `"${actor.name}" has moved on since you saw it, from record ${actor.seq} to ${seq}`;
    }
  }
  return null;
}

function reloaded({ reload }: PanelDoors) {
  try {
    return reload();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "CommandError") throw error;
    return { done: false, text: error.message };
  }
}
