import { useState } from "preact/hooks";
import { type Answer, call } from "../api.ts";
import { useView } from "../live.ts";
import { Confirm, type Deed } from "../parts/confirm.tsx";
import { Paged, Section, Table } from "../parts/layout.tsx";
import { moment } from "../parts/words.ts";
import { query, setQuery } from "../router.ts";
import { session } from "../session.ts";
import { KeyMaker } from "./key-maker.tsx";

type Key = Answer<"GET /api/v1/keys">["keys"][number];

const never = () => false;

/** Who is let in, and what they did. */
export function Operators() {
  if (session.value?.role !== "admin") {
    return (
      <p class="empty">
        Keys, sessions and the record of actions are shown to the role admin; yours is{" "}
        {session.value?.role}.
      </p>
    );
  }
  return (
    <>
      <Keys />
      <Sessions />
      <Actions />
    </>
  );
}

function Keys() {
  const { data, error, readAt, reload } = useView("GET /api/v1/keys", {}, never);
  const [doomed, setDoomed] = useState<Deed | null>(null);
  const revoke = ({ id, name }: Key) =>
    setDoomed({
      title: `Revoke key "${name}"`,
      consequence: `Its sessions end at once, and it never lets anybody in again.`,
      confirm: `Revoke ${name}`,
      run: async () => {
        await call("DELETE /api/v1/keys/:id", { params: { id } });
        reload();
        return `Key "${name}" is revoked`;
      },
    });
  return (
    <Section title="Keys" readAt={readAt} error={error} tools={<KeyMaker onMade={reload} />}>
      <Table
        label="Keys"
        minor={[2, 3]}
        none="There is no key"
        head={["Name", "Role", "Created", "Last used", "State"]}
        rows={(data?.keys ?? []).map((key) => [
          key.name,
          key.role,
          moment(key.createdAt),
          key.usedAt === null ? "never" : moment(key.usedAt),
          key.revokedAt === null ? (
            <button
              key="revoke"
              type="button"
              aria-label={`Revoke ${key.name}`}
              onClick={() => revoke(key)}
            >
              Revoke
            </button>
          ) : (
            `revoked ${moment(key.revokedAt)}`
          ),
        ])}
      />
      {doomed && <Confirm deed={doomed} onClose={() => setDoomed(null)} />}
    </Section>
  );
}

function Sessions() {
  const { data, error, readAt, reload } = useView("GET /api/v1/sessions", {}, never);
  const [doomed, setDoomed] = useState<Deed | null>(null);
  return (
    <Section title="Sessions" readAt={readAt} error={error}>
      <Table
        label="Sessions"
        minor={[1, 2, 3, 5]}
        none="Nobody is signed in"
        head={["Who", "Role", "From", "Begun", "Last seen", "Ends", ""]}
        rows={(data?.sessions ?? []).map(({ id, name, role, from, isOwn, ...times }) => [
          isOwn ? `${name} (this one)` : name,
          role,
          from,
          moment(times.createdAt),
          moment(times.seenAt),
          moment(times.endsAt),
          <button
            key="end"
            type="button"
            aria-label={`End session of ${name}`}
            onClick={() =>
              setDoomed({
                title: `End a session of ${name}`,
                consequence: isOwn ? "It is your own: you are signed out." : `From ${from}.`,
                confirm: "End the session",
                run: async () => {
                  await call("DELETE /api/v1/sessions/:id", { params: { id } });
                  reload();
                  return `The session of ${name} is ended`;
                },
              })
            }
          >
            End
          </button>,
        ])}
      />
      {doomed && <Confirm deed={doomed} onClose={() => setDoomed(null)} />}
    </Section>
  );
}

function Actions() {
  const asked = query.value;
  const [before, outcome] = [asked.get("before"), asked.get("outcome")];
  const filter = {
    who: asked.get("who") ?? undefined,
    what: asked.get("what") ?? undefined,
    ...(outcome && { outcome: outcome as "done" }),
    ...(before && { before }),
  };
  const { data, error, readAt, reload } = useView("GET /api/v1/actions", { query: filter }, never);
  const last = data?.actions.at(-1)?.id;
  return (
    <Section title="Record of actions" readAt={readAt} error={error} tools={<Filter />}>
      <Table
        label="Record of actions"
        minor={[3, 5]}
        none="Nothing was done that the filter lets through"
        head={["When", "Who", "What", "On what", "Outcome", "From"]}
        rows={(data?.actions ?? []).map((each) => [
          moment(each.at),
          `${each.who} (${each.role})`,
          each.what,
          each.target ?? "",
          <span key="outcome" class={each.outcome === "done" ? undefined : "warn"}>
            {each.outcome}: {each.text}
          </span>,
          each.from,
        ])}
      />
      <div class="filters older">
        <button type="button" onClick={reload}>
          Read again
        </button>
        <Paged isOlder={Boolean(before)} next={data?.more ? last : undefined} />
      </div>
    </Section>
  );
}

function Filter() {
  const asked = query.value;
  const change = (name: string) => (event: { currentTarget: { value: string } }) =>
    setQuery({ [name]: event.currentTarget.value.trim(), before: null });
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      <input
        aria-label="Who"
        placeholder="who"
        value={asked.get("who") ?? ""}
        onChange={change("who")}
      />
      <input
        aria-label="What, such as command or session.begin"
        placeholder="what, such as command"
        value={asked.get("what") ?? ""}
        onChange={change("what")}
      />
      <select aria-label="Outcome" value={asked.get("outcome") ?? ""} onChange={change("outcome")}>
        <option value="">any outcome</option>
        <option value="done">done</option>
        <option value="refused">refused</option>
        <option value="failed">failed</option>
      </select>
    </form>
  );
}
