/**
 * Who voted for a position, as a JSON list of names: its actor, which knew it until now, is dropped
 * a month after its end. Round trips are paged by when they ended; one entry of the index is
 * written when a position closes, none while it is open.
 */
export const roundTrips = `
ALTER TABLE positions ADD COLUMN voted_by TEXT;
CREATE INDEX positions_by_close ON positions (closed_at, position_id)
  WHERE closed_at IS NOT NULL;
`;
