import type { Strip } from "../live.ts";

const words: Readonly<Record<Strip["mode"], string>> = {
  paper: "PAPER",
  rehearsal: "REHEARSAL",
  live: "LIVE: REAL MONEY",
};

/** Whose money is at stake, by word and by colour. */
export function ModeBadge({ mode }: { readonly mode: Strip["mode"] | null }) {
  if (mode === null) return <strong class="mode">MODE NOT KNOWN</strong>;
  return <strong class={`mode ${mode}`}>{words[mode]}</strong>;
}
