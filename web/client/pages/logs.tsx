import { useEffect, useRef, useState } from "preact/hooks";
import { type Answer, call } from "../api.ts";
import { useView } from "../live.ts";
import { notify } from "../notices.tsx";
import { lacking } from "../parts/control.tsx";
import { Empty, Section } from "../parts/layout.tsx";
import { moment } from "../parts/words.ts";
import { query, setQuery } from "../router.ts";

type Line = Answer<"GET /api/v1/logs">["lines"][number];

const levels = ["debug", "info", "warn", "error"] as const;

function Filters({ isHeld, hold }: { readonly isHeld: boolean; hold(held: boolean): void }) {
  const { value: asked } = query;
  const set = (name: string) => (event: Event) =>
    setQuery({ [name]: (event.currentTarget as HTMLInputElement).value });
  return (
    <div class="filters">
      <label>
        From level{" "}
        <select value={asked.get("level") ?? "info"} onChange={set("level")}>
          {levels.map((level) => (
            <option key={level}>{level}</option>
          ))}
        </select>
      </label>
      <label>
        Actor <input type="search" value={asked.get("actor") ?? ""} onInput={set("actor")} />
      </label>
      <label>
        Text{" "}
        <input type="search" data-filter value={asked.get("text") ?? ""} onInput={set("text")} />
      </label>
      <button type="button" aria-pressed={isHeld} onClick={() => hold(!isHeld)}>
        {isHeld ? "Follow" : "Hold"}
      </button>
    </div>
  );
}

interface WrittenProps {
  readonly level: Line["level"];
  onSet(error: string | null): void;
}

/** From which level on the log itself writes; an admin sets it until the desk ends. */
function Written({ level, onSet }: WrittenProps) {
  const why = lacking("admin");
  const set = async (wanted: Line["level"]) => {
    try {
      const now = await call("PUT /api/v1/log/level", { body: { level: wanted } });
      notify(`The log writes from "${now.level}" on until the desk ends`, "good");
      onSet(null);
    } catch (cause) {
      onSet(cause instanceof Error ? cause.message : String(cause));
    }
  };
  return (
    <label class="log-written" title={why ?? undefined}>
      The log writes from{" "}
      <select
        value={level}
        disabled={why !== null}
        onChange={({ currentTarget }) => {
          const wanted = levels.find((each) => each === currentTarget.value) ?? level;
          // What stands there is what the desk says, not what was wished.
          currentTarget.value = level;
          void set(wanted);
        }}
      >
        {levels.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
      {why && <span class="note"> {why}</span>}
    </label>
  );
}

function LogLine({ line }: { readonly line: Line }) {
  const { level, writtenAt, message, event, actor, seq, details } = line;
  return (
    <li class={`log-line ${level}`}>
      <span class="log-time">{moment(writtenAt).slice(11)}</span>
      <span class="log-level">{level}</span>
      <span class="log-text">
        {message} <span class="note">{event}</span>
        {actor && (
          <a class="log-link" href={`/machines/${encodeURIComponent(actor)}`}>
            {actor}
          </a>
        )}
        {seq !== null && (
          <a class="log-link" href={`/journal/${seq}`}>
            record {seq}
          </a>
        )}
        {details !== null && details !== undefined && (
          <details>
            <summary>details</summary>
            <pre>{JSON.stringify(details, null, 2)}</pre>
          </details>
        )}
      </span>
    </li>
  );
}

/** What the address asks for. */
function filterOf(asked: URLSearchParams) {
  return {
    level: levels.find((each) => each === asked.get("level")) ?? "info",
    actor: asked.get("actor") ?? undefined,
    text: asked.get("text") ?? undefined,
  } as const;
}

/** The log of this process: the last lines, filtered, followed or held. */
export function Logs() {
  const [isHeld, hold] = useState(false);
  const [older, setOlder] = useState<readonly Line[]>([]);
  const [error, setError] = useState<string | null>(null);
  const filter = filterOf(query.value);
  const view = useView("GET /api/v1/logs", { query: filter });
  const held = useRef(view.data);
  if (!isHeld) held.current = view.data;
  const data = held.current;
  const key = JSON.stringify(filter);
  useEffect(() => setOlder([]), [key]);
  const lines = [...(data?.lines ?? []), ...older];
  const readOlder = async () => {
    const before = lines.at(-1)?.id;
    if (before === undefined) return;
    try {
      const more = await call("GET /api/v1/logs", { query: { ...filter, before } });
      hold(true);
      setOlder([...older, ...more.lines]);
      setError(null);
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
    }
  };
  const copy = () =>
    navigator.clipboard
      .writeText(lines.map((line) => JSON.stringify(line)).join("\n"))
      .catch((cause: unknown) => setError(`Cannot copy: ${cause}`));
  return (
    <Section
      title="Log of this process"
      readAt={view.readAt}
      error={error ?? view.error}
      tools={
        <button type="button" onClick={copy}>
          Copy
        </button>
      }
    >
      <Filters isHeld={isHeld} hold={hold} />
      {data && (
        <>
          <Written
            level={(view.data ?? data).level}
            onSet={(failure) => {
              setError(failure);
              view.reload();
            }}
          />
          <p class="note">
            Here is what was said from "info" on since this process began, whatever is written.
            {data.lost > 0 && ` ${data.lost} lines could not be written.`}
          </p>
        </>
      )}
      {data && lines.length === 0 && <Empty>No line matches</Empty>}
      <ol class="log" aria-label="Lines, newest first">
        {lines.map((line) => (
          <LogLine key={line.id} line={line} />
        ))}
      </ol>
      {data?.more && (
        <button type="button" onClick={readOlder}>
          Older lines
        </button>
      )}
    </Section>
  );
}
