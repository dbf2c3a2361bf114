import { useEffect, useRef, useState } from "preact/hooks";
import { call } from "../api.ts";
import { Section } from "../parts/layout.tsx";
import { ChangeList, GuardList } from "./json.tsx";
import { SendByHand } from "./send.tsx";
import type { Guess, Moment } from "./words.ts";
import { moveWords } from "./words.ts";

/** An event that was chosen, and whether it is to be asked about at once. */
export interface Chosen {
  readonly type: string;
  readonly isAsked: boolean;
}

interface WhatIfProps {
  readonly moment: Moment;
  readonly ledger: string | undefined;
  readonly isPast: boolean;
  /** The event that was chosen among those that are heard. */
  readonly chosen: Chosen;
  choose(chosen: Chosen): void;
  readonly guess: Guess | null;
  /** Gives what it would do to the chart. */
  tell(guess: Guess | null): void;
}

/** Reads a payload that was typed. @throws {SyntaxError} if it is not an object in JSON */
function payloadOf(text: string): Record<string, unknown> {
  const value: unknown = text.trim() === "" ? {} : JSON.parse(text);
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new SyntaxError('Cannot read the payload: wanted an object such as {"reason": "test"}');
  }
  return value as Record<string, unknown>;
}

/** Asks what the chosen event would do; tells nothing once something else is chosen. */
function useGuess({ moment, ledger, isPast, chosen, tell }: WhatIfProps) {
  const [text, setText] = useState("");
  const [error, setError] = useState<string | null>(null);
  const wanted = () => ({ ...payloadOf(text), type: chosen.type });
  const ask = async () => {
    try {
      const seq = isPast ? moment.seq : undefined;
      const body = { actor: moment.name, ledger, seq, event: wanted() };
      tell(await call("POST /api/v1/what-if", { body }));
      setError(null);
    } catch (thrown) {
      tell(null);
      setError(thrown instanceof Error ? thrown.message : String(thrown));
    }
  };
  useEffect(() => tell(null), [moment.name, moment.changedSeq, chosen.type]);
  useEffect(() => {
    if (chosen.isAsked) void ask();
  }, [chosen]);
  return { text, setText, error, wanted, ask };
}

/** What an event would do, without doing it; on paper some may then be sent. */
export function WhatIf(props: WhatIfProps) {
  const { moment, isPast, chosen, choose, guess, tell } = props;
  const event = chosen.type;
  const { text, setText, error, wanted, ask } = useGuess(props);
  const maySend = moment.next.some((each) => each.event === event && each.maySend);
  return (
    <Section title="What if" error={error}>
      <form
        class="what-if"
        onSubmit={(submitted) => {
          submitted.preventDefault();
          void ask();
        }}
      >
        <label>
          <span>Event</span>
          <input
            list="events-heard"
            required
            value={event}
            onInput={({ currentTarget }) => choose({ type: currentTarget.value, isAsked: false })}
          />
        </label>
        <datalist id="events-heard">
          {moment.next.map(({ event: type, label }) => (
            <option key={type} value={type}>
              {label}
            </option>
          ))}
        </datalist>
        <label>
          <span>Payload, JSON</span>
          <textarea
            rows={2}
            spellcheck={false}
            placeholder="{}"
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
        <div class="row">
          <button type="submit">What if</button>
          {guess && (
            <button type="button" onClick={() => tell(null)}>
              Forget
            </button>
          )}
        </div>
      </form>
      {!isPast && moment.isLive && (
        <div class="row">
          <SendByHand {...{ moment, maySend }} event={wanted} type={event} />
        </div>
      )}
      {guess && <Outcome guess={guess} />}
    </Section>
  );
}

/** What stays in view above an outcome: the form that asked for it. */
const sideRoomPx = 240;

function Outcome({ guess }: { readonly guess: Guess }) {
  const outcome = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const side = outcome.current?.closest(".actor-side");
    // Where the column scrolls by itself, the chart stays in view.
    if (!side || side.scrollHeight <= side.clientHeight) outcome.current?.scrollIntoView();
    else side.scrollTop = (outcome.current?.offsetTop ?? 0) - sideRoomPx;
  }, [guess]);
  return (
    <div ref={outcome} class="outcome" role="status">
      <p>
        <b>{guess.isIgnored ? "It would be ignored" : `It would: ${moveWords(guess)}`}</b>
        <span class="note"> Nothing was done.</span>
      </p>
      {guess.error && <p class="error">It would throw: {guess.error}</p>}
      <h3>Guards</h3>
      <GuardList guards={guess.guards} />
      <h3>Context</h3>
      <ChangeList changed={guess.changed} />
      {guess.wants.length > 0 && (
        <>
          <h3>It would want</h3>
          <ul class="plain">
            {guess.wants.map((want, index) => (
              <li key={index}>{want}</li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
