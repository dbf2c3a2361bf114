/** Every case on every subject, and the matrix in the documentation as this run gives it. */
import { afterAll, describe, expect, test } from "bun:test";
import { type Outcome, runCase } from "./case.ts";
import { cases } from "./cases.ts";
import { conformanceText, storedConformance } from "./conformance-text.ts";
import { subjects } from "./subjects.ts";

const outcomes = new Map<string, Outcome>();

test("a case's number is its own", () => {
  const ids = cases.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)].sort());
});

for (const subject of subjects) {
  describe(subject.name, () => {
    test.each(cases.map((each) => [`${each.id} ${each.title}`, each] as const))(
      "%s",
      async (_, each) => {
        const outcome = await runCase(each, subject);
        outcomes.set(`${each.id}/${subject.name}`, outcome);
        if (outcome.type === "failed") throw outcome.error;
      },
    );
  });
}

test("the matrix in the documentation is what this run gives", async () => {
  expect(outcomes.size).toBe(cases.length * subjects.length);
  expect(await storedConformance()).toBe(conformanceText(outcomes));
});

afterAll(() => {
  for (const [name, outcome] of outcomes) {
    if (outcome.type === "notOffered") console.log(`${name}: not offered, ${outcome.reason}`);
  }
});
