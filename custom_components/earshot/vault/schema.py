"""The form of the database of captures, version by version.

In clear are ids, rooms, times, outcomes, sizes, who may listen, and who pinned until when. All else
is sealed.
"""

RECORDS = "records.db"

MIGRATIONS = (
    """
    CREATE TABLE captures (
        id TEXT PRIMARY KEY,
        room TEXT NOT NULL,
        started REAL NOT NULL,
        outcome TEXT NOT NULL,
        audio_bytes INTEGER,
        audio_expires REAL,
        words_bytes INTEGER,
        words_expires REAL,
        transcript BLOB,
        record BLOB,
        doomed INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX captures_by_room ON captures (room, started)
    """,
    # `number` is the start in microseconds with ten bits to tell captures apart: it is the order of
    # pages, in the table and in the search index. What is sealed lies apart, so that counting and
    # purging read little.
    """
    ALTER TABLE captures RENAME TO old;
    DROP INDEX captures_by_room;
    CREATE TABLE captures (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        room TEXT NOT NULL,
        started REAL NOT NULL,
        boot TEXT NOT NULL DEFAULT '',
        boottime REAL NOT NULL DEFAULT 0,
        outcome TEXT NOT NULL,
        audience TEXT NOT NULL DEFAULT '',
        audio_bytes INTEGER,
        audio_expires REAL,
        words_bytes INTEGER,
        words_expires REAL,
        pin_until REAL,
        pin_made REAL,
        pin_by TEXT,
        doomed INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE sealed (
        number INTEGER PRIMARY KEY REFERENCES captures ON UPDATE CASCADE ON DELETE CASCADE,
        transcript BLOB,
        record BLOB,
        peaks BLOB,
        label BLOB,
        reason BLOB
    ) STRICT;
    CREATE TABLE tombstones (
        id BLOB PRIMARY KEY, room TEXT NOT NULL, deleted REAL NOT NULL, fingerprints BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX tombstones_by_time ON tombstones (deleted);
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    INSERT INTO captures (number, id, room, started, outcome, audio_bytes, audio_expires,
        words_bytes, words_expires, doomed)
        SELECT cast(started * 1000000 AS INTEGER) * 1024
                + row_number() OVER (PARTITION BY cast(started * 1000000 AS INTEGER)) - 1,
            id, room, started, outcome, audio_bytes, audio_expires, words_bytes, words_expires,
            doomed FROM old;
    INSERT INTO sealed (number, transcript, record)
        SELECT number, transcript, record FROM old JOIN captures USING (id);
    DROP TABLE old;
    CREATE INDEX captures_by_room ON captures (room, outcome, number);
    CREATE INDEX captures_doomed ON captures (doomed) WHERE doomed != 0;
    CREATE INDEX captures_pinned ON captures (pin_until) WHERE pin_until IS NOT NULL
    """,
)
