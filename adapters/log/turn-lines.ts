/** What of a turn is worth a line in the log. */
import type { Brake } from "../../machines/domain/brake.ts";
import { accountOfActor } from "../../machines/domain/ids.ts";
import type { LogEntry } from "./log.ts";

/** A turn that is committed, as far as the log looks at it. */
export interface LoggedTurn {
  readonly at: number;
  readonly input: {
    readonly kind: string;
    readonly subject: string;
    readonly correlation?: string | null;
    readonly payload: unknown;
  };
  readonly failure: {
    readonly actor: string;
    readonly event: string;
    readonly error: string;
  } | null;
  readonly decision: { readonly code: string; readonly symbol: string } | null;
  readonly transitions: readonly {
    readonly actor: string;
    readonly event: { readonly type: string };
    readonly from: unknown;
    readonly to: unknown;
  }[];
  /** Actors that the turn made or changed, by name; nothing before it for one that it made. */
  readonly touched: ReadonlyMap<
    string,
    {
      readonly before: { readonly context: unknown } | null;
      readonly after: { readonly context: unknown };
    }
  >;
}

type Transition = LoggedTurn["transitions"][number];
type Line = Omit<LogEntry, "at" | "seq">;

/** Of the root's context, what is told. */
interface DeskView {
  readonly brakes: readonly Brake[];
  readonly alarms: number;
  readonly lastAlarm: string | null;
}

/**
 * The lines of a committed turn: start and resume, commands, brakes on and off, alarms, turns that
 * were undone, accounts that differ or agree again, restarts, positions opened and closed. Most
 * turns have none. `seq` is the turn's journal record.
 */
export function logLines(turn: LoggedTurn, seq: number): LogEntry[] {
  const lines = turn.failure === null ? linesOf(turn) : [undone(turn, turn.failure)];
  const { at } = turn;
  const correlation = turn.input.correlation ?? null;
  return lines.map((line) => ({ ...(correlation ? { correlation } : {}), ...line, at, seq }));
}

/** The one line that every turn has at level `debug`. */
export function turnLine(turn: LoggedTurn, seq: number): LogEntry {
  const { input, at, decision, transitions } = turn;
  const { kind, subject, correlation } = input;
  const moves = transitions.length === 1 ? "1 transition" : `${transitions.length} transitions`;
  const code = decision === null ? "" : `, decided ${decision.code}`;
  return {
    level: "debug",
    event: `turn.${kind}`,
    message: `${kind} of ${subject}: ${moves}${code}`,
    ...whose(subject),
    ...(correlation ? { correlation } : {}),
    seq,
    at,
  };
}

function linesOf(turn: LoggedTurn): Line[] {
  const lines = inputLines(turn);
  const desk = turn.touched.get("desk");
  if (desk) {
    const before = (desk.before?.context ?? null) as DeskView | null;
    const after = desk.after.context as DeskView;
    lines.push(...brakeLines(before?.brakes ?? [], after.brakes));
    const alarms = after.alarms - (before?.alarms ?? 0);
    if (alarms > 0) lines.push(...alarmLines(turn, alarms, after.lastAlarm));
  }
  for (const transition of turn.transitions) lines.push(...transitionLines(transition, turn));
  return lines;
}

/** Actor and account, as far as the name tells. */
function whose(actor: string): Pick<LogEntry, "actor" | "account"> {
  const account = accountOfActor(actor);
  return { actor, ...(account === null ? {} : { account }) };
}

/** An account's key where the scope is one, or begins with one. */
function accountOfScope(scope: string): string | null {
  return scope.includes(":") ? (scope.split("/", 1)[0] ?? null) : null;
}

function inputLines({ input }: LoggedTurn): Line[] {
  const { kind, payload } = input;
  if (kind === "genesis") {
    const message = "A new ledger begins";
    return [{ level: "info", event: "ledger.begun", message, actor: "desk" }];
  }
  if (kind === "start") {
    const { resumed } = payload as { resumed: boolean };
    const event = resumed ? "desk.resumed" : "desk.started";
    const message = resumed ? "The desk goes on where it was" : "The desk starts";
    return [{ level: "info", event, message, actor: "desk" }];
  }
  if (kind !== "command") return [];
  const { name, who, role, reason, target, done, text } = payload as Record<string, unknown>;
  const event = done === true ? "command.done" : "command.refused";
  const details = { name, who, role, reason, target };
  const message = `${who} asked to ${name}: ${text}`;
  return [{ level: done === true ? "info" : "warn", event, message, actor: "desk", details }];
}

