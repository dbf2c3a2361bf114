/** The command line as a process of its own, in a folder of the test's. */
import { join } from "node:path";

const main = join(import.meta.dir, "main.ts");

/** Runs a command there; resolves to its exit code and what it printed. */
export function novactorIn(folder: string) {
  return async (...args: string[]) => {
    const child = Bun.spawn([process.execPath, main, ...args], {
      ...{ cwd: folder, stdout: "pipe", stderr: "pipe" },
    });
    const [out, err] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    return { code: await child.exited, out, err };
  };
}
