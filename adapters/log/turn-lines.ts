/** What of a committed turn is worth a line in the log. */
import type { JournalRecord } from "../../actors/runtime/ports.ts";
import type { Brake } from "../../machines/domain/brake.ts";
import { accountOfActor } from "../../machines/domain/ids.ts";
import type { LogEntry } from "./log.ts";

/** Of the root's context, what is told; it is known before the turn, and changed by it. */
export interface DeskView {
  readonly brakes: readonly Brake[];
  readonly alarms: number;
  readonly lastAlarm: string | null;
}

interface Transition {
  readonly actor: string;
  readonly event: { readonly type: string } & Readonly<Record<string, unknown>>;
  readonly from: unknown;
  readonly to: unknown;
  readonly changed: Readonly<Record<string, unknown>>;
}

/** A turn as its record tells it. */
export interface CommittedTurn {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly subject: string;
  readonly correlation: string | null;
  readonly input: unknown;
  readonly transitions: readonly Transition[];
  readonly undone: {
    readonly actor: string;
    readonly event: string;
    readonly error: string;
  } | null;
}

type Line = Omit<LogEntry, "at" | "seq">;

const toldKinds: ReadonlySet<string> = new Set(["genesis", "start", "command"]);

const unreadable = '"reconcile.unreadable"';

/** In the text of a record: who moved, of whom something may be told. */
const tellingParts = [
  '"actor":"desk"',
  '"actor":"account:',
  '"to":"closed"',
  '"undone":{',
  unreadable,
];

/** The turn of a record; null, without reading it, of one of which nothing is told. */
export function turnOf(record: JournalRecord): CommittedTurn | null {
  const { seq, at, kind, subject, correlation, content } = record;
  const isTold = toldKinds.has(kind) || tellingParts.some((part) => content.includes(part));
  if (!isTold) return null;
  const {
    input = null,
    transitions = [],
    undone = null,
  } = JSON.parse(content) as {
    readonly input?: unknown;
    readonly transitions?: readonly Transition[];
    readonly undone?: CommittedTurn["undone"];
  };
  return { seq, at, kind, subject, correlation, input, transitions, undone };
}

/** The root's context after the turn, as far as it is told. */
export function deskAfter({ transitions }: CommittedTurn, before: DeskView): DeskView {
  let view = before;
  for (const { actor, changed } of transitions) {
    if (actor !== "desk") continue;
    view = {
      brakes: (changed.brakes as DeskView["brakes"] | undefined) ?? view.brakes,
      alarms: (changed.alarms as number | undefined) ?? view.alarms,
      lastAlarm: (changed.lastAlarm as string | undefined) ?? view.lastAlarm,
    };
  }
  return view;
}

/**
 * The lines of a committed turn: start and resume, commands, brakes on and off, alarms, turns that
 * were undone, accounts that differ or agree again, restarts, positions opened and closed. Most
 * turns have none.
 */
export function logLines(turn: CommittedTurn, before: DeskView): LogEntry[] {
  const { seq, at, correlation, undone, transitions } = turn;
  const after = deskAfter(turn, before);
  const lines = [
    ...inputLines(turn),
    ...(undone === null ? [] : [undoneLine(turn, undone)]),
    ...brakeLines(before.brakes, after.brakes),
    ...alarmLines(transitions, after.alarms - before.alarms, after.lastAlarm),
    ...transitions.flatMap(transitionLines),
  ];
  return lines.map((line) => ({
    ...(correlation === null ? {} : { correlation }),
    ...line,
    seq,
    at,
  }));
}

/** The one line that every turn has at level `debug`. */
export function turnLine({ seq, at, kind, subject, code, correlation }: JournalRecord): LogEntry {
  const decided = code === null ? "" : `, decided ${code}`;
  return {
    level: "debug",
    event: `turn.${kind}`,
    message: `Turn "${kind}" of "${subject}"${decided}`,
    ...whose(subject),
    ...(correlation === null ? {} : { correlation }),
    seq,
    at,
  };
}

/** Actor and account, as far as the name tells. */
function whose(actor: string): Pick<LogEntry, "actor" | "account"> {
  const account = accountOfActor(actor);
  return { actor, ...(account === null ? {} : { account }) };
}

function inputLines({ kind, input }: CommittedTurn): Line[] {
  const actor = "desk";
  if (kind === "genesis") {
    return [{ level: "info", event: "ledger.begun", message: "A new ledger begins", actor }];
  }
  if (kind === "start") {
    const { resumed } = input as { resumed: boolean };
    const event = resumed ? "desk.resumed" : "desk.started";
    const message = resumed ? "The desk goes on where it was" : "The desk starts";
    return [{ level: "info", event, message, actor }];
  }
  const { notes } = (input ?? {}) as { readonly notes?: readonly string[] };
  if (notes) {
    return notes.map((message) => ({ level: "info", event: "strategy.changed", message, actor }));
  }
  if (kind !== "command") return [];
  const { name, who, role, reason, target, done, text } = input as Record<string, unknown>;
  const event = done === true ? "command.done" : "command.refused";
  const details = { name, who, role, reason, target };
  const message = `${who} asked to ${name}: ${text}`;
  return [{ level: done === true ? "info" : "warn", event, message, actor, details }];
}

