/** A machine's states and transitions as they are drawn, before anything has a place. */
import type { AnyStateMachine } from "xstate";
import { edgeId, nodesOf, transitionsOf } from "../../actors/desk/mod.ts";

type Root = AnyStateMachine["root"];

/** A state of a chart. */
export interface GraphNode {
  readonly id: string;
  readonly key: string;
  readonly parent: string | null;
  readonly type: "atomic" | "compound" | "parallel" | "final" | "history";
  readonly isInitial: boolean;
  readonly tags: string[];
  readonly description: string | null;
  readonly entry: string[];
  readonly exit: string[];
  readonly invokes: string[];
}

/** One transition of a chart, for one event. */
export interface GraphEdge {
  /** `source|event|index`. */
  readonly id: string;
  readonly source: string;
  readonly targets: string[];
  readonly event: string;
  readonly label: string;
  readonly guard: string | null;
  readonly actions: string[];
  /** The edge that draws it: those that differ in their event alone share a line. */
  readonly drawnAs: string;
}

export interface ChartGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** What XState's types keep to themselves of a transition's guard and actions. */
type Part = string | { readonly type: string; readonly params?: unknown } | BuiltIn;
type BuiltIn = ((...args: never[]) => unknown) & { readonly type?: string };

/** The name of an action or guard, with its parameters: `tell(order.ended)`. */
function nameOf(part: Part): string {
  if (typeof part === "string") return part;
  if (typeof part === "function") return (part.type ?? "inline").replace(/^xstate\./, "");
  const { params } = part;
  if (params === undefined || typeof params !== "object" || params === null) return part.type;
  return `${part.type}(${Object.values(params).join(", ")})`;
}

/** Timers come and go with their states: that is said by the transitions they set off. */
const ownDoing = new Set(["raise", "cancel"]);

function actionNames(actions: readonly unknown[]): string[] {
  return actions.map((action) => nameOf(action as Part)).filter((name) => !ownDoing.has(name));
}

const spoken = (name: string): string =>
  name.replace(/([a-z])([A-Z])/g, (_, a, b) => `${a} ${b.toLowerCase()}`);

/** An event as it is read: `after submit timeout`, `done: submit`, `always`. */
export function eventLabel(event: string): string {
  if (event === "") return "always";
  if (event === "*") return "anything else";
  if (event === "xstate.init") return "made";
  if (event === "novactor.revived") return "revived";
  const after = /^xstate\.after\.([^.]+)\./.exec(event);
  if (after) {
    const [, delay = ""] = after;
    return /^\d+$/.test(delay) ? `after ${delay} ms` : `after ${spoken(delay)}`;
  }
  const answer = /^xstate\.(done|error)\.actor\.(.+)$/.exec(event);
  if (answer) return answer[1] === "done" ? `done: ${answer[2]}` : `failed: ${answer[2]}`;
  return event.startsWith("xstate.done.state.") ? "done" : event;
}

/** The name of a guard, as a transition has it; null for none. */
export function guardName(guard: unknown): string | null {
  return guard === undefined ? null : nameOf(guard as Part);
}

function graphNode(node: Root): GraphNode {
  const { id, key, parent, type, tags, description, entry, exit, invoke } = node;
  return {
    ...{ id, key, parent: parent?.id ?? null, type, tags: [...tags] },
    isInitial:
      parent?.type === "parallel" || (parent?.initial.target ?? []).includes(node as never),
    description: description ?? null,
    entry: actionNames(entry),
    exit: actionNames(exit),
    invokes: invoke.map(({ src }) => (typeof src === "string" ? src : "inline")),
  };
}

/** The chart of a machine: pure, and the same for the same machine. */
export function chartGraph(machine: AnyStateMachine): ChartGraph {
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  const lines = new Map<string, string>();
  for (const node of nodesOf(machine.root)) {
    nodes.push(graphNode(node));
    for (const [event, list] of transitionsOf(node)) {
      list.forEach((transition, index) => {
        const id = edgeId(node.id, event, index);
        const targets = (transition.target ?? []).map((target) => target.id);
        const guard = guardName(transition.guard);
        const actions = actionNames(transition.actions);
        const line = JSON.stringify([node.id, targets, guard, actions]);
        const drawnAs = lines.get(line) ?? id;
        lines.set(line, drawnAs);
        const edge = { id, source: node.id, targets, event, label: eventLabel(event) };
        edges.push({ ...edge, guard, actions, drawnAs });
      });
    }
  }
  return { nodes, edges };
}
