/** The documentation, as it lies beside the code. */
import { z } from "zod";
import type { RouteTable } from "./route.ts";

/** A text, or an element of a document: its tag, where a link leads, what is in it. */
export type HelpNode =
  | string
  | { tag: (typeof helpTags)[number]; href?: string | undefined; children: HelpNode[] };

/** What a document may be made of; whatever else stands in one is shown as text. */
export const helpTags = [
  ...(["h1", "h2", "h3", "h4", "p", "ul", "ol", "li", "pre", "code", "em", "strong", "a"] as const),
  ...([
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "blockquote",
    "hr",
    "br",
    "del",
    "span",
  ] as const),
] as const;

const helpNode: z.ZodType<HelpNode> = z.lazy(() =>
  z.union([
    z.string(),
    z.object({
      tag: z.enum(helpTags),
      /** An address of the panel, or of the web over TLS. */
      href: z.string().optional(),
      children: z.array(helpNode),
    }),
  ]),
);

export const helpRoutes = {
  "GET /api/v1/docs": {
    role: "view",
    summary: "List the documents of help",
    changes: "nothing",
    reply: z.object({ documents: z.array(z.object({ name: z.string(), title: z.string() })) }),
  },
  "GET /api/v1/docs/:name": {
    role: "view",
    summary: "Show a document of help",
    changes: "nothing",
    reply: z.object({ name: z.string(), title: z.string(), content: z.array(helpNode) }),
  },
} as const satisfies RouteTable;
