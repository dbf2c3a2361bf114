import type { JSX } from "preact";
import { mayActAs, type Role } from "../../../machines/domain/command.ts";
import { session } from "../session.ts";

/** Why the one who is signed in may not do what is for that role, or null. */
export function lacking(needed: Role): string | null {
  const held = session.value?.role ?? "view";
  return mayActAs(held, needed) ? null : `The role ${needed} is needed, yours is ${held}`;
}

type ButtonProps = Omit<JSX.IntrinsicElements["button"], "disabled" | "title" | "role">;

interface ControlProps extends ButtonProps {
  /** Whose it is. */
  readonly needs?: Role;
  /** Why it cannot be done now; null where it can. */
  readonly refused?: string | null;
  readonly disabled?: boolean;
  readonly title?: string | undefined;
}

/** A button that changes something: who may not is shown it, disabled, and told why. */
export function Control(props: ControlProps) {
  const { needs = "operate", refused = null, disabled = false, title, ...rest } = props;
  const why = lacking(needs) ?? refused;
  return (
    <button type="button" {...rest} disabled={disabled || why !== null} title={why ?? title} />
  );
}

/** Says once on a page why its controls are disabled: a phone shows no title of a button. */
export function LooksOn() {
  const why = lacking("operate");
  if (why === null) return null;
  return <p class="looks-on">Looking on: commands are disabled. {why}</p>;
}
