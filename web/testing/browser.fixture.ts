/** A real headless browser for tests and screenshots; each with a profile of its own. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync) ?? null;

const argv = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
] as const;

export interface Browser extends AsyncDisposable {
  readonly view: Bun.WebView;
  /** Lines of the page's console, as `level: text`. */
  readonly said: readonly string[];
  /** Waits until an expression of the page is true. @throws {Error} naming it, past the time limit */
  until(expression: string, limitMs?: number): Promise<void>;
  /** Writes what is seen to a PNG file. */
  shoot(file: string): Promise<void>;
}

/** Opens a window of that size. One browser serves a process. */
export function openBrowser(width: number, height: number): Browser {
  const profile = mkdtempSync(join(tmpdir(), "novactor-browser-"));
  const said: string[] = [];
  const view = new Bun.WebView({
    width,
    height,
    backend: {
      type: "chrome",
      path: chromium ?? "",
      argv: [...argv, `--user-data-dir=${profile}`],
    },
    console: (level: string, ...parts: unknown[]) => said.push(`${level}: ${parts.join(" ")}`),
  } as ConstructorParameters<typeof Bun.WebView>[0]);
  return {
    view,
    said,
    async until(expression, limitMs = 30_000) {
      const until = performance.now() + limitMs;
      while (!(await view.evaluate(`Boolean(${expression})`))) {
        if (performance.now() > until) throw new Error(`The page never came to: ${expression}`);
        await Bun.sleep(50);
      }
    },
    async shoot(file) {
      await Bun.write(file, (await view.screenshot()) as Blob);
    },
    async [Symbol.asyncDispose]() {
      view.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
