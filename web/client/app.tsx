import { signal } from "@preact/signals";
import { Component, type ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { followKeys } from "./keyboard.ts";
import { strip } from "./live.ts";
import { Notices } from "./notices.tsx";
import { type Page, pages } from "./pages.tsx";
import { CommandDialog } from "./parts/command-dialog.tsx";
import { Dialog } from "./parts/dialog.tsx";
import { address, pathParts } from "./router.ts";
import { SignedIn } from "./sign-in.tsx";
import { EmergencyDialog, StatusStrip } from "./strip.tsx";
import { switchTheme, theme } from "./theme.ts";

/** The window that is open over the page, of those that belong to none. */
const open = signal<"help" | "emergency" | "more" | null>(null);
const close = () => {
  open.value = null;
};

/** Has the keys open the windows of the frame. */
export function followFrameKeys(): void {
  followKeys({
    emergency: () => {
      open.value = "emergency";
    },
    help: () => {
      open.value = "help";
    },
  });
}

/** On a phone these stand below the page; the others behind the last button. */
const bottomPaths = ["", "trade", "trades", "machines"];

/** The frame around every page. */
export function App() {
  const [first = ""] = pathParts.value;
  const page = pages.find(({ path }) => path === first);
  useTitle(page);
  return (
    <>
      <a class="skip" href="#content">
        Skip to the page
      </a>
      <StatusStrip />
      <Navigation at={first} />
      <Content page={page} at={first} />
      <Footer />
      <BottomBar at={first} />
      <Notices />
      <CommandDialog />
      {open.value === "emergency" && <EmergencyDialog onClose={close} />}
      {open.value === "help" && <Keys />}
      {open.value === "more" && <More at={first} />}
    </>
  );
}

function useTitle(page: Page | undefined): void {
  const mode = strip.value?.mode;
  useEffect(() => {
    const name = page?.title ?? "Not found";
    document.title = [name, mode?.toUpperCase(), "Novactor"].filter(Boolean).join(" · ");
  }, [page, mode]);
}

function Navigation({ at }: { readonly at: string }) {
  return (
    <nav class="nav" aria-label="Pages">
      {pages.map((page) => (
        <PageLink key={page.path} page={page} at={at} />
      ))}
      <SignedIn />
      <ThemeButton />
    </nav>
  );
}

interface PageLinkProps {
  readonly page: Page;
  readonly at: string;
}

function PageLink({ page: { path, title }, at }: PageLinkProps) {
  return (
    <a href={`/${path}`} aria-current={path === at ? "page" : undefined}>
      {title}
    </a>
  );
}

function ThemeButton() {
  const other = theme.value === "dark" ? "light" : "dark";
  return (
    <button type="button" class="theme" onClick={switchTheme}>
      {other === "light" ? "Light" : "Dark"} colours
    </button>
  );
}

interface ContentProps {
  readonly page: Page | undefined;
  readonly at: string;
}

/** The page itself; a reader is told of another one by the focus on its heading. */
function Content({ page, at }: ContentProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) heading.current?.focus();
    isFirst.current = false;
  }, [address.value.pathname]);
  const Page = page?.content;
  return (
    <main id="content" tabIndex={-1}>
      <h1 ref={heading} tabIndex={-1}>
        {page?.title ?? "Not found"}
      </h1>
      {Page ? (
        <Mishaps key={at}>
          <Page />
        </Mishaps>
      ) : (
        <p class="empty">
          There is no page "{at}". <a href="/">To the overview</a>
        </p>
      )}
    </main>
  );
}

/** A page that fails takes neither the strip nor the brakes along. */
class Mishaps extends Component<{ readonly children: ComponentChildren }> {
  override state = { error: null as string | null };

  override componentDidCatch(error: unknown) {
    console.error(error);
    this.setState({ error: error instanceof Error ? error.message : String(error) });
  }

  render() {
    if (this.state.error === null) return this.props.children;
    return (
      <section class="card">
        <p class="error" role="alert">
          This page cannot be shown: {this.state.error}
        </p>
        <button type="button" onClick={() => this.setState({ error: null })}>
          Try again
        </button>
      </section>
    );
  }
}

function Footer() {
  return (
    <footer class="footer">
      <span>
        Charts by{" "}
        <a href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
          TradingView Lightweight Charts™
        </a>
        , © TradingView, Inc., Apache-2.0
      </span>
      <span>Novactor, MIT licence</span>
      <button type="button" class="plain" onClick={() => (open.value = "help")}>
        Keys
      </button>
    </footer>
  );
}

function BottomBar({ at }: { readonly at: string }) {
  const shown = pages.filter(({ path }) => bottomPaths.includes(path));
  const isElsewhere = !bottomPaths.includes(at);
  return (
    <nav class="bottom" aria-label="Main pages">
      {shown.map((page) => (
        <PageLink key={page.path} page={page} at={at} />
      ))}
      <button
        type="button"
        class={isElsewhere ? "here" : undefined}
        onClick={() => (open.value = "more")}
      >
        More
      </button>
    </nav>
  );
}

/** All pages, where there is no room for them. */
function More({ at }: { readonly at: string }) {
  return (
    <Dialog title="Pages" onClose={close}>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: a link's key is a click */}
      <nav class="more" aria-label="All pages" onClick={close}>
        {pages.map((page) => (
          <PageLink key={page.path} page={page} at={at} />
        ))}
      </nav>
      <SignedIn />
      <div class="dialog-buttons">
        <ThemeButton />
        <button type="button" onClick={close}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

function Keys() {
  const keys: readonly (readonly [string, string])[] = [
    ["k", "Emergency brakes"],
    ["/", "The page's filter"],
    ["?", "This list"],
    ...pages.map(({ keys, title }) => [keys, title] as const),
  ];
  return (
    <Dialog title="Keys" onClose={close}>
      <dl class="keys">
        {keys.map(([key, means]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd class="means">{means}</dd>
          </div>
        ))}
      </dl>
      <div class="dialog-buttons">
        <button type="button" onClick={close}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
