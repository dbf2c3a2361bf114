import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Given } from "../../api/route.ts";
import type { Routes } from "../../api/routes.ts";
import { call } from "../api.ts";
import { freshKey } from "../commands.tsx";
import { notify } from "../notices.tsx";
import { Control } from "../parts/control.tsx";

type Body = Given<"POST /api/v1/jobs", Routes["POST /api/v1/jobs"]>["body"];

const kinds = {
  backtest: "Backtest",
  optimize: "Optimise",
  walkforward: "Walk forward",
  analyze: "Analyse",
} as const;
const analyses = {
  lookahead: "Look-ahead: past decisions on data that is cut off",
  warmup: "Warm-up: values against longer histories",
  montecarlo: "Monte Carlo: trades in other orders",
  significance: "Significance: entries against random ones",
} as const;

/** `risk.positionCap=1,2` in lines. @throws {RangeError} naming the line that is none */
function pairs(text: string) {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const at = line.indexOf("=");
      if (at < 1) throw new RangeError(`Cannot read "${line}": wanted KEY=VALUE`);
      return { key: line.slice(0, at).trim(), value: line.slice(at + 1).trim() };
    });
}

/** What the form's fields say. @throws {RangeError} */
function bodyOf(form: FormData): Body {
  const text = (name: string) => {
    const value = String(form.get(name) ?? "").trim();
    return value === "" ? undefined : value;
  };
  const number = (name: string) => {
    const value = text(name);
    return value === undefined ? undefined : Number(value);
  };
  const asked = {
    ...{ kind: text("kind"), market: text("market"), from: text("from"), until: text("until") },
    ...{ seed: number("seed"), set: pairs(text("set") ?? ""), vary: pairs(text("vary") ?? "") },
    ...{ series: form.getAll("series").map(String), analysis: text("analysis") },
    ...{ search: text("search"), count: number("count"), train: text("train"), test: text("test") },
    objectives: (text("objectives") ?? "").split(/[ ,]+/).filter(Boolean),
    sensitivity: form.get("sensitivity") !== null,
    keepsJournal: form.get("keepsJournal") !== null,
    ...{ reason: text("reason") ?? "", idempotencyKey: freshKey() },
  };
  return JSON.parse(JSON.stringify(asked)) as Body;
}

function Field(props: {
  readonly title: string;
  readonly hint?: string;
  readonly children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: its control is among the children
    <label class="field">
      <span>{props.title}</span>
      {props.children}
      {props.hint && <span class="note">{props.hint}</span>}
    </label>
  );
}

function Market({ kind, series }: { readonly kind: string; readonly series: readonly string[] }) {
  const [market, setMarket] = useState("generator");
  return (
    <>
      <Field title="Market">
        <select
          name="market"
          value={market}
          onChange={(event) => setMarket(event.currentTarget.value)}
        >
          <option value="generator">Generated, by seed</option>
          <option value="configured">The desk's own</option>
          <option value="stored">Stored candles</option>
        </select>
      </Field>
      {market === "stored" && (
        <Field title="Stored candles" hint="novactor data fetch gets more">
          <select name="series" multiple required>
            {series.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </Field>
      )}
      {kind !== "backtest" && (
        <Field title="From" hint="2026-01-01">
          <input name="from" />
        </Field>
      )}
      <Field title="Until" hint="2026-02-01, or 2026-02-01T08:00Z">
        <input name="until" required={market === "generator"} />
      </Field>
      <Field title="Seed">
        <input name="seed" type="number" min="0" step="1" />
      </Field>
    </>
  );
}

function Search({ isWalk }: { readonly isWalk: boolean }) {
  return (
    <>
      <Field title="What varies" hint="KEY=5..20:5 or KEY=a,b; a line each">
        <textarea name="vary" rows={3} required placeholder="risk.positionCap=1,2,3" />
      </Field>
      <Field title="Search">
        <select name="search">
          <option value="grid">Every point</option>
          <option value="random">Some, by seed</option>
        </select>
      </Field>
      <Field title="Points of a random search">
        <input name="count" type="number" min="1" max="10000" />
      </Field>
      <Field title="Objectives" hint="the first decides: sharpe profitFactor maxDrawdown">
        <input name="objectives" />
      </Field>
      {isWalk && (
        <>
          <Field title="Train on" hint="10d">
            <input name="train" required />
          </Field>
          <Field title="Test on" hint="2d">
            <input name="test" required />
          </Field>
        </>
      )}
    </>
  );
}

interface JobFormProps {
  readonly series: readonly string[];
  onAsked(): void;
}

/** Asks for a job. */
export function JobForm({ series, onAsked }: JobFormProps) {
  const [kind, setKind] = useState<keyof typeof kinds>("backtest");
  const [error, setError] = useState<string | null>(null);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    try {
      const body = bodyOf(new FormData(event.currentTarget as HTMLFormElement));
      const { text } = await call("POST /api/v1/jobs", { body });
      notify(text, "good");
      onAsked();
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
    }
  };
  return (
    <form class="job-form" onSubmit={submit}>
      <Field title="What">
        <select
          name="kind"
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value as keyof typeof kinds)}
        >
          {Object.entries(kinds).map(([name, title]) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
      </Field>
      {kind === "analyze" && (
        <Field title="Question">
          <select name="analysis">
            {Object.entries(analyses).map(([name, title]) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </Field>
      )}
      <Market kind={kind} series={series} />
      {(kind === "optimize" || kind === "walkforward") && (
        <Search isWalk={kind === "walkforward"} />
      )}
      {kind === "backtest" && (
        <>
          <label class="check">
            <input type="checkbox" name="sensitivity" /> Again under other costs
          </label>
          <label class="check">
            <input type="checkbox" name="keepsJournal" /> Keep its journal, to be looked at under
            Machines
          </label>
        </>
      )}
      <Field title="Other than the desk's configuration" hint="KEY=VALUE, a line each">
        <textarea name="set" rows={2} />
      </Field>
      <Field title="Why" hint="for the record">
        <input name="reason" />
      </Field>
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      <Control type="submit">Queue {kinds[kind].toLowerCase()}</Control>
    </form>
  );
}
