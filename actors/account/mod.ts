export { type Adjustment, type Booking, Books, type Dust, isBefore } from "./books.ts";
export type { LedgerHistory, LedgerLookUp } from "./ports.ts";
