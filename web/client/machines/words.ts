/** How actors, states and events are written and addressed. */
import type { Answer } from "../api.ts";

export type Chart = Answer<"GET /api/v1/machines/:kind">;
export type Moment = Answer<"GET /api/v1/actors/:name">;
export type Step = Answer<"GET /api/v1/actors/:name/steps">["steps"][number];
export type Guess = Answer<"POST /api/v1/what-if">;
export type Guards = Step["guards"];
export type Changes = Step["changed"];

type Search = Readonly<Record<string, string | number | null | undefined>>;

/** An address with a query of what is given. */
export function linkTo(path: string, search: Search): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined && value !== null && value !== "") query.set(name, String(value));
  }
  return query.size === 0 ? path : `${path}?${query}`;
}

export function linkToActor(name: string, search: Search = {}): string {
  return linkTo(`/machines/${encodeURIComponent(name)}`, search);
}

/** `order:paper:main/BTC/USD/7/entry` is of the kind `order`. */
export const kindIn = (name: string): string => name.split(":", 1)[0] ?? name;

/** `paper:main/BTC/USD/7` of a position or one of its orders, or null. */
export function correlationOf(name: string): string | null {
  const rest = name.slice(name.indexOf(":") + 1);
  if (name.startsWith("position:")) return rest;
  return name.startsWith("order:") ? rest.slice(0, rest.lastIndexOf("/")) : null;
}

/** The lane of what an actor's context tells, or null. */
export function laneIn(context: unknown): string | null {
  const { lane, symbol, intent } = (context ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof lane === "string") return lane;
  if (typeof symbol === "string") return symbol;
  return intent === undefined ? null : laneIn(intent);
}

/** States that hold no other one of those that are given. */
export function leavesOf(ids: readonly string[]): string[] {
  return ids.filter((id) => !ids.some((other) => other.startsWith(`${id}.`)));
}

/** States and all that they are in. */
export function withParents(ids: readonly string[]): Set<string> {
  const all = new Set<string>();
  for (const id of ids) {
    const parts = id.split(".");
    parts.forEach((_, index) => {
      all.add(parts.slice(0, index + 1).join("."));
    });
  }
  return all;
}

/** Without what all of them begin with: `held.new` of `order.live.held.new`. */
function shortened(ids: readonly string[], all: readonly string[]): string {
  const [first = ""] = all;
  const parts = first.split(".");
  let shared = 0;
  while (
    shared < parts.length - 1 &&
    all.every((id) => id.startsWith(`${parts.slice(0, shared + 1).join(".")}.`))
  ) {
    shared += 1;
  }
  return ids.map((id) => id.split(".").slice(shared).join(".")).join(", ");
}

/** What a step left and reached, only what differs: `held.new → held.partial`. */
export function moveWords({ from, to }: Pick<Step, "from" | "to">): string {
  const left = leavesOf(from).filter((id) => !to.includes(id));
  const reached = leavesOf(to).filter((id) => !from.includes(id));
  const stays = leavesOf(to);
  if (left.length + reached.length === 0) {
    return stays.length > 1 ? "stays" : `stays ${shortened(stays, stays)}`;
  }
  const all = [...leavesOf(from), ...stays];
  return `${shortened(left, all) || "nothing"} → ${shortened(reached, all)}`;
}

/** An event as it is read: `after submit timeout`. */
export function eventWords(type: string): string {
  const after = /^xstate\.after\.([^.]+)/.exec(type);
  if (after) return `after ${after[1]?.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`;
  return type
    .replace(/^xstate\.init$/, "made")
    .replace(/^xstate\.(done|error)\.actor\./, (_, how) => (how === "done" ? "done: " : "failed: "))
    .replace(/^xstate\.done\.state\..*/, "done");
}

/** A value on one line. */
export function oneLine(value: unknown, most = 90): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "—");
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** A number of the query, or undefined. */
export function numberIn(text: string | null): number | undefined {
  return text === null || text === "" || !Number.isFinite(Number(text)) ? undefined : Number(text);
}
