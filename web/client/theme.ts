import { signal } from "@preact/signals";

export type Theme = "dark" | "light";

const kept = "novactor.theme";
const light = matchMedia("(prefers-color-scheme: light)");

/** The colours of the page: charts draw themselves anew when it changes. */
export const theme = signal<Theme>("dark");

function show(next: Theme): void {
  theme.value = next;
  document.documentElement.dataset.theme = next;
}

/** What the operator chose, or else what the system says, as it says it. */
export function followTheme(): void {
  const chosen = () => localStorage.getItem(kept);
  const given = () => {
    const theme = chosen();
    show(theme === "dark" || theme === "light" ? theme : light.matches ? "light" : "dark");
  };
  given();
  light.addEventListener("change", given);
}

export function switchTheme(): void {
  const next = theme.value === "dark" ? "light" : "dark";
  localStorage.setItem(kept, next);
  show(next);
}

/** A colour of the theme as the page has it: `colour("--good")`. */
export function colour(token: string): string {
  // Read under the theme, so that whoever draws with it is told of a change.
  void theme.value;
  return getComputedStyle(document.documentElement).getPropertyValue(token).trim();
}
