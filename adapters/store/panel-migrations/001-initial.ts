/**
 * Who is let into the panel, what was answered to requests that are to happen once, and who did
 * what. Of what lets somebody in there are hashes alone. Times are Unix milliseconds of the wall
 * clock. An action is never changed; only what is older than the newest 100,000 can be deleted.
 */
export const panelInitial = `
CREATE TABLE keys (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('view', 'operate', 'admin')),
  hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  used_at INTEGER,
  revoked_at INTEGER
) STRICT;
CREATE UNIQUE INDEX keys_by_name ON keys (name) WHERE revoked_at IS NULL;

CREATE TABLE sessions (
  token_hash TEXT PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  key_id TEXT NOT NULL REFERENCES keys (id),
  came_from TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL
) STRICT;

CREATE TABLE replies (
  key TEXT NOT NULL,
  who TEXT NOT NULL,
  route TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  at INTEGER NOT NULL,
  reply TEXT,
  PRIMARY KEY (who, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX replies_by_time ON replies (at);

CREATE TABLE actions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  role TEXT NOT NULL,
  what TEXT NOT NULL,
  target TEXT,
  came_from TEXT NOT NULL,
  outcome TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE TRIGGER actions_stay BEFORE UPDATE ON actions
BEGIN SELECT RAISE(ABORT, 'an action is never changed'); END;
CREATE TRIGGER actions_last BEFORE DELETE ON actions
WHEN old.id > (SELECT max(id) FROM actions) - 100000
BEGIN SELECT RAISE(ABORT, 'an action is kept'); END;
`;
