/** A headless browser that notes everything that a page must not do. */
import { type Browser, openBrowser } from "./browser.fixture.ts";

export interface WatchedBrowser extends Browser {
  /** Errors of the console, violations of the policy, requests to elsewhere: none is wanted. */
  readonly faults: readonly string[];
  /** Forgets the faults so far: they were meant. */
  forgive(): void;
  /** Has the page of that size, as a phone where it is narrow. */
  sized(width: number, height: number): Promise<void>;
  /** What the page shows, as text. */
  text(selector?: string): Promise<string>;
}

interface LogEntry {
  readonly entry: { readonly level: string; readonly text: string; readonly url?: string };
}
interface Request {
  readonly request: { readonly url: string };
}
interface Thrown {
  readonly exceptionDetails: {
    readonly text: string;
    readonly exception?: { readonly description?: string };
  };
}

/** Opens a browser for the pages of one origin. */
export async function openWatched(origin: string): Promise<WatchedBrowser> {
  const browser = openBrowser(1_440, 900);
  const { view, said } = browser;
  let faults: string[] = [];
  let forgiven = 0;
  await view.navigate("about:blank");
  view.addEventListener<LogEntry>("Log.entryAdded", ({ data: { entry } }) => {
    if (entry.level === "error") faults.push(`logged: ${entry.text} ${entry.url ?? ""}`);
  });
  view.addEventListener<Thrown>("Runtime.exceptionThrown", ({ data: { exceptionDetails } }) => {
    faults.push(`thrown: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
  });
  view.addEventListener<Request>("Network.requestWillBeSent", ({ data: { request } }) => {
    const isOwn = request.url.startsWith(`${origin}/`) || /^(data|blob|about):/.test(request.url);
    if (!isOwn) faults.push(`asked elsewhere: ${request.url}`);
  });
  for (const domain of ["Log", "Runtime", "Network"]) await view.cdp(`${domain}.enable`);
  return {
    ...browser,
    get faults() {
      return [...faults, ...said.slice(forgiven).filter((line) => /^(error|warn)/.test(line))];
    },
    forgive() {
      faults = [];
      forgiven = said.length;
    },
    async sized(width, height) {
      const mobile = width < 600;
      await view.cdp("Emulation.setDeviceMetricsOverride", {
        ...{ width, height, deviceScaleFactor: 1, mobile },
      });
    },
    text: (selector = "body") =>
      view.evaluate<string>(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? ""`),
  };
}
