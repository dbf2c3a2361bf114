/** Types and style are part of the tests, so that the one test command says whether all is well. */
import { expect, test } from "bun:test";
import { join } from "node:path";

const root = join(import.meta.dir, "..");
// The tools are JavaScript: whoever runs the tests has Bun, and need not have Node.
const bun = process.execPath;

async function run(...command: string[]): Promise<{ code: number; output: string }> {
  const process = Bun.spawn(command, { cwd: root, stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([
    new Response(process.stdout).text(),
    new Response(process.stderr).text(),
  ]);
  return { code: await process.exited, output: out + err };
}

test.each([
  ["the desk", []],
  ["the page", ["-p", "web/client"]],
] as const)("the TypeScript compiler finds nothing in %s", async (_name, options) => {
  const tsc = "node_modules/typescript/lib/tsc.js";
  const { code, output } = await run(bun, tsc, "--noEmit", ...options);
  expect({ code, output }).toEqual({ code: 0, output: "" });
});

test("Biome finds nothing", async () => {
  const { code, output } = await run(
    bun,
    "node_modules/@biomejs/biome/bin/biome",
    "check",
    "--error-on-warnings",
  );
  expect(code, output).toBe(0);
});

test("the lock file and the sources name no registry host and no path of a machine", async () => {
  const { output } = await run("git", "ls-files");
  const suspicious = /registry\.npmjs|:\/\/[a-z0-9.-]*registry|\/(?:work|root|tmp\/[a-z])\//i;
  const found: string[] = [];
  for (const path of output.trim().split("\n")) {
    if (path === "" || path === "test/toolchain.test.ts") continue;
    const file = Bun.file(join(root, path));
    if (!(await file.exists()) || file.size > 2_000_000) continue;
    const line = (await file.text()).split("\n").findIndex((each) => suspicious.test(each));
    if (line >= 0) found.push(`${path}:${line + 1}`);
  }
  expect(found).toEqual([]);
});
