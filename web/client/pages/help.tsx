import { h } from "preact";
import type { HelpNode } from "../../api/help.ts";
import { useView } from "../live.ts";
import { Section } from "../parts/layout.tsx";
import { pathParts } from "../router.ts";

const never = () => false;

/** The documentation: a list of documents, and one of them. */
export function Help() {
  const [, name = "readme"] = pathParts.value;
  const list = useView("GET /api/v1/docs", {}, never);
  return (
    <div class="help">
      <nav class="help-list card" aria-label="Documents">
        {list.data?.documents.map((each) => (
          <a
            key={each.name}
            href={`/help/${each.name}`}
            aria-current={each.name === name ? "page" : undefined}
          >
            {each.title}
          </a>
        ))}
      </nav>
      <Document key={name} name={name} />
    </div>
  );
}

function Document({ name }: { readonly name: string }) {
  const { data, error } = useView("GET /api/v1/docs/:name", { params: { name } }, never);
  return (
    <Section title={data?.title ?? name} error={error}>
      <div class="help-text">{data?.content.filter(isBeside(data.title)).map(shown)}</div>
    </Section>
  );
}

/** The document's own heading stands above it already. */
const isBeside = (title: string) => (node: HelpNode) =>
  typeof node === "string" || node.tag !== "h1" || node.children.join("") !== title;

/** One below the page's and the section's own. */
const lower: Readonly<Record<string, string>> = { h1: "h2", h2: "h3", h3: "h4", h4: "h5" };

function shown(node: HelpNode, index: number): ReturnType<typeof h> | string {
  if (typeof node === "string") return node;
  const { tag, href, children } = node;
  const content = children.map(shown);
  if (tag === "table") {
    return (
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrolled by keyboard too
      <section key={index} class="wide" tabIndex={0} aria-label="Table">
        <table>{content}</table>
      </section>
    );
  }
  const isElsewhere = href?.startsWith("https:");
  const link = href && { href, ...(isElsewhere && { target: "_blank", rel: "noreferrer" }) };
  return h(lower[tag] ?? tag, { key: index, ...(link || {}) }, content);
}
