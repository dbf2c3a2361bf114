import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ChartEdge, ChartNode } from "./chart-parts.tsx";
import { PanZoom } from "./pan-zoom.ts";
import type { Chart } from "./words.ts";
import { leavesOf, withParents } from "./words.ts";

/** What is lit in a chart. */
export interface Lit {
  readonly active: readonly string[];
  /** States that were reached last: what is kept in view. */
  readonly reached: readonly string[];
  /** Edges that fired last. */
  readonly fired: readonly string[];
  /** Changes with each step, so that the same edge can fire twice. */
  readonly step: string;
  /** What an event that was only supposed would do. */
  readonly would: { readonly to: readonly string[]; readonly edges: readonly string[] } | null;
}

interface ChartProps {
  readonly chart: Chart;
  readonly lit: Lit;
}

type Box = Chart["nodes"][number];

function around(boxes: readonly Box[]) {
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const width = Math.max(...boxes.map((box) => box.x + box.width)) - x;
  const height = Math.max(...boxes.map((box) => box.y + box.height)) - y;
  return { x, y, width, height };
}

/** Below this a chart as a whole is too small to be read. */
const readableScale = 0.62;

/** Moves the drawing so that what is active can be read, unless a person holds it. */
function useView({ chart, lit }: ChartProps) {
  const svg = useRef<SVGSVGElement>(null);
  const zoom = useRef<PanZoom | null>(null);
  const transform = useSignal("");
  const whole = { x: 0, y: 0, width: chart.width, height: chart.height };
  const nodesOf = (ids: readonly string[]) => {
    const leaves = new Set(leavesOf(ids));
    return chart.nodes.filter(({ id }) => leaves.has(id));
  };
  const showActive = () => {
    const boxes = nodesOf(lit.reached.length > 0 ? lit.reached : lit.active);
    const [first] = boxes;
    if (!first) return zoom.current?.show(whole, 1);
    const all = around(boxes);
    zoom.current?.show(all, 1);
    if ((zoom.current?.place.value.scale ?? 1) < readableScale) zoom.current?.show(first, 1);
  };
  const showWhole = () => zoom.current?.show(whole, 1);
  useEffect(() => {
    if (!svg.current) return;
    const made = new PanZoom(svg.current);
    zoom.current = made;
    return made.place.subscribe(({ x, y, scale }) => {
      transform.value = `translate(${x} ${y}) scale(${scale})`;
    });
  }, []);
  useEffect(() => {
    const held = zoom.current;
    if (!held || held.isHeld) return;
    showWhole();
    if (held.place.value.scale < readableScale) showActive();
  }, [chart, lit.active.join()]);
  const free = (show: () => void) => () => {
    if (zoom.current) zoom.current.isHeld = false;
    show();
  };
  return { svg, transform, zoom, showActive: free(showActive), showWhole: free(showWhole) };
}

/** A statechart with what is active, and what fired last; it is moved, enlarged and asked. */
export function StateChart({ chart, lit }: ChartProps) {
  const view = useView({ chart, lit });
  const [asked, setAsked] = useState<string | null>(null);
  const transform = useComputed(() => view.transform.value);
  const drawing = useMemo(
    () => <Drawing chart={chart} lit={lit} ask={setAsked} />,
    [chart, lit.active.join(), lit.step, lit.would],
  );
  return (
    <figure class="chart">
      <div class="chart-tools">
        <button type="button" onClick={view.showActive} aria-keyshortcuts="f" data-key="f">
          Fit active
        </button>
        <button type="button" onClick={view.showWhole}>
          Reset
        </button>
        <button type="button" aria-label="Enlarge" onClick={() => view.zoom.current?.enlarge(1.25)}>
          +
        </button>
        <button
          type="button"
          aria-label="Make smaller"
          onClick={() => view.zoom.current?.enlarge(0.8)}
        >
          −
        </button>
      </div>
      <svg
        ref={view.svg}
        class="chart-svg"
        tabindex={0}
        role="application"
        aria-label={`Statechart of ${chart.kind}: plus and minus enlarge, Shift and arrows move`}
      >
        <g transform={transform}>{drawing}</g>
      </svg>
      <Details chart={chart} asked={asked} />
    </figure>
  );
}

interface DrawingProps extends ChartProps {
  ask(id: string | null): void;
}

function Drawing({ chart, lit, ask }: DrawingProps) {
  const active = withParents(lit.active);
  const fired = new Set(lit.fired.map((id) => drawnAs(chart, id)));
  const would = new Set(lit.would?.edges.map((id) => drawnAs(chart, id)));
  const next = new Set(leavesOf(lit.would?.to ?? []));
  // Those of one source and target share a line.
  const routes = Map.groupBy(chart.edges, ({ source, targets }) => `${source}>${targets}`);
  const firsts = new Set([...routes.values()].map(([first]) => first?.id));
  const filled = new Set(leavesOf(lit.active));
  const edges = chart.edges.filter((edge) => edge.drawnAs === edge.id);
  // What is lit is drawn last, over what is not.
  const rank = (id: string) => (would.has(id) ? 2 : fired.has(id) ? 1 : 0);
  edges.sort((one, other) => rank(one.id) - rank(other.id));
  const marks = ["", " fired", " would"];
  return (
    <>
      {chart.nodes.map((node) => (
        <ChartNode
          key={node.id}
          node={node}
          mark={`${active.has(node.id) ? " active" : ""}${next.has(node.id) ? " would" : ""}`}
          hasDot={
            node.isInitial && chart.nodes.find(({ id }) => id === node.parent)?.type === "compound"
          }
          ask={ask}
        />
      ))}
      {edges.map((edge) => (
        <ChartEdge
          key={edge.id}
          edge={edge}
          hasLine={firsts.has(edge.id) || rank(edge.id) > 0}
          mark={`${marks[rank(edge.id)]}${filled.has(edge.source) ? " on-filled" : ""}`}
          step={fired.has(edge.id) ? lit.step : null}
          ask={ask}
        />
      ))}
    </>
  );
}

const drawnAs = (chart: Chart, id: string) =>
  chart.edges.find((edge) => edge.id === id)?.drawnAs ?? id;

/** What is under the pointer or the focus, in words. */
function Details({ chart, asked }: { readonly chart: Chart; readonly asked: string | null }) {
  const node = chart.nodes.find(({ id }) => id === asked);
  const edges = chart.edges.filter((edge) => edge.drawnAs === asked);
  const [edge] = edges;
  return (
    <figcaption class="chart-details">
      {node && (
        <>
          <b>{node.id}</b> {node.description && <span>{node.description}. </span>}
          <Words word="tags" names={node.tags} />
          <Words word="asks" names={node.invokes} />
          <Words word="entry" names={node.entry} />
          <Words word="exit" names={node.exit} />
        </>
      )}
      {edge && (
        <>
          <b>{edges.map(({ label }) => label).join(", ")}</b> {edge.source} →{" "}
          {edge.targets.join(", ") || "stays"}
          <Words word="guard" names={edge.guard ? [edge.guard] : []} />
          <Words word="actions" names={edge.actions} />
        </>
      )}
      {!node && !edge && <span class="note">Point at a state or an edge, or tab to it</span>}
    </figcaption>
  );
}

function Words({ word, names }: { readonly word: string; readonly names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <span>
      {" "}
      <span class="note">{word}</span> {names.join(", ")}
    </span>
  );
}
