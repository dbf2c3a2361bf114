/**
 * `bun test/conformance/matrix.ts [--write]`: runs every case and every cell of the fault matrix, and
 * shows the pages of the documentation, or writes them. Ends with 1 where anything failed.
 */
import { type Outcome, runCase } from "./case.ts";
import { cases } from "./cases.ts";
import { conformanceFile, conformanceText, storedConformance } from "./conformance-text.ts";
import { cells, runCells } from "./fault-cells.ts";
import { faultFile, faultText, storedFaults } from "./fault-text.ts";
import { subjects } from "./subjects.ts";

async function conformance() {
  const outcomes = new Map<string, Outcome>();
  let failed = 0;
  for (const subject of subjects) {
    for (const each of cases) {
      const outcome = await runCase(each, subject);
      outcomes.set(`${each.id}/${subject.name}`, outcome);
      if (outcome.type !== "failed") continue;
      failed += 1;
      console.error(`${each.id} on ${subject.name}:`, outcome.error);
    }
  }
  const [text, stored] = [conformanceText(outcomes), await storedConformance()];
  return { file: conformanceFile, text, stored, count: outcomes.size, failed };
}

async function faults() {
  const outcomes = await runCells(cells);
  const failing = [...outcomes].filter(([, { wrong }]) => wrong.length > 0);
  for (const [name, { wrong }] of failing) console.error(`${name}: ${wrong.join("; ")}`);
  const [text, stored] = [faultText(outcomes), await storedFaults()];
  return { file: faultFile, text, stored, count: outcomes.size, failed: failing.length };
}

for (const run of [conformance, faults]) {
  const { file, text, stored, count, failed } = await run();
  if (process.argv.includes("--write")) await Bun.write(file, text);
  else console.log(text);
  const was = stored === text ? "is true" : "was not true";
  console.error(`${count} cells, ${failed} failed; "${file}" ${was}`);
  if (failed > 0) process.exitCode = 1;
}
