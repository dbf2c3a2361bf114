/** Cumulative over the ledger, whatever was restarted in between. */
export interface Counts {
  candles: number;
  decisions: number;
  orders: number;
  fills: number;
  trades: number;
  /** Trades that ended above zero after fees. */
  wins: number;
  poison: number;
  /** Decisions by their code. */
  codes: Record<string, number>;
}

/** What a new ledger begins with. */
export function newCounts(): Counts {
  return { ...noCounts, codes: {} };
}

const noCounts = {
  candles: 0,
  decisions: 0,
  orders: 0,
  fills: 0,
  trades: 0,
  wins: 0,
  poison: 0,
};
