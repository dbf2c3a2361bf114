import { useState } from "preact/hooks";
import { useView } from "../live.ts";
import { Choice, Field } from "../machines/fields.tsx";
import { IndexNote, useIndexed } from "../machines/indexed.tsx";
import { LedgerChoice, ledgerAsked } from "../machines/ledger-choice.tsx";
import { JournalRecord } from "../machines/record.tsx";
import { linkTo, linkToActor, numberIn } from "../machines/words.ts";
import { Empty, Paged, Section } from "../parts/layout.tsx";
import { moment } from "../parts/words.ts";
import { pathParts, query } from "../router.ts";

const kinds = "bar move report timer effect finished command brake start genesis";
const pageSize = 100;

/** The journal: what came in, what was decided, and what each actor did at it. */
export function Journal() {
  const record = pathParts.value[1] ?? query.value.get("seq");
  if (record) return <JournalRecord key={record} seq={record} />;
  return <JournalList />;
}

/** What the address asks for, as the route takes it. */
function wanted() {
  const text = (name: string) => query.value.get(name) ?? undefined;
  const number = (name: string) => numberIn(query.value.get(name));
  return {
    ...{ ledger: ledgerAsked(), actor: text("actor"), event: text("event"), kind: text("kind") },
    ...{ subject: text("subject"), code: text("code"), correlation: text("correlation") },
    ...{ from: number("from"), until: number("until"), before: number("before"), limit: pageSize },
  };
}

function JournalList() {
  const [isHeld, setHeld] = useState(false);
  const given = wanted();
  const isHead = given.before === undefined && given.ledger === undefined;
  const held = { isHeld: isHeld || !isHead };
  const view = useFollowing(given, held);
  const { data, error, readAt } = view;
  const last = data?.entries.at(-1)?.seq;
  const tools = (
    <>
      <LedgerChoice />
      {isHead && (
        <button type="button" aria-pressed={isHeld} onClick={() => setHeld(!isHeld)}>
          {isHeld ? "Held: follow again" : "Hold"}
        </button>
      )}
    </>
  );
  return (
    <Section title="Records" readAt={readAt} error={error} tools={tools}>
      <Filters />
      <IndexNote indexed={data?.indexed} />
      {data && data.entries.length === 0 && <Empty>No record is like that</Empty>}
      <ul class="journal">
        {data?.entries.map((entry) => (
          <Line key={entry.seq} entry={entry} ledger={given.ledger} />
        ))}
      </ul>
      <p class="row">
        <Paged isOlder={given.before !== undefined} next={data?.more ? last : undefined} />
      </p>
    </Section>
  );
}

/** Read again as the journal grows, unless it is held. */
function useFollowing(given: ReturnType<typeof wanted>, held: { readonly isHeld: boolean }) {
  const [now] = useState({ ...held });
  now.isHeld = held.isHeld;
  return useIndexed(
    useView("GET /api/v1/journal", { query: given }, () => !now.isHeld),
    held.isHeld,
  );
}

/** On a phone the filters are folded until one is in use. */
const phonePx = 700;
const filters = "actor event kind subject code correlation from until before".split(" ");

function Filters() {
  const [isOpen] = useState(
    () => innerWidth >= phonePx || filters.some((name) => query.value.has(name)),
  );
  return (
    <details class="filters" open={isOpen}>
      <summary>Filters</summary>
      <search class="fields">
        <Field name="actor" title="Actor" placeholder="order:…" />
        <Field name="event" title="Event" placeholder="order.fill" />
        <Choice
          name="kind"
          title="Kind"
          choices={[["", "all"], ...kinds.split(" ").map((each) => [each, each] as const)]}
        />
        <Field name="subject" title="Subject" placeholder="BTC/USD" />
        <Field name="code" title="Code" placeholder="trade" />
        <Field name="correlation" title="Correlation" placeholder="position" />
        <Field name="from" title="From, UTC" isTime />
        <Field name="until" title="Until, UTC" isTime />
        <Field name="before" title="Before record" />
      </search>
    </details>
  );
}

type Entries = NonNullable<ReturnType<typeof useFollowing>["data"]>["entries"];

function Line({ entry, ledger }: { readonly entry: Entries[number]; ledger: string | undefined }) {
  const { seq, at, kind, subject, code, correlation, actors, summary, isUndone } = entry;
  return (
    <li>
      <a class="seq" href={linkTo(`/journal/${seq}`, { ledger })}>
        #{seq}
      </a>
      <time class="note">{moment(at)}</time>
      <span class="what">
        <b>{kind}</b> {subject} {code && <span class="tag">{code}</span>}{" "}
        {isUndone && <b class="bad">undone </b>}
        <span class="note">{summary}</span>
      </span>
      <span class="who note">
        {actors.map((actor) => (
          <a key={actor} href={linkToActor(actor, { ledger, seq })}>
            {actor}
          </a>
        ))}
        {correlation && (
          <a href={linkTo(`/machines/sequence/${encodeURIComponent(correlation)}`, { ledger })}>
            sequence
          </a>
        )}
      </span>
    </li>
  );
}
