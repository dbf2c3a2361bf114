/** Runs in a thread of its own: indexes the desk's journal as it grows, and answers on the past. */
import {
  answered,
  type PastEnd,
  type PastReply,
  type PastRequest,
  type PastStart,
  sliceRecords,
} from "./protocol.ts";
import { Shelf } from "./shelf.ts";

declare const self: {
  onmessage: ((message: { readonly data: PastStart | PastRequest | PastEnd }) => void) | null;
  postMessage(reply: PastReply): void;
};

/** Between two looks whether the journal has grown, once the index is level with it. */
const everyMs = 250;

let shelf: Shelf | null = null;
let path = "";
let following: ReturnType<typeof setTimeout>;

/** The file may not be there yet, or be damaged: tried again with each question. */
function shelfOf(): Shelf {
  shelf ??= new Shelf(path);
  return shelf;
}

/** One slice for each ledger that is open; then whatever was asked meanwhile, then the next. */
function follow(): void {
  let isBehind = false;
  try {
    for (const past of shelfOf().opened()) isBehind = past.index(sliceRecords) || isBehind;
  } catch {
    // Whoever asks is told: here is nobody who could be.
    isBehind = false;
  }
  following = setTimeout(follow, isBehind ? 0 : everyMs);
}

function end({ ended }: PastEnd): void {
  clearTimeout(following);
  shelf?.[Symbol.dispose]();
  const flag = new Int32Array(ended);
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
}

self.onmessage = ({ data }) => {
  if ("ended" in data) {
    end(data);
    return;
  }
  if ("ledgerPath" in data) {
    path = data.ledgerPath;
    follow();
    return;
  }
  try {
    self.postMessage(answered(shelfOf(), data));
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    self.postMessage({ id: data.id, error: text, isUnknown: false });
  }
};
