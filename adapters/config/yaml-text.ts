import { isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument } from "yaml";
import { keys } from "../../config/keys.ts";
import type { Problem } from "../../config/problem.ts";
import { type Branch, type Node, type Origin, originText, quoted } from "../../config/tree.ts";

/** What a text was read as; with any problem its tree is not to be used. */
export interface ReadText {
  readonly tree: Branch | null;
  readonly problems: readonly Problem[];
}

/** Origin of what stands at a line, from 1; 0 for the text as a whole. */
export type OriginAt = (line: number) => Origin;

interface Fault {
  readonly state: string;
  readonly wanted: string;
}

const syntax = 'YAML such as "seed: 7", keys of a group indented by two spaces below its name';

// The library's own texts quote what it met, which may be a secret, and are meant for programmers.
const faults: Readonly<Record<string, Fault>> = {
  TAB_AS_INDENT: { state: "is indented with a tab", wanted: "spaces, two for each level" },
  DUPLICATE_KEY: { state: "sets a key a second time", wanted: "each key once" },
  MULTIPLE_DOCS: { state: "begins a second document with ---", wanted: "one document" },
  BAD_INDENT: {
    state: "is indented unlike the lines beside it, or follows an open bracket",
    wanted: "keys of one group to begin in one column, and every bracket closed",
  },
  MISSING_CHAR: {
    state: "lacks a colon after a key, or ends what has a quote or bracket left open above",
    wanted: syntax,
  },
  BLOCK_AS_IMPLICIT_KEY: {
    state: "has two keys",
    wanted: "one key on a line, and quotes around a value with a colon and a space in it",
  },
  BAD_SCALAR_START: {
    state: "has a value that begins with a character YAML keeps for itself",
    wanted: "quotes around that value",
  },
  RESOURCE_EXHAUSTION: { state: "is nested too deeply", wanted: "at most a few levels" },
};

const knownNames: ReadonlySet<string> = new Set(keys.flatMap(({ path }) => path.split(/\W+/)));

const otherFault: Fault = { state: "is not YAML that can be read", wanted: syntax };

function problem(state: string, wanted: string, origin: Origin): Problem {
  return { path: "", value: null, state, wanted, origin };
}

function faultOf(code: string, rest: string): Fault {
  const fault = faults[code] ?? otherFault;
  if (code !== "DUPLICATE_KEY") return fault;
  // Of the text only a name that we know ourselves is repeated.
  const name = /^[A-Za-z]+/.exec(rest)?.[0] ?? "";
  return knownNames.has(name) ? { ...fault, state: `sets "${name}" a second time` } : fault;
}

/** Turns the library's nodes into ours, refusing what a configuration has no use for. */
class Reader {
  readonly problems: Problem[] = [];

  constructor(
    private readonly lines: LineCounter,
    private readonly originAt: OriginAt,
  ) {}

  /** Says the same of one line only once. */
  private refuse(state: string, wanted: string, origin: Origin): void {
    const line = originText(origin);
    const isKnown = this.problems.some(
      (each) => each.state === state && originText(each.origin) === line,
    );
    if (!isKnown) this.problems.push(problem(state, wanted, origin));
  }

  private originOf(node: ParsedNode | null, above: Origin): Origin {
    return node ? this.originAt(this.lines.linePos(node.range[0]).line) : above;
  }

  node(node: ParsedNode | null, above: Origin): Node {
    const origin = this.originOf(node, above);
    if (isAlias(node) || node?.anchor !== undefined) {
      this.refuse("has an anchor (&) or an alias (*)", "the value itself, written out", origin);
    } else if (node?.tag !== undefined) {
      this.refuse("has a tag (!)", "the value without it", origin);
    } else if (isMap<ParsedNode, ParsedNode | null>(node)) {
      return { type: "branch", children: this.children(node.items, origin), origin };
    } else if (isSeq<ParsedNode>(node)) {
      return { type: "list", items: node.items.map((item) => this.node(item, origin)), origin };
    } else if (isScalar(node)) {
      const isNothing = node.type === "PLAIN" && node.source === "";
      return { type: "leaf", text: isNothing ? null : String(node.value), origin };
    }
    return { type: "leaf", text: null, origin };
  }

  private children(
    pairs: readonly { key: ParsedNode; value: ParsedNode | null }[],
    above: Origin,
  ): Map<string, Node> {
    const children = new Map<string, Node>();
    for (const { key, value } of pairs) {
      const origin = this.originOf(key, above);
      const name = isScalar(key) ? String(key.value) : "";
      // The checker of keys passes this one name over, so it is refused here.
      if (name === "" || name === "__proto__") {
        const shown = name === "" ? "a key that is empty or not a word" : quoted(name);
        this.refuse(`has ${shown}`, "the name of a key", origin);
        continue;
      }
      // A value stands at its key's line: that is where the operator looks for it.
      children.set(name, { ...this.node(value, origin), origin });
    }
    return children;
  }
}

/**
 * Reads YAML as texts: no value is turned into a number, a date or a truth. Anchors, aliases and
 * tags are refused, so that nothing is ever expanded. No message repeats a value.
 */
export function readYaml(text: string, originAt: OriginAt): ReadText {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    schema: "failsafe",
    lineCounter: lines,
    prettyErrors: false,
  });
  const [error] = document.errors;
  if (error) {
    const { state, wanted } = faultOf(error.code, text.slice(error.pos[0]));
    return {
      tree: null,
      problems: [problem(state, wanted, originAt(lines.linePos(error.pos[0]).line))],
    };
  }
  if (
    document.contents === null ||
    (isScalar(document.contents) && document.contents.value === "")
  ) {
    const wanted = 'at least one key, such as "seed: 7"';
    return { tree: null, problems: [problem("is empty", wanted, originAt(0))] };
  }
  const reader = new Reader(lines, originAt);
  const tree = reader.node(document.contents, originAt(1));
  if (reader.problems.length > 0) return { tree: null, problems: reader.problems };
  if (tree.type === "branch") return { tree, problems: [] };
  const state = tree.type === "list" ? "is a list" : "is a single value";
  const wanted = 'keys with values, such as "seed: 7" (with a space after the colon)';
  return { tree: null, problems: [problem(state, wanted, originAt(0))] };
}
