import { signal } from "@preact/signals";
import type { CommandName as AnyName } from "../../machines/domain/command.ts";
import { call, Refusal } from "./api.ts";
import { onEntries, onGap, strip, toldSeq } from "./live.ts";
import { notify } from "./notices.tsx";

/** Those that the panel's general command takes: jobs and events by hand have routes of their own. */
type CommandName = Exclude<AnyName, "jobStart" | "send">;

/** A command as a page asks for it; the operator is asked once before it is sent. */
export interface CommandAsked {
  readonly name: CommandName;
  readonly target?: string | null;
  readonly details?: Readonly<Record<string, string>>;
  /** What the operator saw: the command is refused where that is no more so. */
  readonly expected?: {
    readonly brakes?: string[];
    readonly actor?: { name: string; seq: number };
  };
  readonly title: string;
  /** What will happen, in words; may have to be asked for first. */
  readonly consequence: string | (() => Promise<string>);
  /** What the button says: the verb, and of what. */
  readonly confirm: string;
  /** Whether a word has to be typed wherever orders go to a venue. */
  readonly isSlow?: boolean;
}

/** A command that was sent, and what is known of it. */
export interface Asking extends CommandAsked {
  /** One for all attempts: however often it is sent, it happens once. */
  readonly key: string;
  readonly end: (isDone: boolean) => void;
}

/** Sent, and its record has not come yet. */
export interface Requested {
  readonly name: CommandName;
  readonly target: string | null;
  readonly seq: number;
}

/** What stops the desk: it is never made to wait, and no word has to be typed. */
export const emergencies = ["pause", "flatten", "halt"] as const;
export type Emergency = (typeof emergencies)[number];

export const isEmergency = (name: CommandName): name is Emergency =>
  (emergencies as readonly CommandName[]).includes(name);

/** What the operator is asked about now. */
export const asking = signal<Asking | null>(null);
/** Commands whose records are awaited. */
export const requested = signal<readonly Requested[]>([]);

/** Whether a command was sent whose record has not come yet. */
export function isRequested(name: CommandName, target: string | null = null): boolean {
  return requested.value.some((each) => each.name === name && each.target === target);
}

/** Asks the operator, and sends the command if that is confirmed; true once the desk has done it. */
export function askCommand(command: CommandAsked): Promise<boolean> {
  asking.value?.end(false);
  return new Promise((resolve) => {
    const end = (isDone: boolean) => {
      asking.value = null;
      resolve(isDone);
    };
    asking.value = { ...command, key: freshKey(), end };
  });
}

/** Whether a word is to be typed before it is sent. */
export function wantsWord({ name, isSlow }: CommandAsked): boolean {
  const mode = strip.value?.mode ?? "live";
  if (mode === "paper" || isEmergency(name)) return false;
  return mode === "live" || isSlow === true;
}

// Not `crypto.randomUUID`: a browser has it over TLS and on loopback alone.
export function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Sends what was confirmed. Returns why it was not done, or null. */
export async function send(command: Asking, reason: string): Promise<string | null> {
  const { name, target = null, details, expected, key, confirm } = command;
  try {
    const body = { name, target, reason, details: { ...details }, expected, idempotencyKey: key };
    const { done, text, seq } = await call("POST /api/v1/commands", { body });
    if (!done) return text;
    await shown({ name, target, seq }, confirm);
    notify(text, "good");
    command.end(true);
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    return "No answer was heard: it may be done or not. To send it again is safe, it happens once";
  }
}

/** Shows the command as requested until its record is told; the stream says so, or that it may not. */
function shown(wanted: Requested, confirm: string): Promise<void> {
  if (toldSeq.value >= wanted.seq) return Promise.resolve();
  requested.value = [...requested.value, wanted];
  const takeBack = notify(`${confirm}: requested`, "plain");
  return new Promise((resolve) => {
    const over = () => {
      for (const stop of stops) stop();
      takeBack();
      requested.value = requested.value.filter((each) => each !== wanted);
      resolve();
    };
    const stops = [
      onGap(over),
      onEntries((entries) => {
        if ((entries.at(-1)?.seq ?? 0) >= wanted.seq) over();
      }),
    ];
  });
}