function undone({ input }: LoggedTurn, failure: NonNullable<LoggedTurn["failure"]>): Line {
  return {
    level: "error",
    event: "turn.undone",
    message: `Turn "${input.kind}" of "${input.subject}" was undone: ${failure.error}`,
    ...whose(failure.actor),
    details: { kind: input.kind, subject: input.subject, failedOn: failure.event },
  };
}

/** Both ends of a brake at one level, so that whoever sees it go on sees it come off. */
function brakeLines(before: readonly Brake[], after: readonly Brake[]): Line[] {
  const line = (event: string, verb: string, brake: Brake): Line => {
    const account = accountOfScope(brake.scope);
    const { brakeId, kind, scope, since, releasedBy } = brake;
    return {
      level: "warn",
      event,
      message: `Brake "${brakeId}" ${verb}: ${brake.reason}`,
      actor: "desk",
      ...(account === null ? {} : { account }),
      details: { brakeId, kind, scope, since: new Date(since).toISOString(), releasedBy },
    };
  };
  const missing = (from: readonly Brake[], all: readonly Brake[]) =>
    all.filter(({ brakeId }) => !from.some((each) => each.brakeId === brakeId));
  return [
    ...missing(before, after).map((brake) => line("brake.on", "is on", brake)),
    ...missing(after, before).map((brake) => line("brake.off", "is released", brake)),
  ];
}

/** The alarms that came as events, then what the root raised itself, of which it keeps the last. */
function alarmLines({ transitions }: LoggedTurn, count: number, last: string | null): Line[] {
  const told = transitions.filter(
    ({ actor, event }) => actor === "desk" && event.type === "alarm.raised",
  );
  const lines = told.map(({ event }): Line => {
    const { from, text } = event as unknown as { from: string; text: string };
    return { level: "error", event: "alarm.raised", message: text, ...whose(from) };
  });
  if (lines.length < count && last !== null) {
    const colon = last.indexOf(": ");
    const [from, text] = [last.slice(0, Math.max(colon, 0)), last.slice(colon + 2)];
    lines.push({ level: "error", event: "alarm.raised", message: text, ...whose(from || "desk") });
  }
  return lines;
}

function transitionLines({ actor, event, from, to }: Transition, turn: LoggedTurn): Line[] {
  if (actor === "desk" && event.type === "child.restart") {
    const { name } = event as unknown as { name: string };
    const message = `"${name}" is restarted from its last good state`;
    return [{ level: "warn", event: "child.restarted", message, ...whose(name) }];
  }
  if (from === to) return [];
  if (actor.startsWith("account:")) return accountLines(actor, from, to, event);
  if (actor.startsWith("position:")) return positionLines(actor, from, to, turn);
  return [];
}

function accountLines(actor: string, from: unknown, to: unknown, event: object): Line[] {
  if (to === "mismatched") {
    const { differences = [] } = event as { differences?: readonly string[] };
    const message = `Ledger and venue differ: ${differences.join("; ")}`;
    return [{ level: "error", event: "account.mismatched", message, ...whose(actor) }];
  }
  if (to !== "trading") return [];
  const level = from === "mismatched" ? "warn" : "info";
  const message = "Ledger and venue agree: new exposure is possible";
  return [{ level, event: "account.reconciled", message, ...whose(actor) }];
}

function positionLines(actor: string, from: unknown, to: unknown, turn: LoggedTurn): Line[] {
  const correlation = actor.slice("position:".length);
  const line = (event: string, message: string): Line[] => {
    return [{ level: "info", event, message, correlation, ...whose(actor) }];
  };
  if (from === null) {
    return turn.touched.get(actor)?.before === null
      ? line("position.begun", "An entry is sought")
      : [];
  }
  return to === "closed" ? line("position.closed", "The position is closed") : [];
}
