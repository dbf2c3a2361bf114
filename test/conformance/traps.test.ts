/** That each trap has its test, and the documentation says which. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { trapGroups } from "./traps.ts";
import { reported } from "./traps-reported.ts";
import { trapsFile, trapsText } from "./traps-text.ts";

const root = join(import.meta.dir, "../..");
const measured = trapGroups.flatMap((group) => group.traps);
const traps = [...measured, ...reported.traps];
const tests = traps.flatMap(({ without, cured }) => [...without, ...cured]);

/** Whether a test of that name stands in the file, its name as one literal. */
function stands(file: string, name: string): boolean {
  const source = readFileSync(join(root, file), "utf8");
  const escaped = name.replaceAll("'", "\\'");
  return [`"${name}"`, `'${name}'`, `'${escaped}'`, `\`${name}\``].some((each) =>
    source.includes(each),
  );
}

describe("traps", () => {
  test.each(tests.map(({ file, name }) => [file, name] as const))("%s has %s", (file, name) => {
    expect(stands(file, name)).toBe(true);
  });

  test("each have a test of their cure, or say why there is nothing to test", () => {
    const bare = traps.filter(({ cured, note }) => cured.length === 0 && note === undefined);
    expect(bare).toEqual([]);
  });

  test("of ccxt and Bun each have a test without the cure, or say why there is none", () => {
    expect(measured.filter(({ without, note }) => without.length === 0 && !note)).toEqual([]);
  });

  test("are in the documentation as they stand here", () => {
    expect(readFileSync(trapsFile, "utf8")).toBe(trapsText());
  });
});
