/** A price that is to be told, whole ticks. */
export interface Move {
  readonly symbol: string;
  readonly ticks: number;
}

interface MoveState {
  /** By symbol: the price at its last evaluation, whole ticks. */
  readonly last: Readonly<Record<string, number>>;
  /** Found, but not told yet: what the venue made of that price comes first. */
  readonly due: Move | null;
}

const none: MoveState = { last: {}, due: null };

/**
 * Finds the moves of a price that are large enough for the symbol to be evaluated before its bar
 * closes: more than a share of the price at its last evaluation, be that a bar's close or a move.
 * Before its first bar there is none.
 */
export class MoveWatch {
  private readonly last: Map<string, number>;
  private due: Move | null;
  private changed = false;

  /**
   * @param share of the price; 0 for never.
   * @param stored what {@link change} said; undefined for a watch that begins.
   */
  constructor(
    private share: number,
    stored: unknown,
  ) {
    checkShare(share);
    const isNever = share === 0;
    const state = isNever ? none : ((stored as MoveState | undefined) ?? none);
    this.last = new Map(Object.entries(state.last));
    this.due = state.due;
    // Prices that are not followed any more would be stale when they are again.
    this.changed = isNever && stored !== undefined;
  }

  /** Whether no price is looked at, however far it moves. */
  get isOff(): boolean {
    return this.share === 0;
  }

  /** Watches for moves of another share from now on. */
  watchFor(share: number): void {
    checkShare(share);
    this.share = share;
  }

  /** The symbol was evaluated at this price. */
  evaluated(symbol: string, ticks: number): void {
    if (this.share === 0) return;
    this.last.set(symbol, ticks);
    this.changed = true;
  }

  /** The symbol's price is this now. */
  see(symbol: string, ticks: number): void {
    const last = this.last.get(symbol);
    if (this.share === 0 || last === undefined) return;
    // Not as a quotient: 995 / 1000 - 1 is beyond -0.005, which 5 of 1000 are not.
    if (Math.abs(ticks - last) <= this.share * last) return;
    this.due = { symbol, ticks };
    this.changed = true;
  }

  /** The move that is to be told now, or null. From here on it counts as evaluated. */
  take(): Move | null {
    const { due } = this;
    if (due === null) return null;
    this.due = null;
    this.evaluated(due.symbol, due.ticks);
    return due;
  }

  /** What is to be kept, if it changed since it was last asked; else null. */
  change(): MoveState | null {
    if (!this.changed) return null;
    this.changed = false;
    return { last: Object.fromEntries(this.last), due: this.due };
  }
}

function checkShare(share: number): void {
  if (share >= 0 && share < 1) return;
  throw new RangeError(`Cannot watch for moves of ${share}: wanted a share from 0 up, below 1`);
}
