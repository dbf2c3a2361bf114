import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { machineKinds } from "../../actors/desk/mod.ts";
import { LayoutThread } from "../../adapters/charts/layout-thread.ts";
import { actorKinds } from "../../machines/domain/ids.ts";
import { chartView } from "../api/machines.ts";
import { chartGraph, eventLabel } from "./chart-graph.ts";
import { Charts } from "./charts.ts";

const thread = new LayoutThread();
const charts = new Charts((graph) => thread.layOut(graph));
afterAll(() => thread[Symbol.dispose]());

type Chart = Awaited<ReturnType<typeof charts.chart>>;
type Box = Pick<Chart["nodes"][number], "x" | "y" | "width" | "height">;

const isWithin = (inner: Box, outer: Box): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

const meet = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe("charts", () => {
  test.each(actorKinds)(
    "a chart of %s is whole, and everything on it has a place",
    async (kind) => {
      const chart = await charts.chart(kind);
      expect(chartView.strict().parse(chart)).toEqual(chart);
      const byId = new Map(chart.nodes.map((node) => [node.id, node]));
      for (const node of chart.nodes) {
        expect(node.width * node.height).toBeGreaterThan(0);
        expect(isWithin(node, { x: 0, y: 0, width: chart.width, height: chart.height })).toBe(true);
        const parent = byId.get(node.parent ?? "");
        if (parent) expect([node.id, isWithin(node, parent)]).toEqual([node.id, true]);
        const siblings = chart.nodes.filter((each) => each.parent === node.parent && each !== node);
        expect(siblings.filter((each) => meet(node, each)).map(({ id }) => id)).toEqual([]);
      }
      const ids = chart.edges.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const edge of chart.edges) {
        expect(edge.points.length > 1).toBe(edge.targets.length > 0);
        expect(edge.labelBox.width).toBeGreaterThan(0);
        expect(ids).toContain(edge.drawnAs);
        for (const end of [edge.source, ...edge.targets]) expect(byId.has(end)).toBe(true);
        const own = byId.get(edge.source);
        if (edge.targets.length === 0 && own) expect(isWithin(edge.labelBox, own)).toBe(true);
      }
    },
  );

  test("no text of a route stands on another's", async () => {
    for (const kind of actorKinds) {
      const { edges } = await charts.chart(kind);
      const drawn = edges.filter(({ id, drawnAs }) => id === drawnAs);
      for (const [index, one] of drawn.entries()) {
        const over = drawn.slice(index + 1).filter((each) => meet(one.labelBox, each.labelBox));
        expect(over.map(({ id }) => `${one.id} on ${id}`)).toEqual([]);
      }
    }
  });

  test("an order's chart has its transitions, guards, actions and effects", async () => {
    const { nodes, edges } = await charts.chart("order");
    const sent = nodes.find(({ id }) => id === "order.live.asked.submitting.sent");
    expect(sent).toMatchObject({
      isInitial: true,
      tags: ["inFlight", "exposed"],
      invokes: ["submit"],
    });
    const failed = edges.find(({ event }) => event === "xstate.error.actor.submit");
    expect(failed).toMatchObject({ label: "failed: submit", actions: ["doubt"], guard: null });
    const filled = edges.find(({ id }) => id === "order.live.held.partial||0");
    expect(filled).toMatchObject({
      ...{ label: "always", guard: "isFilled", targets: ["order.live.held.filled"] },
    });
    expect(nodes.find(({ id }) => id === "order.live.held.filled")?.entry).toEqual(["end(filled)"]);
  });

  test("the same machine comes to the same chart, byte for byte, in another thread", async () => {
    const other = new LayoutThread();
    const again = await new Charts((graph) => other.layOut(graph)).chart("order");
    expect(JSON.stringify(again)).toBe(JSON.stringify(await charts.chart("order")));
  });

  test("a chart is laid out once, and again where that failed", async () => {
    let asked = 0;
    const failing = new Charts(async (graph) => {
      asked += 1;
      if (asked === 1) throw new Error("no room");
      return thread.layOut(graph);
    });
    await expect(failing.chart("feed")).rejects.toThrow("no room");
    const [one, other] = await Promise.all([failing.chart("feed"), failing.chart("feed")]);
    expect(one).toBe(other);
    expect(asked).toBe(2);
  });

  test("what ELK cannot lay out is refused, and the thread goes on with the next", async () => {
    const broken = { id: "#", edges: [{ id: "e", sources: ["nobody"], targets: ["nobody"] }] };
    await expect(thread.layOut(broken)).rejects.toThrow();
    const again = new Charts((graph) => thread.layOut(graph));
    expect((await again.chart("feed")).nodes).toHaveLength(4);
  });

  test("a process that laid out a chart ends by itself", async () => {
    const thread = JSON.stringify(join(import.meta.dir, "../../adapters/charts/layout-thread.ts"));
    const script = `
      const { LayoutThread } = await import(${thread});
      const { width } = await new LayoutThread().layOut({ id: "#", children: [{ id: "a", width: 9, height: 9 }] });
      console.log(width > 9);`;
    const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
    expect(await new Response(child.stdout).text()).toBe("true\n");
    expect(await child.exited).toBe(0);
  });

  test.each([
    ["", "always"],
    ["*", "anything else"],
    ["xstate.after.lookUpRetry.order.live.asked.checking.waiting", "after look up retry"],
    ["xstate.after.500.a.b", "after 500 ms"],
    ["xstate.error.actor.submit", "failed: submit"],
    ["xstate.done.actor.submit", "done: submit"],
    ["venue.order", "venue.order"],
  ])('event "%s" is read as "%s"', (event, label) => {
    expect(eventLabel(event)).toBe(label);
  });

  test("a machine's graph is the same whenever it is made", () => {
    for (const { machine } of Object.values(machineKinds)) {
      expect(chartGraph(machine)).toEqual(chartGraph(machine));
    }
  });
});
