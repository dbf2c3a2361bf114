import { useState } from "preact/hooks";
import { type Answer, call } from "../api.ts";
import { useView } from "../live.ts";
import { Confirm } from "../parts/confirm.tsx";
import { Control } from "../parts/control.tsx";
import { Empty, Section, Table } from "../parts/layout.tsx";
import { moment } from "../parts/words.ts";
import { query, setQuery } from "../router.ts";

type Shown = Answer<"GET /api/v1/configuration">;

function Pending({ pending }: { readonly pending: Shown["pending"] }) {
  if (pending.problem !== null) {
    return (
      <>
        <p class="error">The configuration as it now stands cannot be used:</p>
        <pre class="problem">{pending.problem}</pre>
      </>
    );
  }
  return (
    <Table
      label="What reading it again would change"
      head={["Key", "In force", "Written now", "Counts"]}
      none="The file and the environment say what is in force"
      rows={pending.changes.map(({ path, from, to, effect, why }) => [
        <code key="path">{path}</code>,
        from,
        to,
        why ?? effect,
      ])}
    />
  );
}

/** Has the desk read its configuration again; what it takes up and what it refuses, in words. */
function ReadAgain({ pending, onRead }: { pending: Shown["pending"]; onRead(): void }) {
  const [isAsking, ask] = useState(false);
  const { changes, problem } = pending;
  const count = changes.length === 1 ? "1 key" : `${changes.length} keys`;
  const foreseen =
    changes.length === 0 ? "As it stands, nothing would change." : `It would change ${count}.`;
  const run = async () => {
    const { done, text } = await call("POST /api/v1/configuration/reload", {});
    onRead();
    if (!done) throw new Error(text);
    return `Configuration read again: ${text}`;
  };
  return (
    <>
      <Control
        needs="admin"
        refused={problem === null ? null : "The configuration as written cannot be used"}
        onClick={() => ask(true)}
      >
        Read it again…
      </Control>
      {isAsking && (
        <Confirm
          onClose={() => ask(false)}
          deed={{
            title: "Read the configuration again",
            consequence: `What is safe to change while the desk runs is taken up at once, what is not is refused and named. ${foreseen} It is recorded in the journal.`,
            confirm: "Read it again",
            run,
          }}
        />
      )}
    </>
  );
}

function Settings({ settings }: { readonly settings: Shown["settings"] }) {
  const [isAll, showAll] = useState(false);
  const text = (query.value.get("text") ?? "").toLowerCase();
  const shown = settings.filter(
    ({ path, about, isDefault }) =>
      (isAll || text !== "" || !isDefault) && `${path} ${about}`.toLowerCase().includes(text),
  );
  return (
    <>
      <div class="filters">
        <label>
          Key{" "}
          <input
            type="search"
            data-filter
            value={query.value.get("text") ?? ""}
            onInput={(event) => setQuery({ text: event.currentTarget.value })}
          />
        </label>
        <button type="button" aria-pressed={isAll} onClick={() => showAll(!isAll)}>
          {isAll ? "Only what is not default" : `All ${settings.length} keys`}
        </button>
      </div>
      <Table
        label="Values in force"
        head={["Key", "Value", "From", "A change counts"]}
        none="Every value is the default"
        rows={shown.map(({ path, value, origin, about, changes }) => [
          <span key="path">
            <code>{path}</code>
            <span class="note block">{about}</span>
          </span>,
          value === "" ? "none" : value,
          origin,
          changes,
        ])}
      />
    </>
  );
}

/** What the desk goes by, where each value comes from, and how it came to be. */
export function ConfigurationPage() {
  const { data, error, readAt, reload } = useView(
    "GET /api/v1/configuration",
    {},
    ({ kind }) => kind === "configuration" || kind === "start",
  );
  return (
    <>
      <Section title="Values in force" readAt={readAt} error={error}>
        {data && <Settings settings={data.settings} />}
      </Section>
      {data && (
        <>
          <Section title="Secrets" readAt={readAt}>
            <Table
              label="Secrets"
              head={["Name", "From"]}
              none="No secret is needed on paper"
              rows={data.secrets.map(({ name, origin }) => [
                <code key="name">{name}</code>,
                origin,
              ])}
            />
          </Section>
          <Section
            title="What reading it again would change"
            readAt={readAt}
            tools={<ReadAgain pending={data.pending} onRead={reload} />}
          >
            <Pending pending={data.pending} />
          </Section>
          <Section title="Changes on this ledger" readAt={readAt}>
            {data.history.length === 0 && <Empty>Nothing was changed since the ledger began</Empty>}
            {data.history.map(({ seq, at, text, changes }) => (
              <div key={seq} class="change">
                <p>
                  {moment(at)} UTC, <a href={`/journal/${seq}`}>record {seq}</a>: {text}
                </p>
                {changes.length > 0 && (
                  <Table
                    label={`Changes of record ${seq}`}
                    head={["Key", "From", "To"]}
                    none=""
                    rows={changes.map(({ path, from, to }) => [path, from, to])}
                  />
                )}
              </div>
            ))}
          </Section>
        </>
      )}
    </>
  );
}
