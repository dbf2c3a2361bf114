import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { call } from "../api.ts";
import { freshKey } from "../commands.tsx";
import { onEntries } from "../live.ts";
import { Control } from "../parts/control.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Reason, SubmitOrLeave } from "../parts/dialog-end.tsx";
import type { Moment } from "./words.ts";
import { eventWords } from "./words.ts";

interface SendProps {
  readonly moment: Moment;
  readonly type: string;
  readonly maySend: boolean;
  /** The event whole. @throws {SyntaxError} if its payload cannot be read */
  event(): { readonly type: string };
}

/** What was sent, and has no record yet: whatever changed the actor after this one is taken as it. */
interface Waiting {
  readonly name: string;
  readonly after: number;
}

/** Sends an event to a live actor on paper, once it is confirmed; it is shown when it is recorded. */
export function SendByHand(props: SendProps) {
  const { moment } = props;
  const [isAsking, setAsking] = useState(false);
  const [said, setSaid] = useState("");
  const [waiting, setWaiting] = useState<Waiting | null>(null);
  useEffect(() => {
    if (!waiting) return;
    return onEntries((entries) => {
      const entry = entries.find(
        ({ seq, actors }) => seq > waiting.after && actors.includes(waiting.name),
      );
      if (!entry) return;
      setWaiting(null);
      setSaid(`Recorded as ${entry.seq}`);
    });
  }, [waiting]);
  const tell = (isSent: boolean) => {
    setWaiting(isSent ? { name: moment.name, after: moment.changedSeq } : null);
    setSaid(isSent ? "Requested" : "");
  };
  return (
    <>
      {props.maySend && (
        <Control disabled={waiting !== null} onClick={() => setAsking(true)}>
          Send by hand…
        </Control>
      )}
      <span role="status">{said}</span>
      {isAsking && <Confirm {...props} tell={tell} close={() => setAsking(false)} />}
    </>
  );
}

interface ConfirmProps extends SendProps {
  /** Whether it was sent, told before its record can come; false where it was refused. */
  tell(isSent: boolean): void;
  close(): void;
}

function Confirm({ moment: { name, changedSeq }, type, event, tell, close }: ConfirmProps) {
  const cancel = useRef<HTMLButtonElement>(null);
  // One for all attempts: however often it is sent, it happens once.
  const [idempotencyKey] = useState(freshKey);
  const [seen] = useState(changedSeq);
  const [reason, setReason] = useState("");
  const [isSending, setSending] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  useLayoutEffect(() => cancel.current?.focus(), []);
  const send = async () => {
    const body = { event: event(), reason, expectedSeq: seen, idempotencyKey };
    tell(true);
    const answer = await call("POST /api/v1/actors/:name/send", { params: { name }, body });
    if (!answer.done) throw new Error(answer.text);
    close();
  };
  const submit = (submitted: Event) => {
    submitted.preventDefault();
    setSending(true);
    send()
      .catch((error) => {
        tell(false);
        setRefusal(error instanceof Error ? error.message : String(error));
      })
      .finally(() => setSending(false));
  };
  const verb = `Send ${eventWords(type)}`;
  return (
    <Dialog title={verb} onClose={close}>
      <form onSubmit={submit}>
        <p class="consequence">
          {name} receives it as if it had come by itself, and acts on it. This is recorded, and
          refused if the actor has changed since record {seen}.
        </p>
        <Reason value={reason} change={setReason} />
        <SubmitOrLeave
          {...{ refusal, cancel, isSending, isReady: true }}
          onLeave={close}
          confirm={verb}
        />
      </form>
    </Dialog>
  );
}
