import { Empty, Section } from "../parts/layout.tsx";
import { moment, span } from "../parts/words.ts";
import { deskNow } from "./desk-time.ts";
import { ChangeList, GuardList, Json } from "./json.tsx";
import type { Moment, Step } from "./words.ts";
import { eventWords, linkTo, linkToActor, moveWords } from "./words.ts";

interface StepProps {
  readonly step: Step;
  readonly ledger: string | undefined;
}

/** One transition: what came, who sent it, how the guards judged, what changed. */
export function StepView({ step, ledger }: StepProps) {
  const { seq, at, event, cause, guards, changed, recordKind, isIgnored } = step;
  const { type, ...payload } = event;
  return (
    <Section title={`Event ${eventWords(type)}`}>
      <p class="facts">
        <span>{isIgnored ? "ignored" : moveWords(step)}</span>
        <span>{moment(at)}</span>
        <span>
          <a href={linkTo(`/journal/${seq}`, { ledger })}>record {seq}</a>, {recordKind}
        </span>
        <span>
          {cause ? (
            <>
              sent by <a href={linkToActor(cause.actor, { ledger, seq })}>{cause.actor}</a> on{" "}
              {eventWords(cause.event)}
            </>
          ) : (
            "from outside"
          )}
        </span>
      </p>
      {Object.entries(payload).map(([key, value]) => (
        <Json key={key} name={key} value={value} />
      ))}
      <h3>Guards, as they judged</h3>
      <GuardList guards={guards} />
      <h3>Context, before and after</h3>
      <ChangeList changed={changed} />
    </Section>
  );
}

/** What runs out when, by the desk's own time, and what it waits for. */
export function Timers({ timers, waiting }: Pick<Moment, "timers" | "waiting">) {
  if (timers.length + waiting.length === 0) return null;
  return (
    <Section title="Waits for">
      <ul class="plain">
        {waiting.map((effect) => (
          <li key={effect}>the answer to {effect}</li>
        ))}
        {timers.map(({ id, label, deadline }) => (
          <li key={id}>
            {label} <Countdown deadline={deadline} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

export function Countdown({ deadline }: { readonly deadline: number }) {
  const at = deskNow();
  return (
    <b class="countdown" title={moment(deadline)}>
      {at === 0 ? moment(deadline) : deadline > at ? `in ${span(deadline - at)}` : "due"}
    </b>
  );
}

interface NextProps {
  readonly next: Moment["next"];
  choose(event: string): void;
}

/** What the state hears, and where it would lead. */
export function NextEvents({ next, choose }: NextProps) {
  return (
    <Section title="Hears next">
      {next.length === 0 && <Empty>No event leads on from here</Empty>}
      <ul class="plain next">
        {next.map(({ event, label, edges }) => (
          <li key={event}>
            <button type="button" class="link" onClick={() => choose(event)}>
              {label}
            </button>
            {edges.map(({ id, guard, targets, passes }) => (
              <span key={id} class="note leads">
                {guard && <Judged guard={guard} passes={passes} />}→ {shortTargets(targets)}
              </span>
            ))}
          </li>
        ))}
      </ul>
    </Section>
  );
}

interface JudgedProps {
  readonly guard: string;
  /** Null where it depends on what the event says. */
  readonly passes: boolean | null;
}

/** A guard, and whether it would pass now. */
function Judged({ guard, passes }: JudgedProps) {
  const [mark, words] =
    passes === null
      ? ["?", "depends on the event"]
      : passes
        ? ["✓", "would pass"]
        : ["✗", "would not pass"];
  return (
    <span class={passes ? "guard passed" : "guard"} title={words}>
      {mark}
      <span class="unseen">{words}</span> {guard}{" "}
    </span>
  );
}

const shortTargets = (targets: readonly string[]) =>
  targets.map((target) => target.split(".").slice(-2).join(".")).join(", ") || "stays";

export function ContextView({ moment: { context, changedSeq } }: { readonly moment: Moment }) {
  return (
    <Section title="Context">
      <p class="note">After record {changedSeq}</p>
      <div class="context">
        {Object.entries((context ?? {}) as object).map(([key, value]) => (
          <Json key={key} name={key} value={value} />
        ))}
      </div>
    </Section>
  );
}
