import type { Ref } from "preact";

interface ReasonProps {
  readonly value: string;
  change(value: string): void;
}

/** Why something is done, for the record. */
export function Reason({ value, change }: ReasonProps) {
  return (
    <label>
      Reason, for the record
      <input
        value={value}
        maxLength={500}
        onInput={({ currentTarget }) => change(currentTarget.value)}
      />
    </label>
  );
}

interface SubmitOrLeaveProps {
  /** Why it was refused last, or null. */
  readonly refusal: string | null;
  /** The button that leaves: the one to be on first. */
  readonly cancel: Ref<HTMLButtonElement>;
  readonly leave?: string;
  onLeave(): void;
  /** What the button that does it says. */
  readonly confirm: string;
  readonly isSending: boolean;
  readonly isReady: boolean;
}

/** How a form in a window ends: what was refused, a way out, and the act itself. */
export function SubmitOrLeave(props: SubmitOrLeaveProps) {
  const { refusal, cancel, leave = "Cancel", onLeave, confirm, isSending, isReady } = props;
  return (
    <>
      {refusal && (
        <p class="error" role="alert">
          {refusal}
        </p>
      )}
      <div class="dialog-buttons">
        <button type="button" ref={cancel} onClick={onLeave}>
          {leave}
        </button>
        <button type="submit" class="act" disabled={!isReady || isSending}>
          {isSending ? `${confirm}: requested` : confirm}
        </button>
      </div>
    </>
  );
}
