import type { ComponentChildren } from "preact";
import { isStale, now } from "../live.ts";
import { setQuery } from "../router.ts";
import { span } from "./words.ts";

interface SectionProps {
  readonly title: string;
  /** When what it shows was read, by the browser's clock; 0 for not yet, nothing for no age. */
  readonly readAt?: number;
  readonly error?: string | null;
  /** Controls beside the title. */
  readonly tools?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A part of a page with its title and the age of what it shows. */
export function Section({ title, readAt, error, tools, children }: SectionProps) {
  return (
    <section class={isStale() ? "card stale" : "card"}>
      <header class="card-head">
        <h2>{title}</h2>
        {tools}
        {readAt !== undefined && (
          <span class="age">{readAt === 0 ? "reading" : `${span(now.value - readAt)} ago`}</span>
        )}
      </header>
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      {children}
    </section>
  );
}

export function Tiles({ children }: { readonly children: ComponentChildren }) {
  return <div class="tiles">{children}</div>;
}

interface TileProps {
  readonly title: string;
  readonly tone?: "good" | "bad" | "warn" | undefined;
  readonly note?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** One figure with its name. */
export function Tile({ title, tone, note, children }: TileProps) {
  return (
    <div class="tile">
      <h3>{title}</h3>
      <p class={tone ? `figure ${tone}` : "figure"}>{children}</p>
      {note !== undefined && <p class="note">{note}</p>}
    </div>
  );
}

/** What stands where there is nothing to show. */
export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

interface TableProps {
  readonly head: readonly ComponentChildren[];
  /** Columns of numbers, by index: to the right. */
  readonly numbers?: readonly number[];
  /** Columns of lesser worth, by index: a phone leaves them out. */
  readonly minor?: readonly number[];
  readonly rows: readonly (readonly ComponentChildren[])[];
  /** What is said where there are no rows. */
  readonly none: string;
  readonly label: string;
}

/** A table that scrolls sideways within itself where it is too wide. */
export function Table({ head, rows, none, label, numbers = [], minor = [] }: TableProps) {
  if (rows.length === 0) return <Empty>{none}</Empty>;
  const cell = (index: number) =>
    `${numbers.includes(index) ? "number" : ""} ${minor.includes(index) ? "phone-hidden" : ""}`;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrolled by keyboard too
    <section class="wide" tabIndex={0} aria-label={label}>
      <table>
        <thead>
          <tr>
            {head.map((each, index) => (
              <th key={index} scope="col" class={cell(index)}>
                {each}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, row) => (
            <tr key={row}>
              {cells.map((each, index) => (
                <td key={index} class={cell(index)}>
                  {each}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface PagedProps {
  /** Whether it is not the newest page that is shown. */
  readonly isOlder: boolean;
  /** Where the next page begins; undefined where there is none. */
  readonly next: number | undefined;
}

/** The ways to the newest page and to the one after this, by the address. */
export function Paged({ isOlder, next }: PagedProps) {
  return (
    <>
      {isOlder && (
        <button type="button" onClick={() => setQuery({ before: null })}>
          Newest
        </button>
      )}
      {next !== undefined && (
        <button type="button" onClick={() => setQuery({ before: next })}>
          Older
        </button>
      )}
    </>
  );
}
