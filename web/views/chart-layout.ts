/** Gives a chart's states and transitions their places. */
import type { ElkExtendedEdge, ElkNode, LayoutOptions } from "elkjs/lib/elk-api.js";
import type { ChartGraph, GraphEdge, GraphNode } from "./chart-graph.ts";

/** Lays out a graph of ELK's form; done in another thread. */
export type LayOut = (graph: ElkNode) => Promise<ElkNode>;

/** Pixels of what is written, in a monospaced font of 11 pixels. */
const perCharacter = 6.7;
const lineHeight = 14;
const headerHeight = 24;
const margin = 8;

/** Raised whenever the same machine is to be drawn otherwise. */
export const layoutVersion = 1;

const settings: LayoutOptions = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.hierarchyHandling": "INCLUDE_CHILDREN",
  "org.eclipse.elk.json.edgeCoords": "ROOT",
  "org.eclipse.elk.json.shapeCoords": "ROOT",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.spacing.nodeNode": "24",
  "elk.spacing.edgeNode": "16",
  "elk.spacing.edgeEdge": "10",
  "elk.spacing.edgeLabel": "4",
  "elk.layered.spacing.nodeNodeBetweenLayers": "32",
  "elk.layered.spacing.edgeNodeBetweenLayers": "16",
};

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedChart {
  readonly width: number;
  readonly height: number;
  readonly nodes: (GraphNode & Box)[];
  readonly edges: (GraphEdge & { text: string; points: [number, number][]; labelBox: Box })[];
}

const widthOf = (text: string): number => Math.ceil(text.length * perCharacter);

/** What stands on an edge's line: its events, where several share it, and its guard. */
function textOf(edge: GraphEdge, sharing: number): string {
  const more = sharing > 1 ? ` +${sharing - 1}` : "";
  const guard = edge.guard === null ? "" : ` [${edge.guard}]`;
  return `${edge.label}${more}${guard}`;
}

/** Lines within a state: what it asks for and does, then the transitions that stay in it. */
function ownLines({ invokes, entry, exit }: GraphNode): string[] {
  return [
    ...invokes.map((name) => `asks ${name}`),
    ...entry.map((name) => `entry ${name}`),
    ...exit.map((name) => `exit ${name}`),
  ];
}

/** The lines that are drawn, each once, in groups of one route. */
class Lines {
  readonly texts = new Map<string, string>();
  /** By source and target, or by source alone for those that stay: ids of the edges that draw. */
  readonly routes = new Map<string, GraphEdge[]>();
  readonly staying = new Map<string, GraphEdge[]>();

  constructor({ edges }: ChartGraph) {
    const sharing = new Map<string, number>();
    for (const { drawnAs } of edges) sharing.set(drawnAs, (sharing.get(drawnAs) ?? 0) + 1);
    for (const edge of edges) {
      if (edge.drawnAs !== edge.id) continue;
      this.texts.set(edge.id, textOf(edge, sharing.get(edge.id) ?? 1));
      const [target] = edge.targets;
      const [map, key] =
        target === undefined
          ? ([this.staying, edge.source] as const)
          : ([this.routes, `${edge.source}>${target}`] as const);
      map.set(key, [...(map.get(key) ?? []), edge]);
    }
  }

  textOf({ drawnAs }: GraphEdge): string {
    return this.texts.get(drawnAs) ?? "";
  }

  widest(edges: readonly GraphEdge[]): number {
    return Math.max(0, ...edges.map((edge) => widthOf(this.textOf(edge))));
  }
}

function elkNode(node: GraphNode, { nodes }: ChartGraph, lines: Lines): ElkNode {
  const own = ownLines(node);
  const staying = lines.staying.get(node.id) ?? [];
  const top = headerHeight + (own.length + staying.length) * lineHeight + margin;
  const title = `${node.key} ${node.tags.join(" ")}`;
  const width =
    Math.max(64, widthOf(title) + 12, ...own.map(widthOf), lines.widest(staying)) + 2 * margin;
  const children = nodes
    .filter(({ parent }) => parent === node.id)
    .map((child) => elkNode(child, { nodes, edges: [] }, lines));
  if (children.length === 0) return { id: node.id, width, height: top };
  const padding = `[top=${top + margin},left=${margin * 2},bottom=${margin * 2},right=${margin * 2}]`;
  const layoutOptions: LayoutOptions = {
    "elk.padding": padding,
    "elk.nodeSize.constraints": "MINIMUM_SIZE",
    "elk.nodeSize.minimum": `(${width}, ${top})`,
    // Regions stand below each other.
    ...(node.type === "parallel" ? { "elk.direction": "DOWN" } : {}),
  };
  return { id: node.id, children, layoutOptions };
}

