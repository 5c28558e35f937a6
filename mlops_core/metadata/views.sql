-- Views that anyone may query (docs/formats/database.md). They are dropped and made again by every
-- migration, so their columns stay while the tables below them change.

CREATE VIEW v_runs AS
SELECT number AS run, id AS run_id, pipeline, target, status,
       strftime('%Y-%m-%dT%H:%M:%fZ', started, 'unixepoch') AS started, seconds,
       CASE WHEN json_valid(error_json) THEN error_json ->> '$.message' END AS error
FROM runs;

CREATE VIEW v_steps AS
SELECT r.number AS run, r.id AS run_id, r.pipeline, s.position, s.name AS step, s.base, s.label AS code,
       s.status, s.reason, s.seconds, s.saved_seconds, s.peak_memory,
       strftime('%Y-%m-%dT%H:%M:%fZ', s.started, 'unixepoch') AS started,
       'xxh3:' || nullif(lower(hex(s.key)), '') AS key, 'xxh3:' || nullif(lower(hex(s.output)), '') AS output,
       s.record_id AS record
FROM runs AS r JOIN step_runs AS s ON s.run_id = coalesce(r.same_as, r.id);

CREATE VIEW v_params AS
SELECT r.number AS run, r.id AS run_id, r.pipeline, p.key AS param, p.value AS value, p.type AS type
FROM runs AS r, json_each(CASE WHEN json_valid(r.params_json) THEN r.params_json ELSE '{}' END) AS p;

CREATE VIEW v_metrics AS
SELECT r.number AS run, r.id AS run_id, r.pipeline, m.key AS metric, m.value AS value
FROM runs AS r, json_each(CASE WHEN json_valid(r.metrics_json) THEN r.metrics_json ELSE '{}' END) AS m;

CREATE VIEW v_artifacts AS
SELECT 'xxh3:' || lower(hex(digest)) AS digest, format, type, nbytes AS bytes
FROM artifacts;

CREATE VIEW v_lineage AS
SELECT r.number AS run, r.id AS run_id, r.pipeline, l.step_name AS step, l.argument,
       'xxh3:' || nullif(lower(hex(l.input)), '') AS input, l.text AS description,
       'xxh3:' || nullif(lower(hex(l.output)), '') AS output
FROM lineage AS l JOIN runs AS r ON r.id = l.run_id;

CREATE VIEW v_records AS
SELECT id AS record, 'xxh3:' || lower(hex(key)) AS key, 'xxh3:' || lower(hex(output)) AS output,
       label AS code, name AS step, pipeline, run_number AS run, run_id, seconds,
       strftime('%Y-%m-%dT%H:%M:%fZ', created, 'unixepoch') AS created, flags,
       dropped IS NULL AS usable, dropped AS unusable_because
FROM records;
