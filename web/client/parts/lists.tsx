import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Answer, addressOf, call } from "../api.ts";
import { type StreamEntry, useView } from "../live.ts";
import { query, setQuery } from "../router.ts";
import { moment, plain, signed } from "./words.ts";

/** Routes whose lists go by key. */
type PagedKey =
  | "GET /api/v1/trades"
  | "GET /api/v1/ledger/orders"
  | "GET /api/v1/ledger/fills"
  | "GET /api/v1/ledger/entries";

interface Part<Row> {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

export interface List<Row> {
  readonly rows: readonly Row[];
  readonly readAt: number;
  readonly error: string | null;
  /** Reads what comes after; null where there is no more. */
  readonly more: (() => void) | null;
  /** Goes back to the live first part; null where that is what is shown. */
  readonly latest: (() => void) | null;
}

type Words = Readonly<Record<string, string | undefined>>;

/**
 * A list that follows the ledger as long as its first part is shown; once more is asked for, what is
 * shown stays as it is, so that no row is missed or shown twice.
 */
export function useList<Key extends PagedKey>(
  key: Key,
  asked: Words,
  concerns: (entry: StreamEntry) => boolean,
): List<Answer<Key>["rows"][number]> {
  type Row = Answer<Key>["rows"][number];
  const view = useView(key, { query: asked } as never, concerns);
  const [held, setHeld] = useState<(Part<Row> & { readonly at: number }) | null>(null);
  const [error, setError] = useState<string | null>(null);
  const words = JSON.stringify(asked);
  useEffect(() => setHeld(null), [words]);
  const live = view.data as Part<Row> | null;
  const shown = held ?? live ?? { rows: [], next: null };
  const more = async (after: string) => {
    try {
      const part = (await call(key, { query: { ...asked, after } } as never)) as Part<Row>;
      const at = held?.at ?? view.readAt;
      setHeld({ rows: [...shown.rows, ...part.rows], next: part.next, at });
      setError(null);
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
    }
  };
  const { next } = shown;
  return {
    rows: shown.rows,
    readAt: held?.at ?? view.readAt,
    error: error ?? view.error,
    more: next === null ? null : () => void more(next),
    latest: held ? () => setHeld(null) : null,
  };
}

/** The buttons below a list. */
export function Pager({ list }: { readonly list: List<unknown> }) {
  return (
    <p class="pager">
      <span class="note">
        {list.rows.length} shown{list.latest ? ", as they were when more was asked for" : ""}
      </span>
      {list.more && (
        <button type="button" onClick={list.more}>
          Show more
        </button>
      )}
      {list.latest && (
        <button type="button" onClick={list.latest}>
          Back to the latest
        </button>
      )}
    </p>
  );
}

/** What the address asks for, of these names. */
export function askedFor(names: readonly string[]): Words {
  return Object.fromEntries(names.map((name) => [name, query.value.get(name) ?? undefined]));
}

interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  readonly options: readonly string[];
  /** What stands for no choice; without it there always is one. */
  readonly all?: string;
  readonly value?: string;
}

/** One word of the address, chosen from a list. */
export function Choice({ name, label, options, all, value }: ChoiceProps) {
  const chosen = value ?? query.value.get(name) ?? "";
  return (
    <label>
      {label}{" "}
      <select value={chosen} onChange={(event) => setQuery({ [name]: event.currentTarget.value })}>
        {all !== undefined && <option value="">{all}</option>}
        {[...new Set([...options, ...(chosen === "" ? [] : [chosen])])].map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A day of the address. */
export function Day({ name, label }: { readonly name: string; readonly label: string }) {
  return (
    <label>
      {label}{" "}
      <input
        type="date"
        value={query.value.get(name) ?? ""}
        onChange={(event) => setQuery({ [name]: event.currentTarget.value })}
      />
    </label>
  );
}

interface ExportProps {
  readonly route: Parameters<typeof addressOf>[0];
  readonly asked: Words;
  readonly file: string;
  readonly children: ComponentChildren;
}

/** A link to all that match, as a file. */
export function Export({ route, asked, file, children }: ExportProps) {
  return (
    <a href={addressOf(route, {}, asked)} download={file}>
      {children}
    </a>
  );
}

/** A price or an amount in a list: as many digits as tell it from its neighbours; null for none. */
export function amount(value: string | null): string {
  if (value === null) return "–";
  const size = Math.abs(Number(value));
  return plain(value, size >= 1_000 ? 2 : size >= 1 ? 4 : 8);
}

/** A moment on one line. */
export function When({ at }: { readonly at: number }) {
  return <time class="when">{moment(at)}</time>;
}

/** A gain or loss: by sign and by colour. */
export function Gain({
  value,
  digits = 2,
}: {
  readonly value: string | number;
  readonly digits?: number;
}) {
  const number = Number(value);
  return (
    <span class={number > 0 ? "good" : number < 0 ? "bad" : undefined}>
      {signed(value, digits)}
    </span>
  );
}

/** A share as gain or loss, percent. */
export function GainShare({ share }: { readonly share: number }) {
  return (
    <span class={`when ${share > 0 ? "good" : share < 0 ? "bad" : ""}`}>
      {signed(share * 100)} %
    </span>
  );
}

interface UseBarProps {
  /** What it is the use of, for whoever does not see it. */
  readonly label: string;
  /** 1 for all that may be used. */
  readonly share: number;
}

/** How much of a limit is used. */
export function UseBar({ label, share }: UseBarProps) {
  const used = Math.max(0, Math.min(1, share));
  const tone = share >= 1 ? "bad" : share >= 0.75 ? "warn" : "good";
  return (
    <svg class={`use-bar ${tone}`} viewBox="0 0 100 8" preserveAspectRatio="none" role="img">
      <title>{`${label}: ${Math.round(share * 100)} % used`}</title>
      <rect class="use-room" width="100" height="8" />
      <rect class="use-part" width={used * 100} height="8" />
    </svg>
  );
}

/** A value's place between the greatest loss and the greatest gain of a list. */
export function GainBar({ value, most }: { readonly value: number; readonly most: number }) {
  const width = most > 0 ? (Math.abs(value) / most) * 50 : 0;
  return (
    <svg class="gain-bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect
        class={value < 0 ? "loss" : "gain"}
        x={value < 0 ? 50 - width : 50}
        y="1"
        width={width}
        height="8"
      />
      <rect class="axis" x="49.8" width="0.4" height="10" />
    </svg>
  );
}
