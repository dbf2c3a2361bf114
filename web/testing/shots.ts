/**
 * Shoots every page of the panel of a desk that has traded, on a desk and on a phone, dark and
 * light: `bun run shots [FOLDER]`. Says what is wrong with any of them, and fails then.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "./browser.fixture.ts";
import { startPanel } from "./panel-process.fixture.ts";
import { openWatched, type WatchedBrowser } from "./watched-browser.fixture.ts";

const sizes = [
  { name: "desktop", width: 1_440, height: 900 },
  { name: "phone", width: 390, height: 844 },
] as const;
const themes = ["dark", "light"] as const;

/** One more of each kind that pages lead to: by the name of the shot on which its link stands. */
const further = [
  { on: "trades", link: 'a[href^="/trades/"]', name: "trade-story" },
  { on: "trade-story", link: 'a[href^="/machines/order"]', name: "order-machine" },
  { on: "trade-story", link: 'a[href^="/machines/position"]', name: "position-machine" },
  { on: "trade-story", link: 'a[href^="/machines/sequence"]', name: "sequence" },
  { on: "scanner", link: 'a[href^="/trade/"]', name: "lane" },
  { on: "journal", link: 'a[href^="/journal/"]', name: "journal-record" },
  { on: "research", link: 'a[href="/research/1"]', name: "research-backtest" },
  { on: "research", link: 'a[href="/research/2"]', name: "research-study" },
] as const;

/** Where the panel keeps the reports of its jobs. */
const reportsOf = (ledgerFile: string) => join(`${ledgerFile}.jobs`, "reports");

/** Work for the research page, as its own form asks for it: a backtest, and a study. */
const jobsBeside = (ledgerFile: string) => [
  [
    ...["backtest", "--seed", "1", "--until", "2026-01-06", "--sensitivity"],
    ...["--json", join(reportsOf(ledgerFile), "shot.json")],
  ],
  [
    ...["optimize", "--seed", "1", "--until", "2026-01-03", "--objective", "totalReturn"],
    ...["--vary", "coolDown.bars=1..4:1", "--vary", "stop.atrMultiple=2..3:0.5", "--json"],
  ],
];

/** Has the desk do that work, and waits until it is done. */
async function research(ledgerFile: string): Promise<void> {
  const ask = async (...args: readonly string[]) => {
    const [what = "", ...rest] = args;
    const command = [
      process.execPath,
      "adapters/cli/main.ts",
      "job",
      what,
      "--db",
      ledgerFile,
      ...rest,
    ];
    const child = Bun.spawn(command, { stdout: "pipe", stderr: "inherit" });
    const text = await new Response(child.stdout).text();
    if ((await child.exited) !== 0) throw new Error(`Cannot do research: ${command.join(" ")}`);
    return text;
  };
  mkdirSync(reportsOf(ledgerFile), { recursive: true });
  const jobs = jobsBeside(ledgerFile);
  for (const [kind = "", ...args] of jobs) await ask("start", kind, ...args);
  const tooLate = performance.now() + 300_000;
  for (;;) {
    const text = await ask("list");
    if ((text.match(/\bdone\b/g) ?? []).length >= jobs.length) return;
    if (/failed|cancelled/.test(text) || performance.now() > tooLate) {
      throw new Error(`Research came to nothing:\n${text}`);
    }
    await Bun.sleep(500);
  }
}

/**
 * What is wrong with how the page stands in a window of that width, as text; run in the page. What is
 * too wide for a phone widens the window that the page sees.
 */
