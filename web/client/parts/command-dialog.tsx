import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Asking, asking, isEmergency, send, wantsWord } from "../commands.tsx";
import { heardAt, isStale, now, strip } from "../live.ts";
import { Dialog } from "./dialog.tsx";
import { Reason, SubmitOrLeave } from "./dialog-end.tsx";
import { ModeBadge } from "./mode.tsx";
import { span } from "./words.ts";

/** The one place where a command is confirmed. */
export function CommandDialog() {
  const command = asking.value;
  return command && <Confirm key={command.key} command={command} />;
}

/** What will happen, once it is known; an error's words where it could not be told. */
function useConsequence({ consequence }: Asking) {
  const [text, setText] = useState<string | null>(
    typeof consequence === "string" ? consequence : null,
  );
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    if (typeof consequence === "string") return;
    consequence().then(setText, (cause: unknown) => {
      setError(`Cannot say what will happen: ${cause instanceof Error ? cause.message : cause}`);
    });
  }, []);
  return { text, error };
}

function Confirm({ command }: { readonly command: Asking }) {
  const { name, title, confirm, end } = command;
  const cancel = useRef<HTMLButtonElement>(null);
  const told = useConsequence(command);
  const [reason, setReason] = useState("");
  const [word, setWord] = useState("");
  const [isSending, setSending] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const wanted = wantsWord(command) ? name.toUpperCase() : null;
  const isReady = isEmergency(name) || (told.text !== null && (wanted === null || word === wanted));
  useLayoutEffect(() => cancel.current?.focus(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!isReady || isSending) return;
    setSending(true);
    setRefusal(await send(command, reason));
    setSending(false);
  };
  return (
    <Dialog title={title} onClose={() => end(false)}>
      <form onSubmit={submit}>
        <ModeBadge mode={strip.value?.mode ?? null} />
        <p class="consequence">{told.text ?? told.error ?? "Working out what will happen"}</p>
        {isStale() && <StaleWords isEmergency={isEmergency(name)} />}
        <Reason value={reason} change={setReason} />
        {wanted !== null && (
          <label>
            Type {wanted} to confirm
            <input
              value={word}
              autocomplete="off"
              onInput={({ currentTarget }) => setWord(currentTarget.value)}
            />
          </label>
        )}
        <SubmitOrLeave
          {...{ refusal, cancel, confirm, isSending, isReady }}
          leave={confirm.startsWith("Cancel") ? "Keep it" : "Cancel"}
          onLeave={() => end(false)}
        />
      </form>
    </Dialog>
  );
}

function StaleWords({ isEmergency }: { readonly isEmergency: boolean }) {
  const age =
    heardAt.value === 0
      ? "has not heard the desk yet"
      : `last heard the desk ${span(now.value - heardAt.value)} ago`;
  return (
    <p class="warn" role="status">
      This page {age}: what it says is old.
      {isEmergency && " The command is sent all the same."}
    </p>
  );
}
