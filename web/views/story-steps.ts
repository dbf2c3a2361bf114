/** What journal records say of one trade, in the order in which it happened. */
import type { PositionContext, PositionInput } from "../../machines/position.types.ts";
import type { JournalRow } from "../server/ports.ts";

export interface StoryStep {
  readonly seq: number;
  readonly at: number;
  readonly kind: "decision" | "command" | "order" | "fill" | "stop" | "position";
  readonly actor: string | null;
  readonly title: string;
  readonly text: string;
}

/** What the venue held of an order, and since which record. */
export interface HeldState {
  readonly intentId: string;
  readonly state: string;
  readonly at: number;
  readonly seq: number;
}

interface Transition {
  readonly actor: string;
  readonly event: Readonly<Record<string, unknown>> & { readonly type: string };
  readonly from: unknown;
  readonly to: unknown;
  readonly changed: Readonly<Record<string, unknown>>;
  readonly ignored?: boolean;
}

interface Content {
  readonly decision?: {
    readonly code: string;
    readonly facts: Readonly<Record<string, unknown>> | null;
  };
  readonly input: Readonly<Record<string, unknown>>;
  readonly transitions?: readonly Transition[];
}

/** The signal that made the position. */
export interface Signal {
  readonly seq: number;
  readonly at: number;
  readonly plan: PositionInput;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface Told {
  readonly steps: readonly StoryStep[];
  readonly held: readonly HeldState[];
  readonly signal: Signal | null;
}

/** Reads the records of a position's story. */
export function told(positionId: string, records: readonly JournalRow[]): Told {
  const steps: StoryStep[] = [];
  const held: HeldState[] = [];
  let signal: Signal | null = null;
  for (const { seq, at, kind, subject, content } of records) {
    const { decision, input, transitions = [] } = JSON.parse(content) as Content;
    if (kind === "command") {
      const title = `${input.who} asked for ${subject}`;
      steps.push({ ...{ seq, at, title }, kind: "command", actor: null, text: String(input.text) });
    }
    for (const each of transitions) {
      if (each.ignored) continue;
      const found = planIn(each, positionId);
      if (found) {
        signal = { seq, at, plan: found, facts: decision?.facts ?? {} };
        steps.push({ ...{ seq, at }, ...decided(found) });
      }
      const change = heldChange(each, positionId);
      if (change) held.push({ ...change, at, seq });
      for (const step of stepsOf(each, positionId)) {
        steps.push({ ...step, ...{ seq, at }, actor: each.actor });
      }
    }
  }
  return { steps, held, signal };
}

function planIn({ event }: Transition, positionId: string): PositionInput | null {
  const plan = event.type === "decision.trade" ? (event.plan as PositionInput) : null;
  return plan?.positionId === positionId ? plan : null;
}

function decided({ entry, votedBy, stopPrice, targetPrice }: PositionInput) {
  const price = entry.price === null ? "at market" : `at ${entry.price}`;
  const target = targetPrice === null ? "no target" : `target ${targetPrice}`;
  const text =
    `buy ${entry.quantity} ${price}, stop ${stopPrice}, ${target}; ` +
    `voted by ${votedBy.join(", ")}`;
  return { kind: "decision", actor: null, title: "Trade decided", text } as const;
}

const orderPrefix = (positionId: string): string => `order:${positionId}/`;

function heldOf(value: unknown): string | null {
  return (value as { readonly live?: { readonly held?: string } } | null)?.live?.held ?? null;
}

/** The first path of states, such as `submitting.unknown`. */
function askedOf(value: unknown): string {
  const asked = (value as { readonly live?: { readonly asked?: unknown } } | null)?.live?.asked;
  return pathOf(asked ?? "none");
}

function pathOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const [[state, inner] = []] = Object.entries(value);
  return `${state}.${pathOf(inner)}`;
}

function heldChange({ actor, from, to }: Transition, positionId: string) {
  if (!actor.startsWith(orderPrefix(positionId))) return null;
  const [before, after] = [heldOf(from), heldOf(to)];
  if (after === null || after === before) return null;
  return { intentId: actor.slice("order:".length), state: after };
}

type Step = Pick<StoryStep, "kind" | "title" | "text">;

function stepsOf(each: Transition, positionId: string): readonly Step[] {
  if (each.actor === `position:${positionId}`) return positionSteps(each);
  if (each.actor.startsWith(orderPrefix(positionId))) return orderSteps(each, positionId);
  return [];
}

function orderSteps(each: Transition, positionId: string): readonly Step[] {
  const { actor, event, from, to } = each;
  const name = actor.slice(orderPrefix(positionId).length);
  const steps: Step[] = [];
  const say = (kind: Step["kind"], title: string, text = "") => steps.push({ kind, title, text });
  if (event.type === "order.fill") {
    const { price, quantity, fee, feeCoin } = event.fill as Readonly<Record<string, string>>;
    say("fill", `${name}: filled ${quantity} at ${price}`, `fee ${fee} ${feeCoin}`);
  }
  if (event.type === "order.amend") say("stop", `${name}: to be moved`, termsText(event.wanted));
  if (event.type === "amend.confirmed") {
    say("stop", `${name}: moved at the venue`, termsText(each.changed.live));
  }
  const [before, after] = [heldOf(from), heldOf(to)];
  if (after !== null && after !== before) {
    const path = before === null ? after.toUpperCase() : `${before} → ${after}`.toUpperCase();
    const why = event.type.startsWith("xstate.") ? "" : event.type;
    const reason = each.changed.reason == null ? "" : `: ${each.changed.reason}`;
    say("order", `${name}: ${path}`, why + reason);
  }
  const isLost = askedOf(to).includes("unknown") && !askedOf(from).includes("unknown");
  if (isLost) say("order", `${name}: fate not known`, "looked up until it is proved");
  return steps;
}

function termsText(terms: unknown): string {
  const { quantity, price, stopPrice } = (terms ?? {}) as Readonly<Record<string, string | null>>;
  return [
    ...(quantity ? [`${quantity}`] : []),
    ...(price ? [`limit ${price}`] : []),
    ...(stopPrice ? [`stop ${stopPrice}`] : []),
  ].join(", ");
}

function positionSteps({ event, from, to, changed }: Transition): readonly Step[] {
  const steps: Step[] = [];
  const say = (kind: Step["kind"], title: string, text = "") => steps.push({ kind, title, text });
  if (event.type === "level.raised" && changed.stopPrice !== undefined) {
    say("stop", `Stop raised to ${changed.stopPrice}`, "trailed by a bar");
  }
  if (event.type === "level.crossed" && changed.exitReason !== undefined) {
    say("position", "Price passed the stop", "sold at market");
  }
  if (event.type === "exit.wanted") say("position", "Exit wanted", String(event.reason));
  if (event.type === "entry.abandon") say("position", "Entry given up", String(event.reason));
  const [before, after] = [from === null ? null : pathOf(from), pathOf(to)];
  if (before !== after) {
    const reason = (changed as Partial<PositionContext>).exitReason;
    const path = before === null ? `position made: ${after}` : `position: ${before} → ${after}`;
    say("position", path, reason == null ? "" : `because of ${reason}`);
  }
  return steps;
}
