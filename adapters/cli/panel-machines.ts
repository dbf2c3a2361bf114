import type { PanelMachines } from "../../web/server/machine-ports.ts";
import { LayoutThread } from "../charts/layout-thread.ts";
import type { Log } from "../log/mod.ts";
import { PastThread } from "../store/past/past-thread.ts";

/** What the visualiser needs of the world: threads that draw, and that look into ledgers. */
export function panelMachines(
  ledgerFile: string,
  log: Pick<Log, "plain">,
): PanelMachines & Disposable {
  const layout = new LayoutThread();
  let thread: PastThread | null = null;
  // Nobody who looks at no past has a thread that reads it.
  const past = () => {
    thread ??= new PastThread(ledgerFile);
    return thread;
  };
  return {
    layOut: (graph) => layout.layOut(graph),
    plain: (value) => log.plain(value),
    past: {
      ledgers: () => past().ledgers(),
      ask: (ledger, question, ...args) => past().ask(ledger, question, ...args) as never,
    },
    [Symbol.dispose]() {
      layout[Symbol.dispose]();
      thread?.[Symbol.dispose]();
    },
  };
}
