/**
 * The first schema. Decimals are TEXT, times Unix milliseconds, blobs msgpack with the keys of
 * their objects in `structures`.
 */
export const initial = `
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  code TEXT,
  correlation TEXT,
  content TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
-- Decisions are counted and filtered by their code, an order's story is read by its correlation.
CREATE INDEX journal_by_code ON journal (code) WHERE code IS NOT NULL;
CREATE INDEX journal_by_correlation ON journal (correlation) WHERE correlation IS NOT NULL;

CREATE TABLE segments (
  number INTEGER PRIMARY KEY,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  previous_hash TEXT NOT NULL,
  head TEXT NOT NULL,
  closed_at INTEGER NOT NULL
) STRICT;

-- One row: where the journal ends, so that a cut tail shows.
CREATE TABLE head (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL
) STRICT;
INSERT INTO head VALUES (1, 0, '${"0".repeat(64)}');

CREATE TABLE structures (
  id INTEGER PRIMARY KEY,
  keys TEXT NOT NULL
) STRICT;

CREATE TABLE actors (
  name TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  version INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  snapshot BLOB NOT NULL,
  timers BLOB NOT NULL
) STRICT;

CREATE TABLE archive (
  name TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  version INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  snapshot BLOB NOT NULL,
  timers BLOB NOT NULL
) STRICT;

CREATE TABLE state (
  space TEXT NOT NULL,
  key TEXT NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY (space, key)
) STRICT;

CREATE TABLE orders (
  intent_id TEXT PRIMARY KEY,
  venue TEXT NOT NULL,
  account TEXT NOT NULL,
  symbol TEXT NOT NULL,
  position_id TEXT NOT NULL,
  role TEXT NOT NULL,
  side TEXT NOT NULL,
  type TEXT NOT NULL,
  quantity TEXT NOT NULL,
  price TEXT,
  stop_price TEXT,
  time_in_force TEXT NOT NULL,
  post_only INTEGER NOT NULL,
  expires_at INTEGER,
  patience_ms INTEGER,
  created_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  filled TEXT NOT NULL,
  filled_for TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  venue_order_id TEXT,
  reason TEXT,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX orders_by_position ON orders (position_id);
CREATE INDEX orders_by_venue_order ON orders (venue_order_id, venue, account)
  WHERE venue_order_id IS NOT NULL;
CREATE INDEX orders_by_creation ON orders (created_at, intent_id);

-- The checks against orders wait for the end of the transaction: a batch has no order of tables.
CREATE TABLE attempts (
  intent_id TEXT NOT NULL REFERENCES orders (intent_id) DEFERRABLE INITIALLY DEFERRED,
  number INTEGER NOT NULL,
  venue TEXT NOT NULL,
  account TEXT NOT NULL,
  client_order_id TEXT NOT NULL,
  quantity TEXT NOT NULL,
  price TEXT,
  sent_at INTEGER NOT NULL,
  PRIMARY KEY (intent_id, number)
) STRICT;
CREATE UNIQUE INDEX attempts_by_client_order_id ON attempts (client_order_id, venue, account);

CREATE TABLE fills (
  venue TEXT NOT NULL,
  account TEXT NOT NULL,
  trade_id TEXT NOT NULL,
  intent_id TEXT NOT NULL REFERENCES orders (intent_id) DEFERRABLE INITIALLY DEFERRED,
  venue_order_id TEXT NOT NULL,
  client_order_id TEXT,
  symbol TEXT NOT NULL,
  side TEXT NOT NULL,
  price TEXT NOT NULL,
  quantity TEXT NOT NULL,
  fee TEXT NOT NULL,
  fee_coin TEXT NOT NULL,
  liquidity TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (venue, account, trade_id)
) STRICT;
CREATE INDEX fills_by_intent ON fills (intent_id);

CREATE TABLE positions (
  position_id TEXT PRIMARY KEY,
  venue TEXT NOT NULL,
  account TEXT NOT NULL,
  vault_id TEXT NOT NULL,
  symbol TEXT NOT NULL,
  state TEXT NOT NULL,
  quantity TEXT NOT NULL,
  cost TEXT NOT NULL,
  bought TEXT NOT NULL,
  bought_for TEXT NOT NULL,
  sold TEXT NOT NULL,
  sold_for TEXT NOT NULL,
  fees TEXT NOT NULL,
  realized_pnl TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  closed_at INTEGER,
  exit_reason TEXT
) STRICT;
CREATE INDEX positions_by_state ON positions (state, opened_at, position_id);

CREATE TABLE postings (
  entry_id TEXT NOT NULL,
  line INTEGER NOT NULL,
  venue TEXT NOT NULL,
  venue_account TEXT NOT NULL,
  account TEXT NOT NULL,
  coin TEXT NOT NULL,
  amount TEXT NOT NULL,
  time INTEGER NOT NULL,
  cause TEXT NOT NULL,
  PRIMARY KEY (entry_id, line)
) STRICT, WITHOUT ROWID;

CREATE TABLE balances (
  venue TEXT NOT NULL,
  account TEXT NOT NULL,
  coin TEXT NOT NULL,
  total TEXT NOT NULL,
  PRIMARY KEY (venue, account, coin)
) STRICT, WITHOUT ROWID;
`;
