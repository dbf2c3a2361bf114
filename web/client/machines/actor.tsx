import { useEffect, useMemo, useState } from "preact/hooks";
import { call } from "../api.ts";
import { isStale, useView } from "../live.ts";
import { Empty, Section } from "../parts/layout.tsx";
import { query } from "../router.ts";
import { StateChart } from "./chart.tsx";
import { ActorHead, PastBanner } from "./head.tsx";
import { IndexNote } from "./indexed.tsx";
import { ContextView, NextEvents, StepView, Timers } from "./inspect.tsx";
import { ledgerAsked } from "./ledger-choice.tsx";
import { showMoment, TimeSlider } from "./slider.tsx";
import { StepBook } from "./step-book.ts";
import { StepList } from "./steps.tsx";
import { type Chosen, WhatIf } from "./what-if.tsx";
import type { Chart, Guess, Moment, Step } from "./words.ts";
import { kindIn, numberIn } from "./words.ts";

const charts = new Map<string, Promise<Chart>>();

/** A machine's chart; it is the same as long as the page is loaded. */
function useChart(kind: string): { chart: Chart | null; error: string | null } {
  const [chart, setChart] = useState<Chart | null>(null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    const reading = charts.get(kind) ?? call("GET /api/v1/machines/:kind", { params: { kind } });
    charts.set(kind, reading);
    reading.then(setChart, (thrown: Error) => {
      charts.delete(kind);
      setError(thrown.message);
    });
  }, [kind]);
  return { chart, error };
}

/** Presses the button that has the key, unless something is being typed or chosen. */
function useKeys(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const target = event.target as Element;
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.shiftKey || target.closest("input, select, textarea, dialog[open]")) return;
      if (event.key === " " && target.closest("button, a, summary")) return;
      const button = document.querySelector<HTMLElement>(`[data-key="${CSS.escape(event.key)}"]`);
      if (!button) return;
      event.preventDefault();
      button.click();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}

/** How often it is asked again for what is not there, milliseconds. */
const retryMs = 2_000;

/** Asks again as long as there is no answer: the index of the past may not have come so far. */
function useRetry(error: string | null, reload: () => void): void {
  useEffect(() => {
    if (error === null) return;
    const timer = setInterval(reload, retryMs);
    return () => clearInterval(timer);
  }, [error !== null, reload]);
}

/** The steps of an actor, and the one that is shown. */
function useSteps(name: string, ledger: string | undefined, seq: number | undefined) {
  const book = useMemo(() => new StepBook(name, ledger), [name, ledger]);
  const isLive = seq === undefined;
  useEffect(() => (ledger === undefined ? book.follow() : undefined), [book]);
  const index = numberIn(query.value.get("step"));
  const steps = book.steps.value;
  const shown = isLive
    ? (book.shown.value ?? null)
    : (steps.find((step) => step.seq === seq && step.index === index) ??
      steps.findLast((step) => step.seq <= seq) ??
      null);
  const step = async (by: -1 | 1): Promise<boolean> => {
    if (isLive && by > 0) return false;
    const next = await book.beside(shown ?? steps.at(-1) ?? null, by);
    if (next) showMoment(next.seq, next.index);
    return next !== null;
  };
  return { book, shown, step };
}

/** One actor: its chart, and what it did, as it is or at any past moment. */
export function ActorPage({ name }: { readonly name: string }) {
  useKeys();
  const ledger = ledgerAsked();
  const seq = numberIn(query.value.get("seq"));
  const { chart, error } = useChart(kindIn(name));
  const { book, shown, step } = useSteps(name, ledger, seq);
  const view = useView(
    "GET /api/v1/actors/:name",
    { params: { name }, query: { ledger, seq } },
    ({ actors }) => seq === undefined && ledger === undefined && actors.includes(name),
  );
  useRetry(view.error, view.reload);
  const moment = view.data?.name === name ? view.data : null;
  useEffect(() => void book.open(seq, moment?.changedSeq), [book, seq, moment === null]);
  const [guess, setGuess] = useState<Guess | null>(null);
  const isPast = seq !== undefined || ledger !== undefined;
  return (
    <>
      <ActorHead name={name} moment={moment} shown={shown} readAt={view.readAt} />
      {isPast && <PastBanner seq={seq} at={shown?.at ?? moment?.at} ledger={ledger} />}
      <IndexNote indexed={moment?.indexed} />
      {moment?.notes.map((note) => (
        <p key={note} class="note">
          {note}
        </p>
      ))}
      {view.error && <p class="card error">{view.error}: it is shown as soon as it is there</p>}
      <div class="actor">
        <div class="actor-main">
          <TimeSlider {...{ name, ledger, seq, step }} at={shown?.at} isOwn={!ledger} />
          <section class={isStale() ? "card stale" : "card"} aria-label="Statechart">
            {error && <p class="error">{error}</p>}
            {chart ? (
              <StateChart
                chart={chart}
                lit={litBy(shown, book.isAwaited.value ? null : moment, guess)}
              />
            ) : (
              <p class="chart-svg laying empty">Laying out the chart</p>
            )}
          </section>
        </div>
        <Aside {...{ shown, moment, ledger, isPast, guess }} tell={setGuess} />
        <div class="actor-under">
          <StepList book={book} shown={shown} />
          {moment && <ContextView moment={moment} />}
        </div>
      </div>
    </>
  );
}

function litBy(shown: Step | null, moment: Moment | null, guess: Guess | null) {
  const active = shown?.to ?? moment?.active ?? [];
  return {
    active,
    reached: active.filter((id) => !shown?.from.includes(id)),
    fired: shown?.edges ?? [],
    step: shown ? `${shown.seq}.${shown.index}` : "",
    would: guess,
  };
}

interface AsideProps {
  readonly shown: Step | null;
  readonly moment: Moment | null;
  readonly ledger: string | undefined;
  readonly isPast: boolean;
  readonly guess: Guess | null;
  tell(guess: Guess | null): void;
}

function Aside({ shown, moment, ledger, isPast, guess, tell }: AsideProps) {
  const [chosen, choose] = useState<Chosen>({ type: "", isAsked: false });
  return (
    <div class="actor-side">
      {shown ? (
        <StepView step={shown} ledger={ledger} />
      ) : (
        <Section title="Event">
          <Empty>No transition of it is in the journal up to here</Empty>
        </Section>
      )}
      {moment && (
        <>
          <Timers {...moment} />
          <NextEvents next={moment.next} choose={(type) => choose({ type, isAsked: true })} />
          <WhatIf {...{ moment, ledger, isPast, chosen, choose, guess, tell }} />
        </>
      )}
    </div>
  );
}
