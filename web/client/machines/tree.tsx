import type { Answer } from "../api.ts";
import { useView } from "../live.ts";
import { Empty, Section } from "../parts/layout.tsx";
import { moment } from "../parts/words.ts";
import { query } from "../router.ts";
import { Choice, Field } from "./fields.tsx";
import { IndexNote, useIndexed } from "./indexed.tsx";
import { Countdown } from "./inspect.tsx";
import { LedgerChoice, ledgerAsked } from "./ledger-choice.tsx";
import { linkTo, linkToActor } from "./words.ts";

type Row = Answer<"GET /api/v1/actors">["actors"][number];

/** Rows below those that made them, with how deep they are; a row whose maker is not here is on top. */
function inTree(rows: readonly Row[]): { row: Row; depth: number }[] {
  const names = new Set(rows.map(({ name }) => name));
  const below = Map.groupBy(rows, ({ parent }) => (parent && names.has(parent) ? parent : null));
  const placed: { row: Row; depth: number }[] = [];
  const place = (parent: string | null, depth: number) => {
    for (const row of below.get(parent) ?? []) {
      placed.push({ row, depth });
      if (row.name !== parent) place(row.name, depth + 1);
    }
  };
  place(null, 0);
  return placed;
}

/** The actors of the desk, or of another ledger, below those that made them. */
export function ActorTree() {
  const ledger = ledgerAsked();
  const asked = query.value;
  const archived = asked.get("archived") === "yes" ? "yes" : "no";
  const text = asked.get("text") ?? "";
  const { data, error, readAt } = useIndexed(
    useView(
      "GET /api/v1/actors",
      { query: { ledger, text, archived } },
      ({ actors }) => ledger === undefined && actors.length > 0,
    ),
  );
  const state = (asked.get("state") ?? "").toLowerCase();
  const kind = asked.get("kind") ?? "";
  const all = data?.actors ?? [];
  const rows = all.filter(
    (row) =>
      (kind === "" || row.kind === kind) &&
      `${row.state} ${row.tags.join(" ")}`.toLowerCase().includes(state),
  );
  const kinds = [...new Set(all.map((row) => row.kind))];
  return (
    <Section title="Actors" readAt={readAt} error={error} tools={<LedgerChoice />}>
      <search class="fields">
        <Field name="text" title="Name" placeholder="BTC/USD" />
        <Choice
          name="kind"
          title="Kind"
          choices={[["", "all"], ...kinds.map((each) => [each, each] as const)]}
        />
        <Field name="state" title="State or tag" placeholder="open" />
        <Choice
          name="archived"
          title="Which"
          choices={[
            ["", "living"],
            ["yes", "archived"],
          ]}
        />
      </search>
      <p class="note">
        {rows.length} {archived === "yes" ? "archived" : "living"}
        {data?.more && ", the first of more: search by name to narrow it down"}
      </p>
      <IndexNote indexed={data?.indexed} />
      {data && rows.length === 0 && <Empty>No actor is like that</Empty>}
      <ul class="tree">
        {inTree(rows).map(({ row, depth }) => (
          <ActorLine key={row.name} row={row} depth={depth} ledger={ledger} />
        ))}
      </ul>
    </Section>
  );
}

/** A tag that says more than the state does. */
const isMore = (state: string) => (tag: string) => tag !== state;

interface LineProps {
  readonly row: Row;
  readonly depth: number;
  readonly ledger: string | undefined;
}

function ActorLine({ row, depth, ledger }: LineProps) {
  const { name, kind, state, tags, seq } = row;
  return (
    <li style={{ "--depth": depth }}>
      <a href={linkToActor(name, { ledger })}>
        {name.startsWith(`${kind}:`) ? (
          <>
            <span class="kind">{kind}</span> {name.slice(kind.length + 1)}
          </>
        ) : (
          <span class="kind">{name}</span>
        )}
      </a>
      <span key={seq} class="now">
        {state}
        {tags.filter(isMore(state)).map((tag) => (
          <span key={tag} class="tag">
            {tag}
          </span>
        ))}
      </span>
      <Counts row={row} ledger={ledger} />
    </li>
  );
}

/** How its supervision stands, what it waits for, and where else it is told of. */
function Counts({ row, ledger }: Omit<LineProps, "depth">) {
  const { correlation, restarts, faults, supervision, waiting, timers, seq, at } = row;
  return (
    <span class="counts note">
      {restarts > 0 && <b class="warn">{restarts} restarts</b>}
      {faults > 0 && <b class="warn">{faults} faults</b>}
      {supervision !== "up" && (
        <b class="bad">{supervision === "givenUp" ? "given up" : "waits for a restart"}</b>
      )}
      {waiting > 0 && <span>{waiting} in its queue</span>}
      {timers.map(({ id, label, deadline }) => (
        <span key={id}>
          {label} <Countdown deadline={deadline} />
        </span>
      ))}
      {correlation && (
        <a href={linkTo(`/machines/sequence/${encodeURIComponent(correlation)}`, { ledger })}>
          sequence
        </a>
      )}
      <span>
        <a href={linkTo(`/journal/${seq}`, { ledger })}>#{seq}</a>
        {at !== null && ` ${moment(at).slice(5)}`}
      </span>
    </span>
  );
}
