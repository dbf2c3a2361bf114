import { useState } from "preact/hooks";
import type { Changes, Guards } from "./words.ts";
import { oneLine } from "./words.ts";

interface JsonProps {
  readonly name: string;
  readonly value: unknown;
  readonly isOpen?: boolean;
}

/** Plain data as a tree that folds. */
export function Json({ name, value, isOpen = false }: JsonProps) {
  const [open, setOpen] = useState(isOpen);
  if (value === null || typeof value !== "object" || Object.keys(value).length === 0) {
    return (
      <div class="leaf">
        <span class="key">{name}</span> <code>{JSON.stringify(value) ?? "—"}</code>
      </div>
    );
  }
  const parts = Object.entries(value);
  return (
    <details open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <span class="key">{name}</span>{" "}
        <span class="note">{open ? `${parts.length}` : oneLine(value, 48)}</span>
      </summary>
      {open && parts.map(([key, each]) => <Json key={key} name={key} value={each} />)}
    </details>
  );
}

/** What was before and what is after, by key. */
export function ChangeList({ changed }: { readonly changed: Changes }) {
  const keys = Object.keys(changed);
  if (keys.length === 0) return <p class="empty">Nothing in its context changed</p>;
  return (
    <dl class="changes">
      {keys.map((key) => (
        <div key={key}>
          <dt>{key}</dt>
          <dd>
            <Difference sign="−" word="before" value={changed[key]?.before} />
            <Difference sign="+" word="after" value={changed[key]?.after} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

interface DifferenceProps {
  readonly sign: string;
  readonly word: string;
  readonly value: unknown;
}

function Difference({ sign, word, value }: DifferenceProps) {
  const isNested = value !== null && typeof value === "object" && oneLine(value).endsWith("…");
  return (
    <div class={word}>
      <span aria-hidden="true">{sign}</span>
      <span class="unseen">{word} </span>
      {isNested ? <Json name="" value={value} /> : <code>{oneLine(value)}</code>}
    </div>
  );
}

/** Guards as they judged, and what they looked at. */
export function GuardList({ guards }: { readonly guards: Guards }) {
  if (guards.length === 0) return <p class="empty">No guard was asked</p>;
  return (
    <ol class="guards">
      {guards.map(({ name, passed, saw }, index) => (
        <li key={index} class={passed ? "passed" : ""}>
          <b>{passed ? "✓" : "✗"}</b> {name}{" "}
          <span class="unseen">{passed ? "passed" : "did not pass"}</span>
          {Object.entries(saw ?? {}).map(([path, value]) => (
            <span key={path} class="saw">
              {" "}
              <span class="key">{path}</span> <code>{oneLine(value, 60)}</code>
            </span>
          ))}
        </li>
      ))}
    </ol>
  );
}
