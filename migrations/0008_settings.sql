-- Pictures beside the program's name. The settings name the one in force by its hash; earlier ones stay, so that an
-- earlier version of the settings can come back whole.

CREATE TABLE logo (
    hash TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('png', 'jpeg')),
    bytes BYTEA NOT NULL,
    uploaded_at TIMESTAMPTZ NOT NULL,
    uploaded_by UUID REFERENCES account (id)
);
