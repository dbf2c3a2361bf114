import { useEffect } from "preact/hooks";
import { App } from "./app.tsx";
import { listen } from "./live.ts";
import { session } from "./session.ts";
import { SignIn } from "./sign-in.tsx";

/** The page for who is signed in, the door for who is not. */
export function Entrance() {
  const who = session.value;
  if (who === undefined) return <p class="empty">Looking who is signed in</p>;
  return who === null ? <SignIn /> : <Inside />;
}

let isListening = false;

function Inside() {
  useEffect(() => {
    if (isListening) return;
    isListening = true;
    listen();
  }, []);
  return <App />;
}
