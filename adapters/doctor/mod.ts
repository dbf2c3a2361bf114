export { type Examination, examine } from "./examine.ts";
export { type Finding, type Severity, severities, worstOf } from "./finding.ts";
export type { ChainVerified, ChainVerifier } from "./ledger.ts";
