/**
 * Who may write (times of the wall clock, Unix milliseconds), and where the records of closed
 * segments are that are no longer in the journal.
 */
export const leaseAndArchives = `
CREATE TABLE lease (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  token INTEGER NOT NULL,
  host TEXT NOT NULL,
  machine_id TEXT NOT NULL,
  boot_id TEXT NOT NULL,
  namespace TEXT NOT NULL,
  pid INTEGER NOT NULL,
  process_started_at TEXT NOT NULL,
  acquired_at INTEGER NOT NULL,
  renewed_at INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  released_at INTEGER
) STRICT;

CREATE TABLE archives (
  number INTEGER PRIMARY KEY REFERENCES segments (number),
  file TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  decisions INTEGER NOT NULL
) STRICT;
`;
