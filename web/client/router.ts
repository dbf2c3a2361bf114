import { computed, signal } from "@preact/signals";

/** Where the page is: every view is an address. */
export const address = signal(new URL(location.href));

/** The parts of the path, decoded: `/trade/BTC%2FUSD` has `trade` and `BTC/USD`. */
export const pathParts = computed(() =>
  address.value.pathname.split("/").filter(Boolean).map(decodeURIComponent),
);

export const query = computed(() => address.value.searchParams);

/** Goes to another view; `isReplacing` leaves no entry in the history. */
export function go(to: string, isReplacing = false): void {
  history[isReplacing ? "replaceState" : "pushState"](null, "", to);
  address.value = new URL(location.href);
}

/** Changes parts of the query and stays; null or "" removes one. */
export function setQuery(changes: Readonly<Record<string, string | number | null>>): void {
  const next = new URL(location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") next.searchParams.delete(name);
    else next.searchParams.set(name, String(value));
  }
  go(next.pathname + next.search, true);
}

/** Has links within the panel change the view instead of loading a document. */
export function followLinks(): void {
  addEventListener("popstate", () => {
    address.value = new URL(location.href);
  });
  addEventListener("click", (event) => {
    const link = (event.target as Element | null)?.closest?.("a");
    if (!link || link.origin !== location.origin || link.target || link.hasAttribute("download")) {
      return;
    }
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    if (/^\/(api|assets)\//.test(link.pathname)) return;
    event.preventDefault();
    go(link.pathname + link.search + link.hash);
  });
}
