import { useEffect, useState } from "preact/hooks";
import { type Answer, call } from "../api.ts";
import { Section } from "../parts/layout.tsx";
import { moment, plain } from "../parts/words.ts";
import type { LaneState } from "./trade.tsx";
import type { Candle, LaneChartData } from "./trade-data.ts";

type Votes = Answer<"GET /api/v1/lanes/:lane/votes/:seq">;
type Evaluation = NonNullable<Votes["evaluation"]>;

interface AtBarProps {
  readonly lane: string;
  readonly chart: LaneChartData | null;
  /** What the lane says now; null where the chart stands in the past. */
  readonly state: LaneState | null;
  /** The time that the chart stands at; null for now. */
  readonly at: number | null;
  /** The candle under the cursor, or the one that was picked; null for that of `at`. */
  readonly candle: Candle | null;
  readonly isPicked: boolean;
  readonly onPick: (candle: Candle | null) => void;
}

/** What was seen, voted and decided at one bar. */
export function AtBar({ lane, chart, state, at, candle, isPicked, onPick }: AtBarProps) {
  const last = chart?.candles.at(-1) ?? null;
  const stood = chart?.candles.findLast(({ openedAt }) => at !== null && openedAt <= at);
  const shown = candle ?? stood ?? last;
  const isLast = shown !== null && shown.openedAt === last?.openedAt && state !== null;
  const { told, isWaiting } = useVotes(lane, isLast ? null : (shown?.seq ?? null));
  const decision = isLast ? state.decision : (told?.decision ?? null);
  const evaluation = isLast ? state.evaluation : (told?.evaluation ?? null);
  // What is decided now may be later than the last candle that was read.
  const seq = decision?.seq ?? shown?.seq;
  const step = (by: number) => {
    const candles = chart?.candles ?? [];
    const place = candles.findIndex(({ openedAt }) => openedAt === shown?.openedAt);
    const next = candles[place + by];
    if (next) onPick(next);
  };
  return (
    <Section
      title={isLast ? "Last bar" : "At bar"}
      tools={
        <span class="pair">
          <button type="button" aria-label="Bar before" onClick={() => step(-1)}>
            ‹
          </button>
          <button type="button" aria-label="Next bar" onClick={() => step(1)}>
            ›
          </button>
          {isPicked && (
            <button type="button" onClick={() => onPick(null)}>
              {at === null ? "Last" : "Back"}
            </button>
          )}
        </span>
      }
    >
      {chart && shown && <Prices chart={chart} candle={shown} />}
      {shown && <Decided candle={shown} decision={decision} />}
      {shown && (
        <p class="small">
          <a href={`/journal/${seq}`}>Journal record {seq}</a>
          {chart && (
            <>
              {" · "}
              <a href={`/machines/${encodeURIComponent(chart.scanner)}?seq=${seq}`}>
                Visualiser at that time
              </a>
            </>
          )}
        </p>
      )}
      {told?.unknown && !isLast && (
        <p class="note">
          {evaluation ? "Not judged again: " : "Votes are not known: "}
          {told.unknown}
        </p>
      )}
      {isWaiting && !evaluation && !told?.unknown && <p class="note">Judging that bar again</p>}
      {told?.isSame === false && !isLast && (
        <p class="warn small">Judged again, this bar comes to another decision than was made</p>
      )}
      {evaluation && <VoteTable evaluation={evaluation} />}
    </Section>
  );
}

