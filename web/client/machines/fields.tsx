import { useEffect, useState } from "preact/hooks";
import { query, setQuery } from "../router.ts";

interface FieldProps {
  /** Its name in the address. */
  readonly name: string;
  readonly title: string;
  readonly placeholder?: string;
  /** A time: Unix milliseconds in the address, typed in UTC. */
  readonly isTime?: boolean;
}

/** How long typing may pause before the address changes, milliseconds. */
const pauseMs = 250;

/** A text of the address that can be typed; a change goes back to the first page. */
export function Field({ name, title, placeholder = "", isTime = false }: FieldProps) {
  const asked = query.value.get(name) ?? "";
  const stands =
    isTime && asked !== "" ? new Date(Number(asked)).toISOString().slice(0, 19) : asked;
  const [text, setText] = useState(stands);
  useEffect(() => setText(stands), [stands]);
  useEffect(() => {
    if (text === stands) return;
    const timer = setTimeout(() => {
      const value = isTime && text !== "" ? Date.parse(`${text}Z`) : text;
      setQuery({ [name]: value, before: null });
    }, pauseMs);
    return () => clearTimeout(timer);
  }, [text]);
  const shared = {
    value: text,
    onInput: ({ currentTarget }: { readonly currentTarget: HTMLInputElement }) =>
      setText(currentTarget.value),
  };
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: it holds one of two inputs
    <label class={isTime ? "field time" : "field"}>
      <span>{title}</span>
      {isTime ? (
        <input type="datetime-local" step={1} {...shared} />
      ) : (
        <input type="search" placeholder={placeholder} {...shared} />
      )}
    </label>
  );
}

interface ChoiceProps extends Pick<FieldProps, "name" | "title"> {
  /** Values with what they are called; the first stands for none. */
  readonly choices: readonly (readonly [value: string, words: string])[];
}

/** One of a few values of the address. */
export function Choice({ name, title, choices }: ChoiceProps) {
  return (
    <label class="field">
      <span>{title}</span>
      <select
        value={query.value.get(name) ?? ""}
        onChange={({ currentTarget }) => setQuery({ [name]: currentTarget.value, before: null })}
      >
        {choices.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}
