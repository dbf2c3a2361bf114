import { machineKinds } from "../../actors/desk/mod.ts";
import type { ActorKind } from "../../machines/domain/ids.ts";
import type { ChartView } from "../api/machines.ts";
import { type ChartGraph, chartGraph } from "./chart-graph.ts";
import { type LayOut, layoutVersion, placedChart } from "./chart-layout.ts";

/** Charts of the machines, each laid out when it is first asked for, and once for each machine. */
export class Charts {
  private readonly graphs = new Map<ActorKind, ChartGraph>();
  private readonly placed = new Map<string, Promise<ChartView>>();

  constructor(private readonly layOut: LayOut) {}

  graph(kind: ActorKind): ChartGraph {
    let graph = this.graphs.get(kind);
    if (!graph) {
      graph = chartGraph(machineKinds[kind].machine);
      this.graphs.set(kind, graph);
    }
    return graph;
  }

  /** Rejects where it cannot be laid out; whoever asks again has it tried again. */
  chart(kind: ActorKind): Promise<ChartView> {
    const graph = this.graph(kind);
    const hash = hashOf(graph);
    let chart = this.placed.get(hash);
    if (!chart) {
      chart = placedChart(graph, this.layOut).then((placed) => ({ kind, hash, ...placed }));
      this.placed.set(hash, chart);
      chart.catch(() => this.placed.delete(hash));
    }
    return chart;
  }
}

/** Of what is drawn and how: 16 hexadecimal digits. */
function hashOf(graph: ChartGraph): string {
  const hasher = new Bun.CryptoHasher("sha256");
  return hasher
    .update(JSON.stringify([layoutVersion, graph]))
    .digest("hex")
    .slice(0, 16);
}
