import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { notify } from "../notices.tsx";
import { Dialog } from "./dialog.tsx";

/** Something of the panel or its process that is asked about once. */
export interface Deed {
  readonly title: string;
  /** What will happen, in words. */
  readonly consequence: string;
  /** What the button says: the verb, and of what. */
  readonly confirm: string;
  /** Does it; says what came of it. Throws in words where it was refused. */
  readonly run: () => Promise<string>;
}

interface ConfirmProps {
  readonly deed: Deed;
  readonly onClose: () => void;
}

/** Asks, does it, and tells what came of it; a refusal stays in the window. */
export function Confirm({ deed, onClose }: ConfirmProps) {
  const cancel = useRef<HTMLButtonElement>(null);
  const [isSending, setSending] = useState(false);
  const [error, setError] = useState<string | null>(null);
  useLayoutEffect(() => cancel.current?.focus(), []);
  const run = async () => {
    setSending(true);
    setError(null);
    try {
      notify(await deed.run(), "good");
      onClose();
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure));
      setSending(false);
    }
  };
  return (
    <Dialog title={deed.title} onClose={onClose}>
      <p class="consequence">{deed.consequence}</p>
      <p class="error words" role="alert">
        {error}
      </p>
      <div class="dialog-buttons">
        <button type="button" ref={cancel} onClick={onClose}>
          Cancel
        </button>
        <button type="button" class="act" disabled={isSending} onClick={() => void run()}>
          {isSending ? `${deed.confirm}: requested` : deed.confirm}
        </button>
      </div>
    </Dialog>
  );
}
