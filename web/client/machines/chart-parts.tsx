import type { Chart } from "./words.ts";

type Node = Chart["nodes"][number];
type Edge = Chart["edges"][number];

interface PartProps {
  readonly mark: string;
  ask(id: string | null): void;
}

/** Told of what is pointed at or has the focus. */
const asking = (id: string, ask: PartProps["ask"]) => ({
  onPointerEnter: () => ask(id),
  onFocus: () => ask(id),
});

/** Lines that the layout made room for. */
const lineHeight = 14;
const firstLine = 34;

interface NodeProps extends PartProps {
  readonly node: Node;
  /** Whether its parent begins in it. */
  readonly hasDot: boolean;
}

/** A state: filled where it is active and holds no other one, bordered where it does. */
export function ChartNode({ node, mark, hasDot, ask }: NodeProps) {
  const { x, y, width, height, id, key, type, tags } = node;
  const lines = [
    ...node.invokes.map((name) => `asks ${name}`),
    ...node.entry.map((name) => `entry ${name}`),
    ...node.exit.map((name) => `exit ${name}`),
  ];
  const isActive = mark.includes("active");
  return (
    // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: a drawing that tells more in focus
    <g
      class={`node ${type}${mark}`}
      data-state={id}
      tabindex={0}
      role="img"
      aria-label={`${type} state ${id}${isActive ? ", active" : ""}`}
      {...asking(id, ask)}
    >
      <rect x={x} y={y} width={width} height={height} rx={6} />
      <text class="name" x={x + 8} y={y + 16}>
        {key}
      </text>
      {tags.length > 0 && (
        <text class="tags" x={x + width - 8} y={y + 16}>
          {tags.join(" ")}
        </text>
      )}
      {lines.map((line, index) => (
        <text key={line} x={x + 8} y={y + firstLine + index * lineHeight}>
          {line}
        </text>
      ))}
      {hasDot && (
        <>
          <circle class="dot" cx={x - 9} cy={y + 9} r={3.5} />
          <path class="dot-line" d={`M${x - 9} ${y + 9}H${x}`} />
        </>
      )}
    </g>
  );
}

interface EdgeProps extends PartProps {
  readonly edge: Edge;
  /** Whether it draws the line that it may share. */
  readonly hasLine: boolean;
  /** Of the step that it fired in, so that it glows anew; null where it did not. */
  readonly step: string | null;
}

/** A transition: its line where it leads elsewhere, and its text beside it or within its state. */
export function ChartEdge({ edge, mark, step, hasLine, ask }: EdgeProps) {
  const { id, points, labelBox, text } = edge;
  const line = hasLine ? pathOf(points) : "";
  return (
    // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: a drawing that tells more in focus
    <g
      class={`edge${mark}${points.length === 0 ? " stays" : ""}`}
      data-edge={id}
      tabindex={0}
      role="img"
      aria-label={`${text}: ${edge.source} to ${edge.targets.join(", ") || "itself"}`}
      {...asking(id, ask)}
    >
      {line && <path class="reach" d={line} />}
      {line && <path class="line" d={line} />}
      {line && <path class="tip" d={tipOf(points)} />}
      {step !== null && line && <path key={step} class="glow" d={line} />}
      <rect class="label-ground" {...labelBox} rx={3} />
      <text
        key={step ?? ""}
        class="label"
        x={labelBox.x + (points.length > 0 ? 2 : 0)}
        y={labelBox.y + 10.5}
      >
        {text}
      </text>
    </g>
  );
}

type Points = Edge["points"];

/** A line with rounded corners. */
function pathOf(points: Points): string {
  return points
    .map(([x, y], index) => {
      const [before, after] = [points[index - 1], points[index + 1]];
      if (!before) return `M${x} ${y}`;
      if (!after) return `L${x} ${y}`;
      const [fromX, fromY] = near([x, y], before);
      const [toX, toY] = near([x, y], after);
      return `L${fromX} ${fromY}Q${x} ${y} ${toX} ${toY}`;
    })
    .join("");
}

/** The point on the way to another one, a corner's radius away. */
function near([x, y]: Points[number], [otherX, otherY]: Points[number]): Points[number] {
  const far = Math.hypot(otherX - x, otherY - y);
  const share = far === 0 ? 0 : Math.min(5, far / 2) / far;
  return [x + (otherX - x) * share, y + (otherY - y) * share];
}

/** The head of an arrow that points where the line ends. */
function tipOf(points: Points): string {
  const [[fromX, fromY], [x, y]] = points.slice(-2) as [Points[number], Points[number]];
  const far = Math.hypot(x - fromX, y - fromY) || 1;
  const [alongX, alongY] = [((x - fromX) / far) * 7, ((y - fromY) / far) * 7];
  const [acrossX, acrossY] = [-alongY / 2, alongX / 2];
  return `M${x} ${y}L${x - alongX + acrossX} ${y - alongY + acrossY}L${x - alongX - acrossX} ${y - alongY - acrossY}Z`;
}
