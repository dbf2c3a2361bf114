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
}

export const noCounts: Readonly<Counts> = {
  candles: 0,
  decisions: 0,
  orders: 0,
  fills: 0,
  trades: 0,
  wins: 0,
  poison: 0,
};
