import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { call } from "./api.ts";
import { askCommand, type Emergency, emergencies, isRequested } from "./commands.tsx";
import { heardAt, isStale, now, type Strip, strip } from "./live.ts";
import { Control, LooksOn } from "./parts/control.tsx";
import { Dialog } from "./parts/dialog.tsx";
import { ModeBadge } from "./parts/mode.tsx";
import { money, percent, signed, span } from "./parts/words.ts";

const titles: Readonly<Record<Emergency | "resume", string>> = {
  pause: "Pause entries",
  flatten: "Flatten: sell all positions",
  halt: "Halt: no new exposure",
  resume: "Resume trading",
};

const verbs: Readonly<Record<Emergency | "resume", string>> = {
  pause: "Pause",
  flatten: "Flatten",
  halt: "Halt",
  resume: "Resume",
};

/** Asks the operator whether to stop, or to go on, saying what will happen. */
export function askBrake(name: Emergency | "resume"): void {
  const seen = strip.value?.brakes.map(({ brakeId }) => brakeId);
  void askCommand({
    name,
    title: titles[name],
    consequence: async () =>
      (await call("GET /api/v1/consequences/:command", { params: { command: name } })).text,
    confirm: verbs[name],
    // What stops the desk is right whatever is on; what lets it go on must know what that is.
    ...(name === "resume" && { isSlow: true, expected: { ...(seen && { brakes: seen }) } }),
  });
}

/** Pause, Flatten and Halt: on every page, never behind a menu, disabled by a lesser role alone. */
export function Brakes() {
  return (
    <fieldset class="brakes">
      <legend>Emergency brakes</legend>
      {emergencies.map((name) => (
        <Control key={name} class={`brake ${name}`} onClick={() => askBrake(name)}>
          {isRequested(name) ? `${verbs[name]}: requested` : verbs[name]}
        </Control>
      ))}
    </fieldset>
  );
}

/** The brakes in a window, for the keyboard: one key opens it. */
export function EmergencyDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Emergency brakes" onClose={onClose}>
      <LooksOn />
      <div class="emergency">
        {emergencies.map((name) => (
          <Control
            key={name}
            class={`brake ${name}`}
            onClick={() => {
              onClose();
              askBrake(name);
            }}
          >
            {titles[name]}
          </Control>
        ))}
      </div>
      <div class="dialog-buttons">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </Dialog>
  );
}

/** What every page shows above its own. */
export function StatusStrip() {
  const [isOpen, setOpen] = useState(false);
  const told = strip.value;
  return (
    <header class={`strip ${told?.mode ?? ""} ${isStale() ? "stale" : ""}`}>
      <div class="strip-line">
        <ModeBadge mode={told?.mode ?? null} />
        <Running told={told} />
        {told && <Day told={told} />}
        <button
          type="button"
          class="strip-more"
          aria-expanded={isOpen}
          aria-controls="strip-rest"
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? "Less" : "More"}
        </button>
        <Brakes />
      </div>
      <Link />
      <LooksOn />
      {told && (
        <dl class={isOpen ? "strip-rest open" : "strip-rest"} id="strip-rest">
          <Rest told={told} />
        </dl>
      )}
      {told && told.brakes.length > 0 && <BrakesOn told={told} isOpen={isOpen} />}
    </header>
  );
}

/** Says in words that what is shown is old. */
function Link() {
  if (!isStale()) return null;
  const silent = span(now.value - heardAt.value);
  return (
    <p class="strip-link" role="status">
      {heardAt.value === 0
        ? "Connecting to the desk"
        : `The desk was last heard ${silent} ago: numbers are old. Trying again. The brakes can be used all the same.`}
    </p>
  );
}

const states: Readonly<Record<Strip["state"], string>> = {
  reconciling: "Reconciling",
  running: "Running",
  braked: "Braked",
};

function Running({ told }: { readonly told: Strip | null }) {
  if (!told) return <span class="state">State not known</span>;
  const canResume = told.brakes.some(
    ({ kind, scope }) => scope === "desk" && (kind === "pause" || kind === "halt"),
  );
  return (
    <span class="strip-state">
      <strong class={`state ${told.state}`}>
        {[states[told.state], ...told.brakes.map(({ brakeId }) => brakeId)].join(" ")}
      </strong>
      {canResume && (
        <Control class="resume" onClick={() => askBrake("resume")}>
          {isRequested("resume") ? "Resume: requested" : "Resume"}
        </Control>
      )}
    </span>
  );
}

function Day({ told: { day, quote } }: { readonly told: Strip }) {
  const tone = day.pnl > 0 ? "good" : day.pnl < 0 ? "bad" : "";
  return (
    <span class="strip-day">
      <span class="dim">Day </span>
      <span class={`figure-line ${tone}`}>
        {signed(day.pnl)} {quote}
      </span>
      <span class="dim">
        {" "}
        {day.lossShare > 0
          ? `lost ${percent(day.lossShare)} of ${percent(day.lossLimit, 1)}`
          : `limit −${percent(day.lossLimit, 1)}`}
      </span>
    </span>
  );
}

function Rest({ told }: { readonly told: Strip }) {
  const { exposure, exposureCap, quote, links } = told;
  const shown = exposure === null ? "not known" : money(exposure, quote);
  return (
    <>
      <Fact name="Market">{told.market}</Fact>
      {links.map((link) => (
        <Fact key={link.account} name={link.account} tone={linkTone(link)}>
          {linkWords(link)}
        </Fact>
      ))}
      <Fact name="Exposure">
        {shown}
        {exposureCap === null ? ", no cap" : ` of ${money(exposureCap, quote)}`}
      </Fact>
      <Fact name="Clock">{told.clock ?? "not compared"}</Fact>
      <Fact name="Last error" tone={told.lastAlarm === null ? "" : "warn"}>
        {told.lastAlarm === null ? "none" : `${told.lastAlarm} (${told.alarms} in all)`}
      </Fact>
      <Fact name="Version">{told.version}</Fact>
    </>
  );
}

type LinkShown = Strip["links"][number];

const linkTone = ({ fault, state }: LinkShown): string =>
  fault !== null || state === "differing" ? "bad" : "";

function linkWords({ state, fault, dataAgeMs, dataAgeOf }: LinkShown): string {
  const data =
    dataAgeMs === null ? "no data yet" : `last bar of ${dataAgeOf} ${span(dataAgeMs)} old`;
  return `${state}, ${data}${fault === null ? "" : `; ${fault}`}`;
}

interface FactProps {
  readonly name: string;
  readonly tone?: string;
  readonly children: ComponentChildren;
}

function Fact({ name, tone = "", children }: FactProps) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd class={tone}>{children}</dd>
    </div>
  );
}

/** Each brake with its reason and what ends it. */
function BrakesOn({ told, isOpen }: { readonly told: Strip; readonly isOpen: boolean }) {
  return (
    <ul class={isOpen ? "brakes-on open" : "brakes-on"} aria-label="Brakes that are on">
      {told.brakes.map(({ brakeId, reason, releasedBy, since }) => (
        <li key={brakeId}>
          <strong>{brakeId}</strong>: {reason}, for {span(told.at - since)}; released by{" "}
          {releasedBy}
        </li>
      ))}
    </ul>
  );
}