function elkEdges(lines: Lines): ElkExtendedEdge[] {
  return [...lines.routes].map(([id, edges]) => {
    const [first] = edges;
    const height = edges.length * lineHeight;
    return {
      id,
      sources: [first?.source ?? ""],
      targets: [first?.targets[0] ?? ""],
      labels: [{ id: `${id}#`, text: id, width: lines.widest(edges) + margin, height }],
    };
  });
}

function elkGraph(graph: ChartGraph, lines: Lines): ElkNode {
  const roots = graph.nodes.filter(({ parent }) => parent === null);
  return {
    id: "#chart",
    layoutOptions: settings,
    children: roots.map((root) => elkNode(root, graph, lines)),
    edges: elkEdges(lines),
  };
}

const rounded = (value = 0): number => Math.round(value * 10) / 10;

function boxOf({ x, y, width, height }: Partial<Box>): Box {
  return { x: rounded(x), y: rounded(y), width: rounded(width), height: rounded(height) };
}

function* flattened(node: ElkNode): Iterable<ElkNode> {
  for (const child of node.children ?? []) {
    yield child;
    yield* flattened(child);
  }
}

function* routesOf(node: ElkNode): Iterable<ElkExtendedEdge> {
  yield* node.edges ?? [];
  for (const child of node.children ?? []) yield* routesOf(child);
}

function pointsOf({ sections = [] }: ElkExtendedEdge): [number, number][] {
  return sections.flatMap(({ startPoint, bendPoints = [], endPoint }) =>
    [startPoint, ...bendPoints, endPoint].map(({ x, y }): [number, number] => [
      rounded(x),
      rounded(y),
    ]),
  );
}

const nowhere: Box = { x: 0, y: 0, width: 0, height: 0 };

/** Where each drawn line's text stands: stacked beside its route, or within its state. */
function labelBoxes(graph: ChartGraph, placed: ElkNode, lines: Lines, boxes: Map<string, Box>) {
  const labels = new Map<string, Box>();
  const stack = (edges: readonly GraphEdge[], at: Box) => {
    edges.forEach(({ id }, index) => {
      labels.set(id, { ...at, y: rounded(at.y + index * lineHeight), height: lineHeight });
    });
  };
  for (const route of routesOf(placed)) {
    const [label] = route.labels ?? [];
    stack(lines.routes.get(route.id) ?? [], boxOf(label ?? {}));
  }
  for (const node of graph.nodes) {
    const edges = lines.staying.get(node.id) ?? [];
    const { x, y } = boxes.get(node.id) ?? nowhere;
    const top = y + headerHeight + ownLines(node).length * lineHeight;
    stack(edges, {
      x: rounded(x + margin),
      y: top,
      width: lines.widest(edges),
      height: lineHeight,
    });
  }
  return labels;
}

/** Lays a chart out; the same chart comes to the same places, to the last digit. */
export async function placedChart(graph: ChartGraph, layOut: LayOut): Promise<PlacedChart> {
  const lines = new Lines(graph);
  const placed = await layOut(elkGraph(graph, lines));
  const boxes = new Map<string, Box>();
  for (const each of flattened(placed)) boxes.set(each.id, boxOf(each));
  const labels = labelBoxes(graph, placed, lines, boxes);
  const points = new Map<string, [number, number][]>();
  for (const route of routesOf(placed)) points.set(route.id, pointsOf(route));
  return {
    ...{ width: rounded(placed.width), height: rounded(placed.height) },
    nodes: graph.nodes.map((node) => ({ ...node, ...(boxes.get(node.id) ?? nowhere) })),
    edges: graph.edges.map((edge) => ({
      ...edge,
      text: lines.textOf(edge),
      points: points.get(`${edge.source}>${edge.targets[0]}`) ?? [],
      labelBox: labels.get(edge.drawnAs) ?? nowhere,
    })),
  };
}
