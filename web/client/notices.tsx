import { signal } from "@preact/signals";

type Tone = "good" | "bad" | "warn" | "plain";

interface Notice {
  readonly id: number;
  readonly text: string;
  readonly tone: Tone;
}

/** Kept at once: older ones make way. */
const noticesMost = 4;
/** Bad news stays until it is put away. */
const shownMs = 12_000;

const notices = signal<readonly Notice[]>([]);
let given = 0;

const marks: Readonly<Record<Tone, string>> = { good: "✓", bad: "✕", warn: "!", plain: "…" };

/** Tells the operator of something, on whichever page; returns what takes it back. */
export function notify(text: string, tone: Tone): () => void {
  given += 1;
  const id = given;
  const others = notices.value.filter((each) => each.text !== text);
  notices.value = [...others, { id, text, tone }].slice(-noticesMost);
  const remove = () => {
    notices.value = notices.value.filter((each) => each.id !== id);
  };
  if (tone === "good" || tone === "warn") setTimeout(remove, shownMs);
  return remove;
}

function remove(id: number): void {
  notices.value = notices.value.filter((each) => each.id !== id);
}

/** What was told lately: results of commands, alarms, gaps of the stream. */
export function Notices() {
  return (
    <div class="notices" role="log" aria-live="polite" aria-label="Notices">
      {notices.value.map(({ id, text, tone }) => (
        <div key={id} class={`notice ${tone}`}>
          <span aria-hidden="true">{marks[tone]}</span>
          <p>{text}</p>
          <button type="button" aria-label="Put the notice away" onClick={() => remove(id)}>
            ✕
          </button>
        </div>
      ))}
    </div>
  );
}