const misplacedIn = (given: number) => `(() => {
  const found = [];
  const innerWidth = ${given};
  const width = document.scrollingElement.scrollWidth;
  if (width > innerWidth) found.push("the page is " + width + " px wide, the window " + innerWidth);
  const nameOf = (each) => each.tagName.toLowerCase() + (each.className ? "." + each.className : "") +
    " " + JSON.stringify(each.textContent.trim().slice(0, 40));
  const scrolls = (each) => {
    for (let at = each.parentElement; at; at = at.parentElement) {
      if (/auto|scroll|hidden|clip/.test(getComputedStyle(at).overflowX)) return true;
    }
    return false;
  };
  for (const each of document.body.querySelectorAll("*")) {
    const hasText = [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!hasText || each.closest(".skip, .unseen, legend, svg, dialog:not([open])")) continue;
    const box = each.getBoundingClientRect();
    if (box.width === 0 || box.height === 0) continue;
    const style = getComputedStyle(each);
    if (box.right > innerWidth + 1 && !scrolls(each)) found.push("out of the window: " + nameOf(each));
    const isCut = /hidden|clip/.test(style.overflowX) && each.scrollWidth > each.clientWidth + 1;
    if (isCut) found.push("cut off: " + nameOf(each));
  }
  return [...new Set(found)].slice(0, 5);
})()`;

/** Whether a page shows what it has read: nothing is being read, and every chart has its canvas. */
const isSettled = `(() => {
  const ages = [...document.querySelectorAll(".age")].map((each) => each.textContent);
  const charts = [...document.querySelectorAll(".canvas")];
  return document.querySelector(".strip-day") && document.querySelector("h1")
    && (!document.querySelector("[aria-label=Statechart]") || document.querySelector(".chart-svg .node"))
    && !ages.includes("reading") && charts.every((each) => each.querySelector("canvas"));
})()`;

interface Shot {
  readonly name: string;
  readonly path: string;
}

async function settle(browser: WatchedBrowser): Promise<void> {
  await browser.until(isSettled);
  // What was read is drawn within the next frames, and charts settle their scales.
  await Bun.sleep(500);
}

/** Every page of the navigation, and one of each that they lead to. */
async function shotsOf(browser: WatchedBrowser, origin: string): Promise<readonly Shot[]> {
  const paths = await browser.view.evaluate<string[]>(
    `[...document.querySelectorAll(".nav a")].map((each) => new URL(each.href).pathname)`,
  );
  const shots = paths.map((path) => ({ name: path.slice(1) || "overview", path }));
  for (const { on, link, name } of further) {
    const from = shots.find((shot) => shot.name === on);
    if (!from) continue;
    await browser.view.navigate(origin + from.path);
    await settle(browser);
    const href = await browser.view.evaluate<string | null>(
      `document.querySelector('main ${link}')?.getAttribute("href") ?? null`,
    );
    if (href === null) console.log(`  no link to ${name} on ${on}`);
    else shots.push({ name, path: href });
  }
  return shots;
}

async function main(): Promise<void> {
  if (chromium === null) throw new Error("Cannot shoot: there is no chromium on this machine");
  const folder = process.argv[2] ?? "shots";
  mkdirSync(folder, { recursive: true });
  console.log("trading a day of the generated market");
  // From then on it moves slowly: what is open stays open while it is shot.
  await using panel = await startPanel({
    ...{ tradeUntil: "2026-01-02T04:30:00Z", flags: ["--speed", "20"] },
  });
  console.log("doing research beside it");
  await research(panel.ledgerFile);
  await using browser = await openWatched(panel.origin);
  await browser.sized(1_440, 900);
  await browser.view.navigate(panel.link);
  await settle(browser);
  const shots = await shotsOf(browser, panel.origin);
  const wrong: string[] = [];
  for (const theme of themes) {
    await browser.view.evaluate(`localStorage.setItem("novactor.theme", "${theme}")`);
    for (const { name: size, width, height } of sizes) {
      await browser.sized(width, height);
      for (const { name, path } of shots) {
        const before = browser.faults.length;
        await browser.view.navigate(panel.origin + path);
        await settle(browser);
        const found = [
          ...(await browser.view.evaluate<string[]>(misplacedIn(width))),
          ...browser.faults.slice(before),
        ];
        const file = join(folder, `${name}-${size}-${theme}.png`);
        await browser.shoot(file);
        console.log(`${file}${found.length === 0 ? "" : `\n  ${found.join("\n  ")}`}`);
        wrong.push(...found);
      }
    }
  }
  console.log(`${shots.length * 4} shots, ${wrong.length} faults`);
  if (wrong.length > 0) process.exitCode = 1;
}

await main();
