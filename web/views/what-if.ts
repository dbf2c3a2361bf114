import type { Want } from "../../actors/desk/mod.ts";
import { actorKinds } from "../../machines/domain/ids.ts";
import type { WhatIfView } from "../api/machines.ts";
import { activeIds } from "./actor-words.ts";
import { eventLabel } from "./chart-graph.ts";
import type { Found } from "./moments.ts";
import type { Replays } from "./replays.ts";

/** What an event would do to an actor in a state: nothing of it is done, or kept. */
export function whatIf(
  replays: Replays,
  { name, kind, state }: Found,
  event: { readonly type: string },
): WhatIfView {
  const from = activeIds(kind, state.value);
  try {
    const { value, context, edges, guards, wants, isIgnored } = replays
      .machine(kind)
      .take(name, state, event);
    const changed = Object.fromEntries(
      Object.entries(context).filter(([key, after]) => !Object.is(state.context[key], after)),
    );
    return {
      ...{ isIgnored, from, to: activeIds(kind, value), edges: [...edges], error: null },
      guards: replays.guardViews(
        guards.map(({ name: guard, passed }) => [guard, passed] as const),
        guards,
      ),
      changed: replays.changes(state.context, changed),
      wants: wants.map(wantWords),
    };
  } catch (error) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return {
      ...{ isIgnored: false, from, to: from, edges: [], guards: [], changed: {}, wants: [] },
      error: text,
    };
  }
}

function wantWords(want: Want): string {
  switch (want.type) {
    case "send":
      return `sends ${want.event} to ${want.to}`;
    case "timer":
      return `sets a timer: ${eventLabel(want.event)}, in ${want.delayMs / 1_000} s`;
    case "cancelTimer":
      return `cancels its timer: ${eventLabel(want.id)}`;
    case "start":
      // Only the root starts actors; what the others start is asked of the outside.
      return actorKinds.some((kind) => kind === want.src)
        ? `starts ${want.id}`
        : `asks for ${want.src}`;
    case "stop":
      return `stops ${want.id}`;
  }
}
