-- Mail: when a person wants it, one digest a day, addresses that bounce, texts by version, announcements.

-- held_until: not before then, whatever the timing. claimed_until: in a worker's hands until then.
ALTER TABLE mail ADD COLUMN held_until TIMESTAMPTZ;
ALTER TABLE mail ADD COLUMN claimed_until TIMESTAMPTZ;
CREATE INDEX mail_state ON mail (state, id);
CREATE INDEX mail_address ON mail (address) WHERE state = 'waiting';

-- Who is not in it gets a digest every day at the program's hour, with all news.
CREATE TABLE mail_preference (
    account_id UUID PRIMARY KEY REFERENCES account (id),
    rhythm TEXT NOT NULL CHECK (rhythm IN ('daily', 'weekly')),
    weekday TEXT NOT NULL CHECK (weekday IN ('monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday')),
    hour INTEGER CHECK (hour BETWEEN 0 AND 23),
    left_out JSONB NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

-- One digest a day: the row is written before the digest leaves, under the reader's own date.
CREATE TABLE digest (
    address TEXT NOT NULL,
    day DATE NOT NULL,
    begun_at TIMESTAMPTZ NOT NULL,
    sent_at TIMESTAMPTZ,
    PRIMARY KEY (address, day)
);

-- Addresses that a mail server refused, until a message gets through again.
CREATE TABLE bounce (
    address TEXT PRIMARY KEY,
    since TIMESTAMPTZ NOT NULL,
    why TEXT NOT NULL
);

-- The newest version is in force; one without a text goes back to the program's own.
CREATE TABLE mail_template (
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    body TEXT,
    changed_at TIMESTAMPTZ NOT NULL,
    changed_by UUID REFERENCES account (id),
    PRIMARY KEY (name, version)
);

-- submission_key: pressing twice sends once.
CREATE TABLE announcement (
    id UUID PRIMARY KEY,
    submission_key UUID NOT NULL UNIQUE,
    audience TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    made_by UUID NOT NULL REFERENCES account (id),
    taken_back_at TIMESTAMPTZ
);
CREATE INDEX announcement_made ON announcement (made_at);
