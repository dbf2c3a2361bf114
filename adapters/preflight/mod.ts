export { type AccountToCheck, checkAccount } from "./account.ts";
export { doctorRow, failing, type Row, row, worstOfRows } from "./row.ts";
export { clockOffset } from "./venue-clock.ts";
