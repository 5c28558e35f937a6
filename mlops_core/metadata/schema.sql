-- The tables of mlops.db, version 1. docs/formats/database.md says what each of them holds.
-- `seal` is the checksum over the other columns of the row (sealed.py); a row that does not match it is
-- treated as absent. Digests are 16 raw bytes, times Unix seconds, durations seconds, sizes bytes.

CREATE TABLE runs (
  id           TEXT PRIMARY KEY,
  number       INTEGER NOT NULL UNIQUE CHECK (number > 0),
  pipeline     TEXT NOT NULL,
  target       TEXT NOT NULL,
  status       TEXT NOT NULL
               CHECK (status IN ('running', 'succeeded', 'failed', 'cancelled', 'interrupted')),
  started      REAL NOT NULL,
  seconds      REAL,
  params_json  TEXT NOT NULL,
  outputs_json TEXT,
  metrics_json TEXT,
  error_json   TEXT,
  options_json TEXT NOT NULL,
  process      TEXT NOT NULL,
  same_as      TEXT REFERENCES runs (id),
  seal         BLOB NOT NULL
) STRICT;
CREATE INDEX runs_by_pipeline ON runs (pipeline, number);
CREATE INDEX runs_running ON runs (number) WHERE status = 'running';
CREATE INDEX runs_same_as ON runs (same_as) WHERE same_as IS NOT NULL;

CREATE TABLE step_runs (
  run_id         TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  position       INTEGER NOT NULL,
  name           TEXT NOT NULL,
  base           TEXT NOT NULL,
  label          TEXT NOT NULL,
  status         TEXT NOT NULL CHECK (status IN
                 ('waiting', 'running', 'ran', 'cached', 'skipped', 'failed', 'blocked', 'cancelled')),
  reason         TEXT NOT NULL,
  reasons_json   TEXT NOT NULL,
  key            BLOB,
  output         BLOB,
  seconds        REAL,
  saved_seconds  REAL,
  peak_memory    INTEGER,
  started        REAL,
  record_id      INTEGER,
  arguments_json TEXT NOT NULL,
  stored         INTEGER,
  seal           BLOB NOT NULL,
  PRIMARY KEY (run_id, position)
) STRICT;
CREATE INDEX step_runs_by_label ON step_runs (label, started);
CREATE INDEX step_runs_by_output ON step_runs (output);

CREATE TABLE records (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  key             BLOB NOT NULL,
  output          BLOB NOT NULL,
  trace_json      TEXT NOT NULL,
  components_json TEXT NOT NULL,
  label           TEXT NOT NULL,
  name            TEXT NOT NULL,
  pipeline        TEXT NOT NULL,
  run_id          TEXT NOT NULL,
  run_number      INTEGER NOT NULL,
  seconds         REAL NOT NULL,
  created         REAL NOT NULL,
  flags           TEXT NOT NULL,
  dropped         TEXT,
  seal            BLOB NOT NULL
) STRICT;
CREATE INDEX records_by_key ON records (key);
CREATE INDEX records_by_label ON records (label);
CREATE INDEX records_by_step ON records (pipeline, name);
CREATE INDEX records_by_output ON records (output);

CREATE TABLE artifacts (
  digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 16),
  json   TEXT NOT NULL,
  format TEXT NOT NULL,
  type   TEXT NOT NULL,
  nbytes INTEGER NOT NULL,
  seal   BLOB NOT NULL
) STRICT;

CREATE TABLE segments (
  number    INTEGER PRIMARY KEY,
  id        TEXT NOT NULL UNIQUE,
  size      INTEGER NOT NULL,
  signature TEXT NOT NULL,
  seal      BLOB NOT NULL
) STRICT;

CREATE TABLE cells (
  digest  BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 16),
  segment INTEGER NOT NULL REFERENCES segments (number) ON DELETE CASCADE,
  offset  INTEGER NOT NULL CHECK (offset >= 0),
  length  INTEGER NOT NULL CHECK (length > 0),
  head    INTEGER NOT NULL,
  stored  INTEGER NOT NULL,
  coding  INTEGER NOT NULL,
  seal    BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX cells_by_segment ON cells (segment);
CREATE INDEX cells_by_head ON cells (head, segment) WHERE head <> 0;

CREATE TABLE grown_cells (
  digest  BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 16),
  segment INTEGER NOT NULL REFERENCES segments (number) ON DELETE CASCADE,
  parts   BLOB NOT NULL CHECK (length(parts) % 24 = 0),
  head    INTEGER NOT NULL,
  seal    BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX grown_cells_by_segment ON grown_cells (segment);
CREATE INDEX grown_cells_by_head ON grown_cells (head, segment);

-- No seal: the digest of a cell is the checksum of its content.
CREATE TABLE small_cells (
  digest  BLOB NOT NULL UNIQUE CHECK (length(digest) = 16),
  content BLOB NOT NULL
) STRICT;

CREATE TABLE lineage (
  run_id    TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  step_name TEXT NOT NULL,
  argument  TEXT NOT NULL,
  input     BLOB,
  text      TEXT NOT NULL,
  output    BLOB
) STRICT;
CREATE INDEX lineage_by_run ON lineage (run_id);
CREATE INDEX lineage_by_input ON lineage (input);
CREATE INDEX lineage_by_output ON lineage (output);

CREATE TABLE code_parts (
  digest BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 16),
  label  TEXT NOT NULL,
  file   TEXT NOT NULL,
  source TEXT NOT NULL
) STRICT;

-- How often something stored was taken away: a run answered from its snapshot relies on nothing being gone.
CREATE TABLE removals (
  count INTEGER NOT NULL
) STRICT;
-- Not from 0: a database that replaces another one must not count like it.
INSERT INTO removals VALUES (random() & 1152921504606846975);
CREATE TRIGGER record_dropped AFTER UPDATE OF dropped ON records
  BEGIN UPDATE removals SET count = count + 1; END;
CREATE TRIGGER record_removed AFTER DELETE ON records
  BEGIN UPDATE removals SET count = count + 1; END;
CREATE TRIGGER artifact_removed AFTER DELETE ON artifacts
  BEGIN UPDATE removals SET count = count + 1; END;
CREATE TRIGGER cell_removed AFTER DELETE ON cells
  BEGIN UPDATE removals SET count = count + 1; END;
CREATE TRIGGER grown_cell_removed AFTER DELETE ON grown_cells
  BEGIN UPDATE removals SET count = count + 1; END;
CREATE TRIGGER small_cell_removed AFTER DELETE ON small_cells
  BEGIN UPDATE removals SET count = count + 1; END;
