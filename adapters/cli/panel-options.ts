import type { PanelConfiguration, PanelOptions } from "../../web/server/ports.ts";
import { systemClock } from "../clock/system-clock.ts";
import type { Log } from "../log/mod.ts";
import type { SeenBooks } from "../simulation/seen-books.ts";
import type { Composition } from "./compose.ts";
import { candleFolder } from "./data-store.ts";
import type { Door } from "./door.ts";
import { panelBooks } from "./panel-books.ts";
import { panelLanes } from "./panel-lanes.ts";
import { panelMachines } from "./panel-machines.ts";
import { panelResearch } from "./panel-research.ts";
import type { ConfigurationFlags } from "./start-configuration.ts";
import { VenueClocks } from "./venue-clocks.ts";
import type { StreamedVenue } from "./wired-venue.ts";

interface PanelParts {
  readonly shown: Pick<PanelOptions, "desk" | "market" | "uptimeMs" | "version">;
  readonly parts: Pick<Composition, "reader">;
  /** Order books that the run is told of. */
  readonly seenBooks: SeenBooks;
  /** Venues that orders go to over a wire. */
  readonly wires: readonly StreamedVenue[];
  readonly log: Log;
  readonly configuration: PanelConfiguration;
  readonly door: Door;
  /** What the desk was started with. */
  readonly flags: ConfigurationFlags & { readonly db: string };
}

/** What the panel of a running desk is given; threads that it started end with it. */
export function panelOptions(of: PanelParts): PanelOptions & Disposable {
  const { shown, parts, seenBooks, wires, log, configuration, door, flags } = of;
  const machines = panelMachines(flags.db, log);
  const clocks = new VenueClocks(
    wires.map(({ venue }) => venue),
    systemClock.now,
  );
  return {
    ...shown,
    clock: () => clocks.words(),
    ...{ ledger: parts.reader, log, configuration, obey: door },
    books: panelBooks(parts.reader),
    lanes: panelLanes(parts.reader, seenBooks),
    research: panelResearch(flags.db, candleFolder(), flags),
    machines,
    [Symbol.dispose]: () => machines[Symbol.dispose](),
  };
}
