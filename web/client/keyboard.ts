import { pages } from "./pages.tsx";
import { go } from "./router.ts";

interface Shortcuts {
  /** Opens the brakes. */
  emergency(): void;
  help(): void;
}

/** Between the two keys of a pair, at most, milliseconds. */
const pairMs = 1_500;

/** Keys that act wherever nothing is being typed: see the help that `?` opens. */
export function followKeys({ emergency, help }: Shortcuts): void {
  let first = { key: "", at: 0 };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const { key } = event;
    const isSecond = first.key === "g" && event.timeStamp - first.at < pairMs;
    first = { key, at: event.timeStamp };
    const page = isSecond ? pages.find(({ keys }) => keys === `g ${key}`) : undefined;
    if (page) go(`/${page.path}`);
    else if (key === "k") emergency();
    else if (key === "?") help();
    else if (key === "/") filter()?.focus();
    else return;
    event.preventDefault();
  });
}

/** The page's own search field. */
const filter = () =>
  document.querySelector<HTMLElement>("main input[type=search]") ??
  document.querySelector<HTMLElement>("main input, main select");

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
