export { type Booking, Books } from "./books.ts";
export type { LedgerLookUp } from "./ports.ts";
