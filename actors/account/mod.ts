export { type Booking, Books } from "./books.ts";
export type { LedgerHistory, LedgerLookUp } from "./ports.ts";
