import { useState } from "preact/hooks";
import { call, Refusal } from "./api.ts";
import { heldSession } from "./held-session.ts";
import { notify } from "./notices.tsx";
import { session } from "./session.ts";

/** What a page without a session shows. The key is asked for and not kept. */
export function SignIn() {
  const [key, setKey] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [isAsking, setAsking] = useState(false);
  const enter = async () => {
    setAsking(true);
    setError(await signIn(key.trim()));
    setAsking(false);
    setKey("");
  };
  return (
    <main class="sign-in">
      <h1>Novactor</h1>
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          void enter();
        }}
      >
        <label for="key">Key</label>
        <input
          id="key"
          type="password"
          autoComplete="off"
          spellcheck={false}
          placeholder="nvk_…"
          value={key}
          onInput={({ currentTarget }) => setKey(currentTarget.value)}
        />
        <button type="submit" disabled={isAsking || key.trim() === ""}>
          {isAsking ? "Signing in" : "Sign in"}
        </button>
        <p class="error" role="alert">
          {error}
        </p>
        <p class="note">
          The desk's first start shows a key. Lost it? On the desk's machine:{" "}
          <code>novactor key create --name NAME --role admin</code>
        </p>
      </form>
    </main>
  );
}

/** Begins a session; says why there is none, or null. */
export async function signIn(key: string): Promise<string | null> {
  try {
    await call("POST /api/v1/session", { body: { key } });
    const held = await heldSession();
    if (held) {
      session.value = held;
      return null;
    }
    // Some browsers keep no Secure cookie of plain HTTP on loopback.
    await call("POST /api/v1/session", { body: { key, isPlain: true } });
    session.value = await heldSession();
    return session.value ? null : "This browser keeps no cookie of the panel";
  } catch (error) {
    return error instanceof Refusal ? error.message : "The panel does not answer";
  }
}

/** Ends the session, on the server and then here: one that lives on is not shown as over. */
export async function signOut(): Promise<void> {
  try {
    await call("DELETE /api/v1/session", {});
    session.value = null;
  } catch (error) {
    const why = error instanceof Refusal ? error.message : "the panel does not answer";
    notify(`Cannot sign out, the session goes on: ${why}`, "bad");
  }
}

/** Finds out who is signed in, at first by the key that the banner's link brings. */
export async function beginSession(): Promise<void> {
  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  if (key !== null) {
    // Neither the address bar nor the history is to keep it.
    history.replaceState(null, "", location.pathname + location.search);
    if ((await signIn(key)) === null) return;
  }
  session.value = await heldSession().catch(() => null);
}

/** Who is signed in, and the way out. */
export function SignedIn() {
  const who = session.value;
  if (!who) return null;
  return (
    <span class="signed-in">
      <span class="note">
        {who.name} ({who.role})
      </span>
      <button type="button" onClick={() => void signOut()}>
        Sign out
      </button>
    </span>
  );
}
