-- What a coordinator brings in from spreadsheets, and what came of it.

-- columns: the headings of the file and what each was taken for. audit_seq: where the record of events stood when the
-- import was done; an event after it about anything the import made stands in the way of taking it back.
CREATE TABLE import (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('mentors', 'mentees', 'books')),
    state TEXT NOT NULL CHECK (state IN ('read', 'done', 'undone')),
    file_name TEXT NOT NULL,
    sheet TEXT NOT NULL DEFAULT '',
    columns JSONB NOT NULL,
    invite BOOLEAN NOT NULL DEFAULT FALSE,
    leave_out BOOLEAN NOT NULL DEFAULT FALSE,
    row_count INTEGER NOT NULL,
    new_count INTEGER NOT NULL DEFAULT 0,
    changed_count INTEGER NOT NULL DEFAULT 0,
    same_count INTEGER NOT NULL DEFAULT 0,
    left_count INTEGER NOT NULL DEFAULT 0,
    read_at TIMESTAMPTZ NOT NULL,
    read_by UUID NOT NULL REFERENCES account (id),
    started_at TIMESTAMPTZ,
    problem TEXT,
    done_at TIMESTAMPTZ,
    done_by UUID REFERENCES account (id),
    audit_seq BIGINT,
    undone_at TIMESTAMPTZ,
    undone_by UUID REFERENCES account (id)
);
CREATE INDEX import_read_at ON import (read_at);

-- The rows as they were read, kept until the import is done or given up.
CREATE TABLE import_sheet (
    import_id UUID PRIMARY KEY REFERENCES import (id),
    body JSONB NOT NULL
);

-- Everything an import made or changed, so that it can be taken back. before: what stood there before a change.
CREATE TABLE import_made (
    import_id UUID NOT NULL REFERENCES import (id),
    kind TEXT NOT NULL CHECK (kind IN ('account', 'mentee_role', 'mentor_role', 'mentor', 'credential_check', 'phone',
        'enrollment', 'title', 'edition', 'copy')),
    made_id UUID NOT NULL,
    before TEXT,
    PRIMARY KEY (import_id, kind, made_id)
);
CREATE INDEX import_made_id ON import_made (made_id);

-- completed_before: completed before the program had this software, with a certificate on paper and none in it.
ALTER TABLE enrollment ADD COLUMN imported_id UUID REFERENCES import (id);
ALTER TABLE enrollment ADD COLUMN completed_before BOOLEAN NOT NULL DEFAULT FALSE;
