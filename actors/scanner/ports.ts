/** What whoever has the order books feeds and keeps for the scanner. */
export { restoreState, type SavedState, saveState } from "../market/mod.ts";
export { type BookReading, BookWatch } from "./strategies/book-reading.ts";