function undoneLine(
  { kind, subject }: CommittedTurn,
  undone: { actor: string; error: string; event: string },
): Line {
  return {
    level: "error",
    event: "turn.undone",
    message: `Turn "${kind}" of "${subject}" was undone: ${undone.error}`,
    ...whose(undone.actor),
    details: { kind, subject, failedOn: undone.event },
  };
}

/** Both ends of a brake at one level, so that whoever sees it go on sees it come off. */
function brakeLines(before: readonly Brake[], after: readonly Brake[]): Line[] {
  const line = (event: string, verb: string, brake: Brake): Line => {
    const { brakeId, kind, scope, since, releasedBy } = brake;
    // `paper:main`, or a symbol on it; the desk as a whole is no account's.
    const account = scope.includes(":") ? scope.split("/", 1)[0] : undefined;
    return {
      level: "warn",
      event,
      message: `Brake "${brakeId}" ${verb}: ${brake.reason}`,
      actor: "desk",
      ...(account === undefined ? {} : { account }),
      details: { brakeId, kind, scope, since: new Date(since).toISOString(), releasedBy },
    };
  };
  const added = (from: readonly Brake[], to: readonly Brake[]) =>
    to.filter(({ brakeId }) => !from.some((each) => each.brakeId === brakeId));
  return [
    ...added(before, after).map((brake) => line("brake.on", "is on", brake)),
    ...added(after, before).map((brake) => line("brake.off", "is released", brake)),
  ];
}

/** The alarms that came as events, then what the root raised itself, of which it keeps the last. */
function alarmLines(
  transitions: readonly Transition[],
  count: number,
  last: string | null,
): Line[] {
  const line = (from: string, text: unknown): Line => {
    return { level: "error", event: "alarm.raised", message: String(text), ...whose(from) };
  };
  const lines = transitions
    .filter(({ actor, event }) => actor === "desk" && event.type === "alarm.raised")
    .map(({ event }) => line(String(event.from), event.text));
  if (lines.length >= count || last === null) return lines;
  const colon = last.indexOf(": ");
  return [
    ...lines,
    colon < 0 ? line("desk", last) : line(last.slice(0, colon), last.slice(colon + 2)),
  ];
}

function transitionLines({ actor, event, from, to, changed }: Transition): Line[] {
  if (actor === "desk") return deskLines(event);
  if (event.type === "account.adjusted") return adjustmentLines(actor, event);
  if (event.type === "reconcile.unreadable") return unreadableLines(actor, changed);
  if (from === to) return [];
  if (actor.startsWith("account:")) return accountLines(actor, event, from, to);
  if (!actor.startsWith("position:") || to !== "closed") return [];
  return [positionLine(actor, "position.closed", "The position is closed")];
}

function deskLines(event: Transition["event"]): Line[] {
  if (event.type === "child.restart") {
    const name = String(event.name);
    const message = `"${name}" is restarted from its last good state`;
    return [{ level: "warn", event: "child.restarted", message, ...whose(name) }];
  }
  if (event.type !== "position.open") return [];
  const { positionId } = event.plan as { readonly positionId: string };
  return [positionLine(`position:${positionId}`, "position.begun", "An entry is sought")];
}

function positionLine(actor: string, event: string, message: string): Line {
  const correlation = actor.slice("position:".length);
  return { level: "info", event, message, correlation, ...whose(actor) };
}

/** Said once for each cause, not at every try. */
function unreadableLines(actor: string, { cause }: Transition["changed"]): Line[] {
  if (cause == null) return [];
  const message = `The account cannot be read, the desk goes on asking: ${cause}`;
  return [{ level: "warn", event: "account.unreadable", message, ...whose(actor) }];
}

/** What was booked without a fill: money that somebody should know of. */
function adjustmentLines(actor: string, event: Transition["event"]): Line[] {
  const { adjustments } = event as unknown as {
    readonly adjustments: readonly Readonly<Record<"coin" | "amount" | "cause", string>>[];
  };
  return adjustments.map(({ coin, amount, cause }) => {
    const message = `${amount} ${coin} is booked without a fill: ${cause}`;
    return { level: "warn", event: "account.adjusted", message, ...whose(actor) };
  });
}

function accountLines(
  actor: string,
  event: Transition["event"],
  from: unknown,
  to: unknown,
): Line[] {
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
