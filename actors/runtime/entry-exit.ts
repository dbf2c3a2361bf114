/**
 * Which states a set of transitions leaves and enters: XState's own procedure (that of SCXML), for
 * machines without history and final states. Worked out once for each configuration.
 */
import type { AnyStateMachine } from "xstate";

export type StateNode = AnyStateMachine["root"];
export type Transition = NonNullable<StateNode["always"]>[number];

const childrenOf = (node: StateNode): readonly StateNode[] => Object.values(node.states);

/** A node's ancestors from its parent up, `until` left out. */
export function ancestorsOf(node: StateNode, until?: StateNode): StateNode[] {
  const found: StateNode[] = [];
  if (until === node) return found;
  for (let each = node.parent; each && each !== until; each = each.parent) found.push(each);
  return found;
}

function isBelow(node: StateNode, above: StateNode | undefined): boolean {
  let each = node;
  while (each.parent && each.parent !== above) each = each.parent;
  return each.parent === above;
}

const targetsOf = ({ target }: Transition): readonly StateNode[] => target ?? [];

/** The innermost state that a transition does not leave; undefined where it leaves the root. */
function domainOf(transition: Transition): StateNode | undefined {
  const { source, reenter } = transition;
  const targets = targetsOf(transition);
  const isInner = (target: StateNode) => target === source || isBelow(target, source);
  if (!reenter && targets.every(isInner)) return source;
  const [head, ...others] = [...targets, source];
  for (const ancestor of head ? ancestorsOf(head) : []) {
    if (others.every((node) => isBelow(node, ancestor))) return ancestor;
  }
  return reenter ? undefined : source.machine.root;
}

/** The states that transitions leave, in no order. */
function exitSet(transitions: readonly Transition[], nodes: readonly StateNode[]): Set<StateNode> {
  const left = new Set<StateNode>();
  for (const transition of transitions) {
    if (targetsOf(transition).length === 0) continue;
    const domain = domainOf(transition);
    if (domain && transition.reenter && transition.source === domain) left.add(domain);
    for (const node of nodes) if (isBelow(node, domain)) left.add(node);
  }
  return left;
}

/** The states that transitions leave, the innermost first. */
export function statesLeft(
  transitions: readonly Transition[],
  nodes: readonly StateNode[],
): StateNode[] {
  return [...exitSet(transitions, nodes)].sort((one, other) => other.order - one.order);
}

/** Of transitions that leave the same state the inner one, or the first, is taken. */
export function withoutConflicts(
  enabled: readonly Transition[],
  nodes: readonly StateNode[],
): Transition[] {
  const kept = new Set<Transition>();
  for (const transition of enabled) {
    const left = exitSet([transition], nodes);
    const replaced: Transition[] = [];
    let isPreempted = false;
    for (const other of kept) {
      if (![...exitSet([other], nodes)].some((node) => left.has(node))) continue;
      isPreempted = !isBelow(transition.source, other.source);
      if (isPreempted) break;
      replaced.push(other);
    }
    if (isPreempted) continue;
    for (const other of replaced) kept.delete(other);
    kept.add(transition);
  }
  return [...kept];
}

/** States that are entered, and those of them whose initial actions are due. */
export class EntrySet {
  readonly entered = new Set<StateNode>();
  readonly byDefault = new Set<StateNode>();

  constructor(transitions: readonly Transition[]) {
    for (const transition of transitions) this.addTargets(transition);
  }

  /** The outermost first. */
  get inOrder(): StateNode[] {
    return [...this.entered].sort((one, other) => one.order - other.order);
  }

  private addTargets(transition: Transition): void {
    const { source, reenter } = transition;
    const domain = domainOf(transition);
    const targets = targetsOf(transition);
    for (const target of targets) {
      if (source !== target || source !== domain || reenter) this.add(target);
      this.addBelow(target);
    }
    for (const target of targets) {
      const ancestors = ancestorsOf(target, domain);
      if (domain?.type === "parallel") ancestors.push(domain);
      this.addAbove(ancestors, !source.parent && reenter ? undefined : domain);
    }
  }

  private add(node: StateNode): void {
    this.entered.add(node);
    this.byDefault.add(node);
  }

  private addBelow(node: StateNode): void {
    if (node.type === "compound") {
      for (const initial of node.initial.target.slice(0, 1)) {
        this.add(initial);
        this.addBelow(initial);
        this.addAbove(ancestorsOf(initial, node), undefined);
      }
    } else if (node.type === "parallel") {
      for (const child of childrenOf(node)) {
        if (this.holdsBelow(child)) continue;
        this.add(child);
        this.addBelow(child);
      }
    }
  }

  private addAbove(ancestors: readonly StateNode[], domain: StateNode | undefined): void {
    for (const ancestor of ancestors) {
      if (!domain || isBelow(ancestor, domain)) this.entered.add(ancestor);
      if (ancestor.type !== "parallel") continue;
      for (const child of childrenOf(ancestor)) {
        if (this.holdsBelow(child)) continue;
        this.entered.add(child);
        this.addBelow(child);
      }
    }
  }

  private holdsBelow(node: StateNode): boolean {
    for (const each of this.entered) if (isBelow(each, node)) return true;
    return false;
  }
}

/** The states that a machine begins in: targets of the transition that enters its root. */
export function initialStates(root: StateNode): StateNode[] {
  const found = new Set<StateNode>();
  const add = (node: StateNode): void => {
    if (found.has(node)) return;
    found.add(node);
    if (node.type === "compound") node.initial.target.slice(0, 1).forEach(add);
    else if (node.type === "parallel") childrenOf(node).forEach(add);
  };
  add(root);
  return [...found];
}

type StateValue = string | { [key: string]: StateValue };

/** The value of a configuration, its regions in the order in which they were entered. */
export function stateValue(root: StateNode, nodes: readonly StateNode[]): StateValue {
  const below = new Map<StateNode, StateNode[]>();
  for (const node of nodes) {
    if (!node.parent) continue;
    const siblings = below.get(node.parent);
    if (siblings) siblings.push(node);
    else below.set(node.parent, [node]);
  }
  const of = (node: StateNode): StateValue => {
    const children = below.get(node) ?? [];
    const [first] = children;
    if (node.type === "compound" && first?.type === "atomic") return first.key;
    return Object.fromEntries(children.map((child) => [child.key, of(child)]));
  };
  return of(root);
}
