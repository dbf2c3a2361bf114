import { useState } from "preact/hooks";
import type { Answer } from "../api.ts";
import { useView } from "../live.ts";
import { CandleChart, type StandingPrice } from "../parts/candle-chart.tsx";
import { Empty, Section } from "../parts/layout.tsx";
import { moment, plain, signed } from "../parts/words.ts";
import { go, pathParts, query, setQuery } from "../router.ts";
import { AtBar } from "./trade-bar.tsx";
import { BookPanel } from "./trade-book.tsx";
import { type Candle, concernsLane, type LaneCharted, useLaneChart } from "./trade-data.ts";
import { Fills, Orders, Positions } from "./trade-positions.tsx";

export type LaneState = Answer<"GET /api/v1/lanes/:lane">;

/** One lane: its chart, what it holds, and why it does what it does. */
export function Trade() {
  const [, lane] = pathParts.value;
  const lanes = useView("GET /api/v1/lanes", {}, ({ kind }) => kind === "configuration");
  const names = lanes.data?.lanes.map((each) => each.lane) ?? [];
  const chosen = lane ?? names[0];
  if (lanes.error) return <p class="error">{lanes.error}</p>;
  if (chosen === undefined) return <Empty>Reading the lanes</Empty>;
  return <LanePage key={chosen} lane={chosen} lanes={names} />;
}

function LanePage({ lane, lanes }: { readonly lane: string; readonly lanes: readonly string[] }) {
  const frame = query.value.get("frame");
  const asked = Number(query.value.get("at"));
  const at = asked > 0 ? asked : null;
  const state = useView("GET /api/v1/lanes/:lane", { params: { lane } }, (entry) =>
    concernsLane(entry, lane),
  );
  const charted = useLaneChart(lane, frame, at);
  const [cursor, setCursor] = useState<Candle | null>(null);
  const [picked, setPicked] = useState<Candle | null>(null);
  const { data } = charted;
  return (
    <>
      <Section title={lane} readAt={state.readAt} error={state.error ?? charted.error}>
        <Head lane={lane} lanes={lanes} state={state.data} />
        <Frames charted={charted} />
        {at !== null && <Past at={at} />}
      </Section>
      <div class="trade">
        <div class="trade-main">
          <Section title="Chart" readAt={charted.readAt}>
            {data && data.candles.length === 0 && <Empty>There is no bar there yet</Empty>}
            {data && data.candles.length > 0 && (
              <CandleChart
                key={`${lane} ${data.frame} ${at}`}
                data={data}
                standing={at === null ? standingOf(state.data) : []}
                focus={at}
                onCursor={setCursor}
                onPick={setPicked}
                onOlder={charted.older}
              />
            )}
            <p class="note legend">
              <span class="bad">━ stop</span> <span class="key-entry">┅ entry</span>{" "}
              <span class="good">╍ target</span>, arrows: up bought, down sold. A level far from the
              candles is out of view until the price axis is dragged.{" "}
              {data?.cut && `Older candles are missing here: ${data.cut}.`}
            </p>
          </Section>
          {state.data && <Positions state={state.data} readAt={state.readAt} />}
          {state.data && <Orders state={state.data} readAt={state.readAt} />}
          {data && <Fills chart={data} readAt={charted.readAt} />}
        </div>
        <div class="trade-side">
          <AtBar
            lane={lane}
            chart={data}
            state={at === null ? state.data : null}
            at={at}
            candle={cursor ?? picked}
            isPicked={cursor === null && picked !== null}
            onPick={setPicked}
          />
          <BookPanel lane={lane} />
        </div>
      </div>
    </>
  );
}

interface HeadProps {
  readonly lane: string;
  readonly lanes: readonly string[];
  readonly state: LaneState | null;
}

/** Which lane it is, its price, and ways to others. */
function Head({ lane, lanes, state }: HeadProps) {
  const place = lanes.indexOf(lane);
  const to = (index: number) => {
    const next = lanes.at(index % lanes.length);
    if (next !== undefined) go(`/trade/${encodeURIComponent(next)}${location.search}`);
  };
  return (
    <div class="filters">
      <label>
        Lane
        <select
          class="block"
          value={lane}
          onChange={({ currentTarget }) => to(lanes.indexOf(currentTarget.value))}
        >
          {lanes.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
      <span class="pair">
        <button type="button" aria-label="Lane before" onClick={() => to(place - 1)}>
          ‹
        </button>
        <button type="button" aria-label="Next lane" onClick={() => to(place + 1)}>
          ›
        </button>
      </span>
      {state && (
        <p class="lane-price">
          <strong class="figure">
            {state.price === null ? "no price yet" : `${plain(state.price, 8)} ${state.quote}`}
          </strong>{" "}
          <span class="note">
            {state.account}, last bar{" "}
            {state.lastClosedAt === null ? "none" : moment(state.lastClosedAt)},{" "}
            <a href={`/machines/${encodeURIComponent(state.scanner.actor)}`}>
              scanner {state.scanner.state}
            </a>
          </span>
        </p>
      )}
    </div>
  );
}

/** Timeframes, and a time to go to. */
function Frames({ charted: { data } }: { readonly charted: LaneCharted }) {
  const at = query.value.get("at");
  return (
    <div class="filters">
      <nav class="frames" aria-label="Timeframe">
        {data?.frames.map(({ frame, votes }) => (
          <button
            key={frame}
            type="button"
            aria-pressed={frame === data.frame}
            title={votes ? `${frame}: strategies vote in it` : frame}
            onClick={() => setQuery({ frame })}
          >
            {frame}
            {votes && <sup aria-hidden="true">•</sup>}
          </button>
        ))}
      </nav>
      <form
        class="jump"
        onSubmit={(event) => {
          event.preventDefault();
          const text = new FormData(event.currentTarget).get("at");
          const time = Date.parse(`${text}Z`);
          if (Number.isFinite(time)) setQuery({ at: time });
        }}
      >
        <label>
          Jump to (UTC)
          <input
            key={at}
            type="datetime-local"
            name="at"
            class="block"
            defaultValue={at ? moment(Number(at)).slice(0, 16).replace(" ", "T") : ""}
          />
        </label>
        <button type="submit">Go</button>
      </form>
    </div>
  );
}

function Past({ at }: { readonly at: number }) {
  return (
    <p class="past" role="status">
      The chart stands at {moment(at)} and does not follow new bars.{" "}
      <button type="button" onClick={() => setQuery({ at: null })}>
        Back to now
      </button>
    </p>
  );
}

/** Levels of what is held and asked for now, as lines across the chart. */
function standingOf(state: LaneState | null): StandingPrice[] {
  const lines: StandingPrice[] = [];
  for (const { isOver, stopPrice, targetPrice, averagePrice, openPnl } of state?.positions ?? []) {
    if (isOver) continue;
    lines.push({ title: "stop", price: Number(stopPrice), tone: "--bad" });
    if (targetPrice) lines.push({ title: "target", price: Number(targetPrice), tone: "--good" });
    if (!averagePrice) continue;
    const title = openPnl === null ? "entry" : `entry ${signed(openPnl)}`;
    lines.push({ title, price: Number(averagePrice), tone: "--accent" });
  }
  for (const { standing, role, live, side } of state?.orders ?? []) {
    if (standing === "over" || role === "stop" || live.price === null) continue;
    const title = standing === "unknown" ? `${side}, fate unknown` : `${side} order`;
    lines.push({ title, price: Number(live.price), tone: "--warn" });
  }
  return lines;
}
