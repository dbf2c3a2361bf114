import { useState } from "preact/hooks";
import type { Role } from "../../../machines/domain/command.ts";
import { call } from "../api.ts";
import { Dialog } from "../parts/dialog.tsx";

const meanings: Readonly<Record<Role, string>> = {
  view: "sees everything but the operators",
  operate: "also brakes, orders and positions",
  admin: "also keys, configuration and operators",
};

/** Creates a key, and shows it this once. */
export function KeyMaker({ onMade }: { readonly onMade: () => void }) {
  const [isOpen, setOpen] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  const close = () => {
    setOpen(false);
    setMade(null);
    onMade();
  };
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Create a key
      </button>
      {isOpen && (
        <Dialog title="Create a key" onClose={close}>
          {made === null ? <Wanted onMade={setMade} onClose={close} /> : null}
          {made !== null && <Made text={made} onClose={close} />}
        </Dialog>
      )}
    </>
  );
}

interface WantedProps {
  readonly onMade: (key: string) => void;
  readonly onClose: () => void;
}

function Wanted({ onMade, onClose }: WantedProps) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("view");
  const [error, setError] = useState<string | null>(null);
  const create = async () => {
    try {
      const { key } = await call("POST /api/v1/keys", { body: { name: name.trim(), role } });
      onMade(key);
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure));
    }
  };
  return (
    <form
      class="key-form"
      onSubmit={(event) => {
        event.preventDefault();
        void create();
      }}
    >
      <label>
        Name
        <input
          value={name}
          maxLength={32}
          onInput={({ currentTarget }) => setName(currentTarget.value)}
        />
      </label>
      <fieldset>
        <legend>Role</legend>
        {(Object.keys(meanings) as Role[]).map((each) => (
          <label key={each}>
            <input
              type="radio"
              name="role"
              checked={each === role}
              onChange={() => setRole(each)}
            />
            {each}: {meanings[each]}
          </label>
        ))}
      </fieldset>
      <p class="error" role="alert">
        {error}
      </p>
      <div class="dialog-buttons">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" disabled={name.trim() === ""}>
          Create
        </button>
      </div>
    </form>
  );
}

function Made({ text, onClose }: { readonly text: string; readonly onClose: () => void }) {
  return (
    <>
      <p>It is shown this once, and kept nowhere: copy it now.</p>
      <input
        class="made-key"
        readOnly
        aria-label="The new key"
        value={text}
        onFocus={({ currentTarget }) => currentTarget.select()}
      />
      <div class="dialog-buttons">
        <button type="button" onClick={onClose}>
          I have it
        </button>
      </div>
    </>
  );
}