/** The votes of a past record, once the cursor has rested on it. */
function useVotes(lane: string, seq: number | null) {
  const [told, setTold] = useState<Votes | null>(null);
  useEffect(() => {
    setTold(null);
    if (seq === null) return;
    let isOver = false;
    const timer = setTimeout(async () => {
      const unknown = (text: string) => {
        return { seq, at: null, decision: null, evaluation: null, isSame: null, unknown: text };
      };
      const votes = await call("GET /api/v1/lanes/:lane/votes/:seq", {
        params: { lane, seq: String(seq) },
      }).catch((error) => unknown(error instanceof Error ? error.message : String(error)));
      if (!isOver) setTold(votes);
    }, restMs);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [lane, seq]);
  return { told: told?.seq === seq ? told : null, isWaiting: seq !== null };
}

/** How long the cursor is to rest before votes are asked for. */
const restMs = 250;

function Prices({ chart, candle }: { readonly chart: LaneChartData; readonly candle: Candle }) {
  const price = (ticks: number) => plain(ticks * Number(chart.tick), 8);
  const { openedAt, open, high, low, close, volume, bars, isClosed } = candle;
  const full = chart.frameMs / chart.baseMs;
  return (
    <>
      <p class="at-time">
        {moment(openedAt).slice(0, 16)} <span class="dim">{chart.frame}</span>
        {!isClosed && <span class="warn"> under way</span>}
        {isClosed && bars < full && (
          <span class="warn">
            {" "}
            {bars} of {full} bars
          </span>
        )}
      </p>
      <dl class="prices">
        {Object.entries({ Open: open, High: high, Low: low, Close: close }).map(([name, ticks]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{price(ticks)}</dd>
          </div>
        ))}
        <div>
          <dt>Volume</dt>
          <dd>
            {plain(volume, volume < 10 ? 4 : 2)} {chart.base}
          </dd>
        </div>
      </dl>
    </>
  );
}

interface DecidedProps {
  readonly candle: Candle;
  readonly decision: Votes["decision"];
}

function Decided({ candle: { code, gate }, decision }: DecidedProps) {
  return (
    <p>
      <strong>{decision?.code ?? code ?? "undone"}</strong>
      {decision && <span class="block">{decision.words}</span>}
      {decision?.gate && <span class="block note">{decision.gate.words}</span>}
      {!decision && gate && (
        <span class="block note">
          {gate.name} is {gate.value}, wanted {gate.limit}
        </span>
      )}
    </p>
  );
}

const directions = { "1": "▲ hold", "0": "–", "-1": "▼ leave" } as const;
const tones = { "1": "good", "0": "dim", "-1": "bad" } as const;

/** The timeframes with each strategy's vote; strategies without an opinion are named at the end. */
function VoteTable({ evaluation }: { readonly evaluation: Evaluation }) {
  const { leaning, confidence, frames } = evaluation;
  return (
    <>
      <p>
        Together <span class={tones[`${leaning}`]}>{directions[`${leaning}`]}</span>
        {confidence !== null && leaning !== 0 && ` with confidence ${plain(confidence, 2, 2)}`}
      </p>
      {frames.map(({ frame, regime, score, isWarm, votes }) => {
        const told = votes.filter(({ direction }) => direction !== 0);
        const silent = votes.filter(({ direction }) => direction === 0);
        return (
          <details key={frame} class="votes" open={told.length > 0}>
            <summary>
              <b>{frame}</b> {isWarm ? regime : "warming up"}, score{" "}
              {score === null ? "not known" : plain(score, 2, 2).replace("-", "−")}
            </summary>
            <ul>
              {told.map(({ strategy, direction, strength, weight, words }) => (
                <li key={strategy}>
                  <span class={tones[`${direction}`]}>{directions[`${direction}`]}</span>{" "}
                  <b>{strategy}</b> {strength === null ? "" : plain(strength, 2)}{" "}
                  <span class="dim">weight {plain(weight, 3)}</span>
                  <span class="block note">{words}</span>
                </li>
              ))}
              {silent.length > 0 && (
                <li
                  class="note"
                  title={silent.map((each) => `${each.strategy}: ${each.words}`).join("\n")}
                >
                  No opinion: {silent.map(({ strategy }) => strategy).join(", ")}
                </li>
              )}
            </ul>
          </details>
        );
      })}
    </>
  );
}
