import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { PanelDoors, PanelKeeper } from "../../web/server/doors.ts";
import type { Log } from "../log/mod.ts";
import type { PanelStore } from "../store/panel-store.ts";
import type { LedgerReader } from "../store/reader.ts";
import { locksmith } from "./locksmith.ts";
import type { PanelAddress } from "./panel.ts";
import type { Pulse } from "./pulse.ts";

/** The name of the key that the first start creates. */
const firstName = "admin";

interface DoorsOf {
  readonly store: PanelStore;
  readonly address: PanelAddress;
  readonly idleMs: number;
  readonly reload: PanelDoors["reload"];
  readonly log: Log;
  readonly pulse: Pick<Pulse, "read">;
  readonly reader: Pick<LedgerReader, "liveActor">;
  /** The machine's clock, unless told. */
  readonly now?: () => number;
}

/** What keeps the panel's door in a process that runs a desk. */
export function panelDoors(of: DoorsOf): PanelDoors {
  const { store, address, idleMs, reload, log, pulse, reader } = of;
  return {
    keeper: store satisfies PanelKeeper,
    locksmith,
    where: () => address,
    now: of.now ?? Date.now,
    idleMs,
    reload,
    lines: log,
    pulse: () => pulse.read(),
    changedSeq: (actor) => reader.liveActor(actor)?.seq ?? null,
    documents: documents(),
  };
}

/** The key of a desk's first start, where nobody can do everything yet; null where somebody can. */
export async function firstKey(store: PanelStore): Promise<string | null> {
  if (store.hasAdmin()) return null;
  const { id, text, hash } = await locksmith.make();
  const name = store.hasName(firstName) ? `${firstName} ${id}` : firstName;
  store.addKey({ id, name, role: "admin", hash, createdAt: Date.now() });
  return text;
}

const root = join(import.meta.dir, "../..");

/** README and what lies in `web/docs`, by name. */
export function documents(): PanelDoors["documents"] {
  const folder = join(root, "web/docs");
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".md"))
    .sort();
  return new Map(
    ["README.md", ...files.map((name) => join("web/docs", name))].map((path) => {
      const text = readFileSync(join(root, path), "utf8");
      const name = basename(path, ".md").toLowerCase();
      return [name, { title: /^# (.+)$/m.exec(text)?.[1] ?? name, text }];
    }),
  );
}
