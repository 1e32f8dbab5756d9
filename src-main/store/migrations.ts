// Numbered, forward only, never edited once released: test/unit/store checks their hashes.
export interface Migration {
  readonly version: number
  readonly sql: string
}

export const migrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
CREATE TABLE model (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL UNIQUE,
  tree TEXT NOT NULL,
  file TEXT NOT NULL,
  info TEXT NOT NULL,
  added_at TEXT NOT NULL
) STRICT;

CREATE TABLE data_set (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  tree TEXT NOT NULL,
  file TEXT NOT NULL,
  preprocess TEXT NOT NULL,
  info TEXT NOT NULL,
  added_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX data_set_content ON data_set (tree, preprocess);

CREATE TABLE project (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  device TEXT NOT NULL,
  budgets TEXT NOT NULL,
  model_id TEXT REFERENCES model (id) ON DELETE SET NULL,
  data_set_id TEXT REFERENCES data_set (id) ON DELETE SET NULL,
  recipe TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE recipe (
  sha256 TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;

CREATE TABLE run (
  id TEXT PRIMARY KEY,
  project_id TEXT REFERENCES project (id) ON DELETE CASCADE,
  model_sha256 TEXT NOT NULL,
  recipe_sha256 TEXT NOT NULL REFERENCES recipe (sha256),
  pack_tree TEXT NOT NULL,
  summary TEXT NOT NULL,
  report TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX run_by_project ON run (project_id, created_at);

CREATE TABLE job (
  id TEXT PRIMARY KEY,
  project_id TEXT REFERENCES project (id) ON DELETE CASCADE,
  title TEXT NOT NULL,
  request TEXT NOT NULL,
  state TEXT NOT NULL,
  progress TEXT,
  log TEXT NOT NULL,
  error TEXT,
  run_id TEXT,
  owner_pid INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  started_at TEXT,
  ended_at TEXT
) STRICT;
CREATE INDEX job_by_project ON job (project_id, created_at);

CREATE TABLE device (
  id TEXT PRIMARY KEY,
  hello TEXT NOT NULL,
  seen_at TEXT NOT NULL
) STRICT;
`,
  },
  {
    version: 2,
    sql: `
CREATE TABLE profile (
  run_id TEXT PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
  device TEXT NOT NULL,
  profile TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX profile_by_device ON profile (device, created_at);

CREATE TABLE sensitivity (
  key TEXT PRIMARY KEY,
  model_sha256 TEXT NOT NULL,
  data_set_id TEXT NOT NULL,
  device TEXT NOT NULL,
  result TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX sensitivity_by_model ON sensitivity (model_sha256, created_at);
`,
  },
  {
    version: 3,
    sql: `
CREATE TABLE run_note (
  run_id TEXT PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
  tags TEXT NOT NULL,
  note TEXT NOT NULL
) STRICT;

CREATE TABLE run_prediction (
  run_id TEXT PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
  body BLOB NOT NULL
) STRICT;

CREATE TABLE verification (
  job_id TEXT PRIMARY KEY,
  run_id TEXT,
  result TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX verification_by_run ON verification (run_id, created_at);
`,
  },
  {
    version: 4,
    sql: `
ALTER TABLE project ADD COLUMN archived_at TEXT;
ALTER TABLE project ADD COLUMN deleted_at TEXT;
-- A project in the bin gives its name free: the column name holds its id then, and this one the name.
ALTER TABLE project ADD COLUMN binned_name TEXT;
`,
  },
  {
    version: 5,
    sql: `
CREATE TABLE activation (
  key TEXT PRIMARY KEY,
  model_sha256 TEXT NOT NULL,
  run_id TEXT REFERENCES run (id) ON DELETE CASCADE,
  result TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
`,
  },
  {
    version: 6,
    sql: `
-- The best run of a project without reading the others: RunRepository.tallies orders by exactly this.
CREATE INDEX run_by_merit ON run (project_id, summary ->> 'withinBudgets' DESC, coalesce(summary ->> 'accuracy', 0) DESC,
  summary ->> 'flashBytes', created_at DESC);
`,
  },
  {
    version: 7,
    sql: `
-- Rows say what their accuracy is of. A run on many samples comes before a luckier one on few.
UPDATE run SET summary = json_set(summary, '$.samples', report ->> '$.quality.twin.n', '$.dataSha256', report ->> '$.data.sha256',
  '$.recipeSha256', recipe_sha256, '$.encoding', report ->> '$.encodingGoal');
DROP INDEX run_by_merit;
CREATE INDEX run_by_merit ON run (project_id, summary ->> 'withinBudgets' DESC, coalesce(summary ->> 'samples', 0) DESC,
  coalesce(summary ->> 'accuracy', 0) DESC, summary ->> 'flashBytes', created_at DESC);
`,
  },
  {
    version: 8,
    sql: `
-- How the project's next run is asked for, and its own recipes: JSON.
ALTER TABLE project ADD COLUMN choices TEXT NOT NULL DEFAULT '{}';
`,
  },
]
