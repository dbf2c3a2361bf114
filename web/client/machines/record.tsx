import { useEffect } from "preact/hooks";
import { useView } from "../live.ts";
import { Empty, Section } from "../parts/layout.tsx";
import { moment } from "../parts/words.ts";
import { go } from "../router.ts";
import { Json } from "./json.tsx";
import { ledgerAsked } from "./ledger-choice.tsx";
import { eventWords, linkTo, linkToActor } from "./words.ts";

/** A transition as the journal holds it. */
interface Transition {
  readonly actor: string;
  readonly event: { readonly type: string };
  readonly from: unknown;
  readonly to: unknown;
  readonly cause: number | null;
  readonly guards: readonly (readonly [name: string, passed: boolean])[];
  readonly changed: Readonly<Record<string, unknown>>;
}

interface Decision {
  readonly outcome: string;
  readonly code: string;
  readonly gate: { readonly name: string; readonly value: string; readonly limit: string } | null;
  readonly facts: unknown;
}

interface Content {
  readonly input?: unknown;
  readonly decision?: Decision;
  readonly transitions?: readonly Transition[];
  readonly draws?: unknown;
  readonly [more: string]: unknown;
}

/** What the record's own columns say already, or a part below shows. */
const elsewhere = new Set(
  "at code correlation input decision transitions draws kind seq subject".split(" "),
);

/** One record of the journal, whole. */
export function JournalRecord({ seq }: { readonly seq: string }) {
  const ledger = ledgerAsked();
  const { data, error } = useView(
    "GET /api/v1/journal/:seq",
    { params: { seq }, query: { ledger } },
    () => false,
  );
  const beside = (to: number | null | undefined) =>
    typeof to === "number" ? linkTo(`/journal/${to}`, { ledger }) : null;
  const [previous, next] = [beside(data?.previous), beside(data?.next)];
  useEffect(() => {
    const press = ({ key, target }: KeyboardEvent) => {
      const to = key === "ArrowLeft" ? previous : key === "ArrowRight" ? next : null;
      if (to && !(target as Element).closest("input, select, textarea")) go(to);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [previous, next]);
  const tools = (
    <nav class="facts" aria-label="Records beside it">
      {previous && <a href={previous}>Previous</a>}
      {next && <a href={next}>Next</a>}
      <a href={linkTo("/journal", { ledger })}>Journal</a>
    </nav>
  );
  const content = (data?.content ?? {}) as Content;
  const more = Object.entries(content).filter(([key]) => !elsewhere.has(key));
  return (
    <>
      <Section
        title={`Record ${seq}${ledger ? ` of ${ledger}` : ""}`}
        error={error}
        tools={tools}
        {...(!data && { readAt: 0 })}
      >
        {data && <Head {...data} ledger={ledger} />}
      </Section>
      {content.decision && <DecisionView decision={content.decision} />}
      {data && (
        <Section title="Input">
          <Json name="input" value={content.input} isOpen />
          {content.draws !== undefined && <Json name="draws" value={content.draws} isOpen />}
          {more.map(([key, value]) => (
            <Json key={key} name={key} value={value} />
          ))}
        </Section>
      )}
      {data && <Transitions seq={data.entry.seq} ledger={ledger} all={content.transitions ?? []} />}
    </>
  );
}

interface HeadProps {
  readonly entry: {
    readonly at: number;
    readonly kind: string;
    readonly subject: string;
    readonly code: string | null;
    readonly correlation: string | null;
  };
  readonly hash: string;
  readonly ledger: string | undefined;
}

function Head({ entry: { at, kind, subject, code, correlation }, hash, ledger }: HeadProps) {
  return (
    <>
      <p class="facts">
        <span>
          <b>{kind}</b> {subject}
        </span>
        {code && <span class="tag">{code}</span>}
        <span>{moment(at)}</span>
        {correlation && (
          <>
            <a href={linkTo(`/machines/sequence/${encodeURIComponent(correlation)}`, { ledger })}>
              Sequence of {correlation}
            </a>
            {!ledger && <a href={`/trades/${encodeURIComponent(correlation)}`}>Trade</a>}
          </>
        )}
      </p>
      <p class="note hash">Hash {hash}</p>
    </>
  );
}

function DecisionView({ decision }: { readonly decision: Decision }) {
  const { outcome, code, gate, facts } = decision;
  return (
    <Section title="Decision">
      <p class="facts">
        <b>{outcome}</b>
        <span class="tag">{code}</span>
        {gate && (
          <span>
            gate {gate.name}: {gate.value} against {gate.limit}
          </span>
        )}
      </p>
      <Json name="facts" value={facts} isOpen />
    </Section>
  );
}

interface TransitionsProps {
  readonly seq: number;
  readonly ledger: string | undefined;
  readonly all: readonly Transition[];
}

/** A state of an actor in words: `live: asked none, held working`. */
function stateWords(value: unknown): string {
  if (value === null || typeof value !== "object") return String(value ?? "nothing");
  const words = Object.entries(value).map(([key, inner]) =>
    typeof inner === "object" ? `${key} (${stateWords(inner)})` : `${key} ${inner}`,
  );
  return words.join(", ");
}

function Transitions({ seq, ledger, all }: TransitionsProps) {
  return (
    <Section title={`Transitions (${all.length})`}>
      {all.length === 0 && <Empty>No actor changed</Empty>}
      <ol class="transitions">
        {all.map(({ actor, event, from, to, cause, guards = [], changed = {} }, index) => (
          <li key={index}>
            <p>
              <a href={linkToActor(actor, { ledger, seq })}>{actor}</a>{" "}
              <b>{eventWords(event.type)}</b>{" "}
              <span class="note">
                {cause === null ? "from outside" : `after ${all[cause]?.actor ?? `step ${cause}`}`}
              </span>
            </p>
            <p>
              {stateWords(from) === stateWords(to)
                ? `stays ${stateWords(to)}`
                : `${stateWords(from)} → ${stateWords(to)}`}
            </p>
            {guards.length > 0 && (
              <p class="note">
                {guards.map(([name, passed], at) => (
                  <span key={at} class={passed ? "guard passed" : "guard"}>
                    {passed ? "✓" : "✗"} {name}{" "}
                  </span>
                ))}
              </p>
            )}
            <Json name="event" value={event} />
            <Json name="changed" value={changed} />
          </li>
        ))}
      </ol>
    </Section>
  );
}
