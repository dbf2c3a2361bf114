/** Is what runs here what the desk was tested with? */
import { type Finding, found } from "./finding.ts";

export interface Versions {
  /** What runs, such as `1.4.5`, and the range that is wanted, such as `>=1.4.5`. */
  readonly bun: { readonly is: string; readonly wanted: string };
  /** What is installed, and what `package.json` names. */
  readonly xstate: { readonly is: string; readonly wanted: string };
  readonly sqlite: string;
}

/** Strict tables, which the ledger is made of. */
const sqliteWanted = ">=3.37.0";

export function checkVersions({ bun, xstate, sqlite }: Versions): Finding[] {
  const findings: Finding[] = [];
  const judge = (isGood: boolean, name: string, is: string, wanted: string, cure: string) => {
    const text = `${name} is version ${is}, wanted ${wanted}`;
    if (!isGood) findings.push(found("versions", "critical", text, cure));
  };
  const { satisfies } = Bun.semver;
  judge(satisfies(bun.is, bun.wanted), "Bun", bun.is, bun.wanted, "bun upgrade");
  judge(
    satisfies(xstate.is, xstate.wanted),
    "XState",
    xstate.is,
    xstate.wanted,
    "bun install --frozen-lockfile",
  );
  judge(satisfies(sqlite, sqliteWanted), "SQLite", sqlite, sqliteWanted, "bun upgrade");
  if (findings.length > 0) return findings;
  const text = `Bun ${bun.is}, XState ${xstate.is}, SQLite ${sqlite}`;
  return [found("versions", "ok", text)];
}
