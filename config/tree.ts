/** Where a value was written. */
export type Origin =
  | { readonly layer: "default" }
  | { readonly layer: "preset"; readonly name: string; readonly line: number }
  | { readonly layer: "file"; readonly file: string; readonly line: number }
  | { readonly layer: "environment"; readonly variable: string }
  | { readonly layer: "flag"; readonly flag: string };

export interface Leaf {
  readonly type: "leaf";
  /** As written; null where nothing is, such as after `seed:`. */
  readonly text: string | null;
  readonly origin: Origin;
}

export interface Branch {
  readonly type: "branch";
  readonly children: ReadonlyMap<string, Node>;
  readonly origin: Origin;
}

export interface List {
  readonly type: "list";
  readonly items: readonly Node[];
  readonly origin: Origin;
}

/** A configuration before it is checked: texts, and where each was written. */
export type Node = Leaf | Branch | List;

function fileText(path: string): string {
  return /^[\w ./+@~-]+$/.test(path) ? path : quoted(path, pathMax);
}

/** For the operator: `novactor.yaml, line 4`. */
export function originText(origin: Origin): string {
  switch (origin.layer) {
    case "default":
      return "default";
    case "preset":
      return `preset ${origin.name}, line ${origin.line}`;
    case "file":
      return fileText(origin.file) + (origin.line > 0 ? `, line ${origin.line}` : "");
    case "environment":
      return origin.variable;
    case "flag":
      return origin.flag;
  }
}

export function emptyBranch(origin: Origin): Branch {
  return { type: "branch", children: new Map(), origin };
}

/** Later layers win key by key; a list or a single value is replaced as a whole. */
export function merge(base: Branch, over: Branch): Branch {
  const children = new Map(base.children);
  for (const [name, node] of over.children) {
    const below = children.get(name);
    const isShared = below?.type === "branch" && node.type === "branch";
    children.set(name, isShared ? merge(below, node) : node);
  }
  return { type: "branch", children, origin: over.origin };
}

/** A tree with one leaf more, its path given name by name. */
export function withLeaf(
  tree: Branch,
  [name = "", ...rest]: readonly string[],
  leaf: Leaf,
): Branch {
  const below = tree.children.get(name);
  const branch = below?.type === "branch" ? below : emptyBranch(leaf.origin);
  const child = rest.length === 0 ? leaf : withLeaf(branch, rest, leaf);
  return { ...tree, children: new Map(tree.children).set(name, child) };
}

/** The node at a path of names and item numbers, or undefined. */
export function nodeAt(tree: Node, path: readonly PropertyKey[]): Node | undefined {
  let node: Node | undefined = tree;
  for (const step of path) {
    if (node?.type === "branch") node = node.children.get(String(step));
    else if (node?.type === "list") node = node.items[Number(step)];
    else return undefined;
  }
  return node;
}

/** The plain value that a schema checks: texts, nulls, objects and arrays. */
export function plainOf(node: Node): unknown {
  if (node.type === "leaf") return node.text;
  if (node.type === "list") return node.items.map(plainOf);
  // fromEntries defines properties, so that no name can reach a prototype.
  return Object.fromEntries([...node.children].map(([name, child]) => [name, plainOf(child)]));
}

/** `market.symbols[2].tick`. Names that are not plain are quoted, so that they cannot pose as text. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    const name = String(step);
    const shown = /^[\w.-]{1,60}$/.test(name) ? name : quoted(name);
    return text === "" ? shown : `${text}.${shown}`;
  }, "");
}

/** Between the values of a row. */
export const rowSeparator = ", ";

/** A list of plain values as one text: `1, 5, 15`; undefined for any other list, an empty one too. */
export function rowText({ items }: List): string | undefined {
  const texts = items.flatMap((item) => (item.type === "leaf" ? [item.text ?? ""] : []));
  const isRow = texts.length > 0 && texts.length === items.length;
  return isRow ? texts.join(rowSeparator) : undefined;
}

const shownMax = 60;

/** Paths are worth reading to their end. */
export const pathMax = 500;

/** A foreign text as one line of bounded length, every character that could mislead escaped. */
export function quoted(text: string, most = shownMax): string {
  const clipped = text.length > most ? `${text.slice(0, most)}...` : text;
  return JSON.stringify(clipped).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Every leaf with its path, in order; a row of plain values is one. */
export function* leavesOf(
  node: Node,
  path: readonly PropertyKey[] = [],
): Generator<readonly [path: string, leaf: Leaf]> {
  if (node.type === "leaf") yield [pathText(path), node];
  else if (node.type === "list") {
    const text = rowText(node);
    if (text !== undefined) yield [pathText(path), { type: "leaf", text, origin: node.origin }];
    else for (const [index, item] of node.items.entries()) yield* leavesOf(item, [...path, index]);
  } else for (const [name, child] of node.children) yield* leavesOf(child, [...path, name]);
}
