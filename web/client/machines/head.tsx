import { Section } from "../parts/layout.tsx";
import { moment as momentWords } from "../parts/words.ts";
import { LedgerChoice, ledgerAsked } from "./ledger-choice.tsx";
import { showMoment } from "./slider.tsx";
import type { Moment, Step } from "./words.ts";
import { correlationOf, laneIn, leavesOf, linkTo } from "./words.ts";

interface HeadProps {
  readonly name: string;
  readonly moment: Moment | null;
  readonly shown: Step | null;
  readonly readAt: number;
}

/** What an actor is, how it stands, and where else it is shown. */
export function ActorHead({ name, moment, shown, readAt }: HeadProps) {
  const ledger = ledgerAsked();
  const correlation = correlationOf(name);
  const lane = laneIn(moment?.context);
  const at = shown?.at ?? moment?.at;
  const states = leavesOf(shown?.to ?? moment?.active ?? []);
  return (
    <Section title={name} readAt={readAt} tools={<LedgerChoice />}>
      <div class="about">
        <p class="states" data-states={states.join(" ")}>
          {states.map((id) => (
            <span key={id} class="tag lit">
              {id.split(".").slice(1).join(" ") || id}
            </span>
          ))}
          {moment?.tags.map((tag) => (
            <span key={tag} class="tag">
              {tag}
            </span>
          ))}
          {moment && !moment.isLive && <span class="tag">not alive</span>}
        </p>
        <nav class="facts" aria-label="Elsewhere">
          <a href={linkTo("/machines", { ledger })}>All actors</a>
          <a href={linkTo("/journal", { ledger, actor: name })}>Journal</a>
          {correlation && (
            <a href={linkTo(`/machines/sequence/${encodeURIComponent(correlation)}`, { ledger })}>
              Sequence
            </a>
          )}
          {correlation && !ledger && (
            <a href={`/trades/${encodeURIComponent(correlation)}`}>Trade</a>
          )}
          {lane && !ledger && (
            <a href={linkTo(`/trade/${encodeURIComponent(lane)}`, { at })}>Chart at that time</a>
          )}
          {moment && (
            <span class="note">
              {moment.steps} steps, records {moment.first} to {moment.latest}
            </span>
          )}
        </nav>
      </div>
    </Section>
  );
}

interface PastProps {
  readonly seq: number | undefined;
  readonly at: number | undefined;
  readonly ledger: string | undefined;
}

/** Says that what is shown is over, and of which ledger it is. */
export function PastBanner({ seq, at, ledger }: PastProps) {
  return (
    <p class="past" role="status">
      <b>The past{ledger && ` of ledger ${ledger}`}</b>
      <span>
        {seq === undefined ? "As it ended" : `After record ${seq}`}
        {at !== undefined && `, ${momentWords(at)}`}
        <span class="phone-hidden">. The actor itself is not touched.</span>
      </span>
      {seq !== undefined && (
        <button type="button" onClick={() => showMoment(null)}>
          {ledger ? "To its end" : "Back to live"}
        </button>
      )}
    </p>
  );
}
