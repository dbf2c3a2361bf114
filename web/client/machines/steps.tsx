import { useEffect, useRef } from "preact/hooks";
import { Empty, Section } from "../parts/layout.tsx";
import { moment } from "../parts/words.ts";
import { query, setQuery } from "../router.ts";
import { isSame, type StepBook } from "./step-book.ts";
import type { Step } from "./words.ts";
import { eventWords, linkToActor, moveWords } from "./words.ts";

interface StepsProps {
  readonly book: StepBook;
  readonly shown: Step | null;
}

/** An actor's transitions, the last one first; one click shows how it stood there. */
export function StepList({ book, shown }: StepsProps) {
  const event = query.value.get("event") ?? "";
  const all = book.steps.value;
  const wanted = event.toLowerCase();
  const steps = all.filter(({ event: { type } }) =>
    `${type} ${eventWords(type)}`.toLowerCase().includes(wanted),
  );
  const tools = (
    <input
      type="search"
      class="narrow"
      aria-label="Filter steps by event"
      placeholder="Event"
      value={event}
      onInput={({ currentTarget }) => setQuery({ event: currentTarget.value })}
    />
  );
  return (
    <Section title="Steps" tools={tools} error={book.error.value}>
      <p class="note">
        {steps.length} of {all.length} read{book.hasEarlier.value && ", there are earlier ones"}
      </p>
      {steps.length === 0 && <Empty>No step of that event among those that were read</Empty>}
      <ol class="steps" reversed>
        {steps.toReversed().map((step) => (
          <StepLine
            key={`${step.seq}.${step.index}`}
            book={book}
            step={step}
            isShown={shown !== null && isSame(step, shown)}
          />
        ))}
      </ol>
      {book.hasEarlier.value && (
        <button type="button" onClick={() => void book.readEarlier()}>
          Earlier steps
        </button>
      )}
      {book.hasLater.value && (
        <button type="button" onClick={() => void book.readLater()}>
          Later steps
        </button>
      )}
    </Section>
  );
}

interface LineProps {
  readonly book: StepBook;
  readonly step: Step;
  readonly isShown: boolean;
}

function StepLine({ book, step, isShown }: LineProps) {
  const line = useRef<HTMLLIElement>(null);
  useEffect(() => {
    const [it, list] = [line.current, line.current?.parentElement];
    if (!isShown || !it || !list) return;
    // Within the list alone: the page stays where it is.
    const above = it.offsetTop;
    if (above < list.scrollTop || above + it.offsetHeight > list.scrollTop + list.clientHeight) {
      list.scrollTop = above - list.clientHeight / 3;
    }
  }, [isShown]);
  const { seq, index, at, event, isIgnored } = step;
  return (
    <li ref={line} class={isIgnored ? "ignored" : ""}>
      <a
        href={linkToActor(book.name, {
          ...Object.fromEntries(query.value),
          ...{ seq, step: index },
        })}
        aria-current={isShown ? "step" : undefined}
      >
        <b>{eventWords(event.type)}</b> <span class="note">{moment(at).slice(11)}</span>{" "}
        <span class="note">#{seq}</span>
        <br />
        {isIgnored ? "ignored" : moveWords(step)}
      </a>
    </li>
  );
}
