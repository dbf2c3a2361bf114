import { type ActorKind, kindOf } from "../../machines/domain/ids.ts";
import type { TimerView } from "../api/machines.ts";
import { eventLabel } from "./chart-graph.ts";

/** Ids of the states that a state value stands for, the root first. */
export function activeIds(kind: ActorKind, value: unknown): string[] {
  const ids: string[] = [kind];
  const walk = (part: unknown, above: string): void => {
    if (typeof part === "string") {
      ids.push(`${above}.${part}`);
      return;
    }
    for (const [key, inner] of Object.entries((part ?? {}) as object)) {
      ids.push(`${above}.${key}`);
      walk(inner, `${above}.${key}`);
    }
  };
  walk(value, kind);
  return ids;
}

/** A state value as it is read: `live: asked none, held working`. */
export function stateWords(value: unknown): string {
  if (typeof value === "string") return value;
  const parts = Object.entries((value ?? {}) as object);
  const [first] = parts;
  if (!first) return "";
  // One state with others in it; several are regions.
  if (parts.length > 1) return parts.map(([key, inner]) => `${key} ${dotted(inner)}`).join(", ");
  const [key, inner] = first;
  return `${key}: ${typeof inner === "string" ? inner : stateWords(inner)}`;
}

function dotted(value: unknown): string {
  if (typeof value === "string") return value;
  return Object.entries((value ?? {}) as object)
    .map(([key, inner]) => `${key}.${dotted(inner)}`)
    .join(", ");
}

/** What differs between two state values: `held: new → partial`; empty for nothing. */
export function stateChange(before: unknown, after: unknown): string {
  if (typeof before === "string" && typeof after === "string") {
    return before === after ? "" : `${before} → ${after}`;
  }
  const [from, to] = [leaves(before), leaves(after)];
  const changed = [...to].filter(([region, state]) => from.get(region) !== state);
  return changed
    .map(([region, state]) => {
      const was = from.get(region);
      const change = was === undefined ? `→ ${state}` : `${was} → ${state}`;
      return region === "" ? change : `${region}: ${change}`;
    })
    .join(", ");
}

/** The state of each region by its name; of a machine without regions, its state under no name. */
function leaves(value: unknown): Map<string, string> {
  const parts = typeof value === "string" ? [] : Object.entries((value ?? {}) as object);
  const [first] = parts;
  if (!first) return new Map([["", String(value)]]);
  if (parts.length > 1) return new Map(parts.map(([key, inner]) => [key, dotted(inner)]));
  const [, inner] = first;
  const isOfRegions = typeof inner === "object" && Object.keys(inner as object).length > 1;
  return isOfRegions ? leaves(inner) : new Map([["", dotted(value)]]);
}

/** The position that an actor is or works for; null for the others. */
export function correlationOf(name: string, context: unknown): string | null {
  if (name.startsWith("position:")) return name.slice("position:".length);
  if (!name.startsWith("order:")) return null;
  const { intent } = (context ?? {}) as { readonly intent?: { readonly positionId?: unknown } };
  return typeof intent?.positionId === "string" ? intent.positionId : null;
}

export function timerViews(
  timers: readonly { readonly id: string; readonly deadline: number }[],
): TimerView[] {
  return timers
    .map(({ id, deadline }) => ({ id, label: eventLabel(id), deadline }))
    .sort((a, b) => a.deadline - b.deadline);
}

/** The kind that a name begins with; null for none. */
export function kindOfName(name: string): ActorKind | null {
  try {
    return kindOf(name);
  } catch {
    // Whatever was asked for, it is no actor's name.
    return null;
  }
}
