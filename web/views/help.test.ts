import { describe, expect, test } from "bun:test";
import { documents } from "../../adapters/cli/panel-doors.ts";
import { helpRoutes } from "../api/help.ts";
import { helpOf, helpViews } from "./help.ts";

const who = { name: "me", role: "view" } as const;
const names = new Set(["live", "readme"]);
const help = (text: string) => helpOf(text, names);

describe("help", () => {
  const views = helpViews({ documents: documents() });

  test("has every document that lies beside the code, each as its schema says", async () => {
    const asked = { params: {}, query: undefined, body: undefined, who };
    const list = await views["GET /api/v1/docs"](asked);
    expect(list.documents.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["readme", "panel", "operations", "live"]),
    );
    for (const { name } of list.documents) {
      const found = await views["GET /api/v1/docs/:name"]({ ...asked, params: { name } });
      const { content } = helpRoutes["GET /api/v1/docs/:name"].reply.parse(found);
      expect(content.length).toBeGreaterThan(3);
    }
  });

  test("says that a document is not there", () => {
    const ask = () =>
      views["GET /api/v1/docs/:name"]({
        ...{ params: { name: "../../etc/passwd" }, query: undefined, body: undefined, who },
      });
    expect(ask).toThrow("Cannot find that document");
  });

  test("shows markup within a document as the text that it is", () => {
    const text = '<script>steal()</script>\n\nan <img src=x onerror="steal()"> <b>image</b>';
    const tags = new Set<string>();
    const walk = (nodes: ReturnType<typeof help>): string =>
      nodes
        .map((node) => {
          if (typeof node === "string") return node;
          tags.add(node.tag);
          return walk(node.children);
        })
        .join("");
    expect(walk(help(text))).toContain("<script>steal()</script>");
    expect([...tags]).toEqual(["p"]);
  });

  test.each([
    ["[x](javascript:alert(1))", undefined],
    ["[x](data:text/html,x)", undefined],
    ["[x](http://plain.example)", undefined],
    ["[x](//evil.example/x.md)", undefined],
    ["[x](adapters/store/errors.ts)", undefined],
    ["[x](web/docs/live.md)", "/help/live"],
    ["[x](live.md#gate)", "/help/live"],
    ["[x](README.md)", "/help/readme"],
    ["[x](https://stately.ai/docs)", "https://stately.ai/docs"],
  ])("%s leads to %s", (text, href) => {
    const [paragraph] = help(text);
    const [link] = typeof paragraph === "object" ? paragraph.children : [];
    expect(link).toEqual(
      href === undefined ? { tag: "span", children: ["x"] } : { tag: "a", href, children: ["x"] },
    );
  });
});
