import { type HelpNode, type helpRoutes, helpTags } from "../api/help.ts";
import { type Handlers, RouteError } from "../api/route.ts";
import type { PanelDoors } from "../server/doors.ts";

/** What the parser makes of a document: elements with their tag and what is in them. */
interface Parsed {
  readonly type: unknown;
  readonly props: { readonly href?: unknown; readonly children?: unknown };
}

/** The documents, parsed when they are first asked for. */
export function helpViews({
  documents,
}: Pick<PanelDoors, "documents">): Handlers<typeof helpRoutes> {
  const parsed = new Map<string, HelpNode[]>();
  const names = new Set(documents.keys());
  return {
    "GET /api/v1/docs": () => ({
      documents: [...documents].map(([name, { title }]) => ({ name, title })),
    }),
    "GET /api/v1/docs/:name": ({ params: { name } }) => {
      const found = documents.get(name);
      if (!found) throw new RouteError(404, "Cannot find that document");
      const content = parsed.get(name) ?? helpOf(found.text, names);
      parsed.set(name, content);
      return { name, title: found.title, content };
    },
  };
}

/**
 * A Markdown text as elements of an allow list. HTML within it is shown as the text that it is, and
 * a link leads to a document of help, or to the web over TLS, or nowhere.
 */
export function helpOf(text: string, names: ReadonlySet<string>): HelpNode[] {
  const root = Bun.markdown.react(text, undefined, { noHtmlBlocks: true, noHtmlSpans: true });
  return childrenOf(root as unknown as Parsed, names);
}

function childrenOf({ props }: Parsed, names: ReadonlySet<string>): HelpNode[] {
  const { children } = props;
  const list: readonly unknown[] = Array.isArray(children) ? children : [children];
  return list.flatMap((each) => nodesOf(each, names));
}

function nodesOf(value: unknown, names: ReadonlySet<string>): HelpNode[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null || !("props" in value)) return [];
  const element = value as Parsed;
  const children = childrenOf(element, names);
  const tag = helpTags.find((each) => each === element.type);
  // A picture, or what a later parser knows: what is said in it is still said.
  if (tag === undefined) return children;
  if (tag !== "a") return [{ tag, children }];
  const href = hrefOf(element.props.href, names);
  return [href === null ? { tag: "span", children } : { tag, href, children }];
}

function hrefOf(href: unknown, names: ReadonlySet<string>): string | null {
  if (typeof href !== "string") return null;
  if (/^https:\/\/[\w.-]+(\/|$)/.test(href)) return href;
  const name = /^(?:\.{0,2}\/)?(?:[\w-]+\/)*([\w-]+)\.md(?:#.*)?$/.exec(href)?.[1]?.toLowerCase();
  return name !== undefined && names.has(name) ? `/help/${name}` : null;
}
