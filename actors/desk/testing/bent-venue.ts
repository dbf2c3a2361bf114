/** A paper venue whose answers a test bends: lost on the way there, on the way back, or refused. */
import type { PaperVenue } from "../../../adapters/venues/paper/paper-venue.ts";
import type { VenueReport } from "../../../machines/domain/fill.ts";
import type {
  AmendRequest,
  CancelRequest,
  OrderRequest,
  VenueOrder,
} from "../../../machines/domain/order.ts";
import type { Refusal, Reply, Venue } from "../../order/ports.ts";

/** `lost`: the request never arrives. `unheard`: it is done, its answer is lost. */
export type Bend = "none" | "lost" | "unheard" | Refusal;

export interface Bends {
  submit: Bend;
  amend: Bend;
  cancel: Bend;
  /** Look-ups, and what an account is read by. */
  read: "none" | "lost";
}

const unheard: Reply<never> = { type: "unknown", cause: "no reply in time" };

export class BentVenue implements Venue {
  readonly bends: Bends = { submit: "none", amend: "none", cancel: "none", read: "none" };
  /** What reached the venue: `submit buy limit`, `amend`, `cancel`. */
  readonly reached: string[] = [];
  /** Takes a report away before the desk sees it. */
  keepsReports = false;
  /** Called before each request; whatever happens meanwhile. */
  meanwhile: (request: keyof Bends) => void = () => {};

  constructor(readonly paper: PaperVenue) {}

  get at() {
    return this.paper.at;
  }

  get assumptions() {
    return this.paper.assumptions;
  }

  instruments() {
    return this.paper.instruments();
  }

  submit(request: OrderRequest): Promise<Reply<VenueOrder>> {
    const what = `submit ${request.side} ${request.type}`;
    return this.bent("submit", what, () => this.paper.submit(request));
  }

  amend(request: AmendRequest): Promise<Reply<VenueOrder>> {
    return this.bent("amend", "amend", () => this.paper.amend(request));
  }

  cancel(request: CancelRequest): Promise<Reply<VenueOrder>> {
    return this.bent("cancel", "cancel", () => this.paper.cancel(request));
  }

  lookUp(clientOrderId: string, symbol: string) {
    return this.read(() => this.paper.lookUp(clientOrderId, symbol));
  }

  openOrders() {
    return this.read(() => this.paper.openOrders());
  }

  balances() {
    return this.read(() => this.paper.balances());
  }

  fillsSince(since: number) {
    return this.read(() => this.paper.fillsSince(since));
  }

  takeReport(): VenueReport | null {
    return this.keepsReports ? null : this.paper.takeReport();
  }

  private async bent(
    name: "submit" | "amend" | "cancel",
    what: string,
    request: () => Promise<Reply<VenueOrder>>,
  ): Promise<Reply<VenueOrder>> {
    this.meanwhile(name);
    const bend = this.bends[name];
    if (bend === "lost") return unheard;
    if (bend !== "none" && bend !== "unheard") {
      return { type: "refused", code: bend, text: `refused: ${bend}` };
    }
    this.reached.push(what);
    const reply = await request();
    return bend === "unheard" ? unheard : reply;
  }

  private async read<T>(request: () => Promise<Reply<T>>): Promise<Reply<T>> {
    this.meanwhile("read");
    return this.bends.read === "lost" ? unheard : request();
  }
}
