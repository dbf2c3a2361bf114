import { failing, type Row } from "../preflight/mod.ts";
import { colours } from "./doctor.ts";

/** The table: what was looked at, how it is, what that means, and what to do. */
export function preflightText(rows: readonly Row[], isColoured: boolean): string {
  const names = rows.map(({ check, account }) =>
    account === null ? check : `${check} ${account}`,
  );
  const width = Math.max(...names.map(({ length }) => length));
  const margin = " ".repeat("critical".length + width + 4);
  const lines = rows.flatMap(({ severity, text, means, cure }, index) => {
    const word = severity.padEnd("critical".length);
    const shown = isColoured ? `\u001b[${colours[severity]}m${word}\u001b[0m` : word;
    const first = `${shown}  ${(names[index] ?? "").padEnd(width)}  ${text}`;
    // What is in order needs no explanation.
    if (severity === "ok") return [first];
    const cured = cure === null ? [] : [`${margin}-> ${cure}`];
    return [first, `${margin}   why: ${means}`, ...cured];
  });
  const count = failing(rows).length;
  const end =
    count === 0
      ? "ready: no check stands against trading with real money"
      : `not ready: ${count} ${count === 1 ? "check fails" : "checks fail"}, nothing would be sent`;
  return [...lines, "", end].join("\n");
}
