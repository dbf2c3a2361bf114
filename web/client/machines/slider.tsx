import { useEffect, useRef, useState } from "preact/hooks";
import { type Answer, call } from "../api.ts";
import { useView } from "../live.ts";
import { Section } from "../parts/layout.tsx";
import { moment } from "../parts/words.ts";
import { setQuery } from "../router.ts";
import { isBehind, useIndexed } from "./indexed.tsx";

type Timeline = Answer<"GET /api/v1/timeline">;

interface SliderProps {
  readonly name: string;
  readonly ledger: string | undefined;
  /** The record that is shown; none while it follows. */
  readonly seq: number | undefined;
  readonly at: number | undefined;
  /** Whether there is a live actor to go back to. */
  readonly isOwn: boolean;
  step(by: -1 | 1): Promise<boolean>;
}

/** Shows the moment after a record, or follows. */
export const showMoment = (seq: number | null, step: number | null = null) =>
  setQuery({ seq, step });

/** How often the bars are read anew while the journal grows, milliseconds. */
const readEveryMs = 10_000;
const speeds = [1, 2, 5, 10] as const;

/** The journal as a line of time: any moment of it can be shown. */
export function TimeSlider(props: SliderProps) {
  const { name, ledger, seq, at, isOwn } = props;
  const readAt = useRef(0);
  const view = useView("GET /api/v1/timeline", { query: { ledger, actor: name } }, () => {
    const isDue = isOwn && Date.now() - readAt.current > readEveryMs;
    if (isDue) readAt.current = Date.now();
    return isDue;
  });
  useIndexed(view, !isBehind(view.data?.indexed));
  const { first, last } = view.data ?? { first: null, last: null };
  const [dragged, setDragged] = useState<number | null>(null);
  useEffect(() => {
    if (dragged === null) return;
    const timer = setTimeout(() => {
      showMoment(dragged);
      setDragged(null);
    }, 80);
    return () => clearTimeout(timer);
  }, [dragged]);
  const shown = dragged ?? seq ?? last?.seq ?? 0;
  const end = Math.max(last?.seq ?? 0, seq ?? 0);
  return (
    <Section title="Time" error={view.error} tools={<Transport {...props} />}>
      {view.data && first && <Bars {...view.data} end={end} shown={shown} />}
      <input
        class="slider"
        type="range"
        aria-label="Moment of the journal"
        aria-valuetext={`Record ${shown}${at === undefined ? "" : `, ${moment(at)}`}`}
        min={first?.seq ?? 0}
        max={end}
        value={shown}
        onInput={({ currentTarget }) => setDragged(Number(currentTarget.value))}
      />
      <p class="slider-words">
        <span>{first ? moment(first.at) : ""}</span>
        <b>
          {seq === undefined ? (isOwn ? "live" : "last record") : `after record ${seq}`}
          {at !== undefined && `, ${moment(at)}`}
        </b>
        <span>{last ? moment(last.at) : ""}</span>
      </p>
    </Section>
  );
}

interface BarsProps extends Timeline {
  readonly end: number;
  readonly shown: number;
}

function Bars({ parts, first, end, shown }: BarsProps) {
  const start = first?.seq ?? 0;
  const placed = (seq: number) => ((seq - start) / Math.max(1, end - start)) * 1000;
  const most = Math.max(1, ...parts.map(({ records }) => records));
  const sum = (of: "trades" | "alarms") => parts.reduce((total, part) => total + part[of], 0);
  return (
    <>
      <svg class="bars" viewBox="0 0 1000 40" preserveAspectRatio="none" aria-hidden="true">
        {parts.map((part, index) => {
          const x = placed(part.seq);
          const width = Math.max(1, placed(parts[index + 1]?.seq ?? end) - x - 1);
          const height = part.records === 0 ? 0 : 3 + 27 * Math.sqrt(part.records / most);
          return (
            <g key={index}>
              <rect class="records" x={x} y={40 - height} width={width} height={height} />
              {part.trades > 0 && <rect class="trades" x={x} y={0} width={width} height={4} />}
              {part.alarms > 0 && <rect class="alarms" x={x} y={5} width={width} height={4} />}
            </g>
          );
        })}
        <rect class="cursor" x={placed(shown) - 1} y={0} width={2} height={40} />
      </svg>
      <p class="note legend">
        <span class="records">this actor's records</span>
        <span class="trades">{sum("trades")} trades</span>
        <span class="alarms">{sum("alarms")} alarms</span>
      </p>
    </>
  );
}

function Transport({ ledger, seq, isOwn, step }: SliderProps) {
  const [speed, setSpeed] = useState(2);
  const [isPlaying, setPlaying] = useState(false);
  const forward = useRef(step);
  forward.current = step;
  useEffect(() => {
    if (!isPlaying) return;
    let isMoving = false;
    const timer = setInterval(async () => {
      if (isMoving) return;
      isMoving = true;
      if (!(await forward.current(1))) setPlaying(false);
      isMoving = false;
    }, 1_000 / speed);
    return () => clearInterval(timer);
  }, [isPlaying, speed]);
  return (
    <span class="transport">
      <button
        type="button"
        data-key="ArrowLeft"
        aria-label="Previous step"
        onClick={() => step(-1)}
      >
        ◀
      </button>
      <button
        type="button"
        data-key=" "
        aria-pressed={isPlaying}
        onClick={() => setPlaying(!isPlaying)}
      >
        {isPlaying ? "Stop" : "Play"}
      </button>
      <button type="button" data-key="ArrowRight" aria-label="Next step" onClick={() => step(1)}>
        ▶
      </button>
      <select
        aria-label="Steps a second"
        value={speed}
        onChange={({ currentTarget }) => setSpeed(Number(currentTarget.value))}
      >
        {speeds.map((each) => (
          <option key={each} value={each}>
            {each}/s
          </option>
        ))}
      </select>
      <Jump ledger={ledger} />
      <button
        type="button"
        data-key="l"
        disabled={seq === undefined}
        onClick={() => {
          setPlaying(false);
          showMoment(null);
        }}
      >
        {isOwn ? "Live" : "Last"}
      </button>
    </span>
  );
}

/** Goes to the last record at or before a time. */
function Jump({ ledger }: { readonly ledger: string | undefined }) {
  const [error, setError] = useState<string | null>(null);
  const jump = async (text: string) => {
    const at = Date.parse(`${text}Z`);
    if (Number.isNaN(at)) return;
    try {
      const { seq } = await call("GET /api/v1/moment", { query: { ledger, at } });
      setError(null);
      showMoment(seq);
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown.message : String(thrown));
    }
  };
  return (
    <label class="jump">
      <span class="note">Go to, UTC</span>{" "}
      <input
        type="datetime-local"
        step={1}
        onChange={({ currentTarget }) => void jump(currentTarget.value)}
      />
      {error && <span class="error"> {error}</span>}
    </label>
  );
}
