-- What the coordinator chose from a list to do something with, together; and what the desk looks for.

CREATE TABLE bulk (
    id UUID PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES account (id),
    act TEXT NOT NULL CHECK (act IN ('accept', 'remind', 'extend', 'export')),
    made_at TIMESTAMPTZ NOT NULL,
    done_at TIMESTAMPTZ,
    -- What came of it: how many, and the way back.
    done INTEGER,
    undo_id UUID
);
CREATE INDEX bulk_account ON bulk (account_id, made_at);

-- subject_id: an application where they are accepted, else an enrollment.
CREATE TABLE bulk_item (
    bulk_id UUID NOT NULL REFERENCES bulk (id),
    subject_id UUID NOT NULL,
    PRIMARY KEY (bulk_id, subject_id)
);

CREATE INDEX standing_live ON standing (unheard_since, enrollment_id) WHERE state IN ('active', 'paused');
CREATE INDEX enrollment_ended ON enrollment (ended_at, id) WHERE ended_at IS NOT NULL;
CREATE INDEX loan_due ON loan (due_on) WHERE returned_at IS NULL;
