-- The coordinator's week: leaves, signs of life, notes, what each enrolment waits for, what came of silence, undo.

-- A leave of an enrolment: its clock stands still from began_on up to, not including, the day it ends.
CREATE TABLE pause (
    id UUID PRIMARY KEY,
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    began_at TIMESTAMPTZ NOT NULL,
    until_on DATE NOT NULL,
    ended_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX pause_one_open ON pause (enrollment_id) WHERE ended_at IS NULL;
CREATE INDEX pause_enrollment ON pause (enrollment_id);
CREATE INDEX enrollment_paused ON enrollment (paused_until) WHERE state = 'paused';

-- A time in which a mentor is away: until_on is the first day back.
CREATE TABLE away (
    id UUID PRIMARY KEY,
    mentor_id UUID NOT NULL REFERENCES mentor (account_id),
    began_at TIMESTAMPTZ NOT NULL,
    until_on DATE NOT NULL,
    ended_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX away_one_open ON away (mentor_id) WHERE ended_at IS NULL;
CREATE INDEX away_mentor ON away (mentor_id);

INSERT INTO pause (id, enrollment_id, began_at, until_on)
SELECT e.id, e.id, coalesce((SELECT max(a.at) FROM audit a WHERE a.enrollment_id = e.id AND a.kind = 'enrollment.paused'), e.started_at),
    e.paused_until FROM enrollment e WHERE e.state = 'paused' AND e.paused_until IS NOT NULL;
INSERT INTO away (id, mentor_id, began_at, until_on)
SELECT m.account_id, m.account_id, m.updated_at, m.away_until FROM mentor m WHERE m.away_until IS NOT NULL;

-- A sign of life that reached the program past the site, as the coordinator enters it.
CREATE TABLE contact (
    id UUID PRIMARY KEY,
    submission_key UUID NOT NULL UNIQUE,
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    person_id UUID NOT NULL REFERENCES account (id),
    medium TEXT NOT NULL CHECK (medium IN ('phone', 'fax', 'paper', 'email', 'in_person')),
    -- Whether the person was heard, or only tried to be reached.
    heard BOOLEAN NOT NULL,
    held_on DATE NOT NULL,
    -- The moment that counts: the day's noon, or when it was entered if that is earlier.
    heard_at TIMESTAMPTZ NOT NULL,
    note TEXT NOT NULL,
    entered_by UUID NOT NULL REFERENCES account (id),
    created_at TIMESTAMPTZ NOT NULL,
    undone_at TIMESTAMPTZ
);
CREATE INDEX contact_enrollment ON contact (enrollment_id, person_id, created_at);

-- The coordinator's own notes; nobody else reads them.
CREATE TABLE note (
    id UUID PRIMARY KEY,
    submission_key UUID NOT NULL UNIQUE,
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    body TEXT NOT NULL,
    written_by UUID NOT NULL REFERENCES account (id),
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX note_enrollment ON note (enrollment_id, created_at);

-- What an enrolment waits for, told again from its story whenever something happened to it. Never the truth itself:
-- emptied, it fills again.
CREATE TABLE standing (
    enrollment_id UUID PRIMARY KEY REFERENCES enrollment (id),
    state TEXT NOT NULL,
    step INTEGER NOT NULL,
    mentee_id UUID NOT NULL,
    mentor_id UUID,
    matched BOOLEAN NOT NULL,
    chapters INTEGER NOT NULL,
    chapters_read INTEGER NOT NULL,
    discussed INTEGER NOT NULL,
    mentee_heard_at TIMESTAMPTZ NOT NULL,
    mentor_heard_at TIMESTAMPTZ,
    -- The earlier of the two that somebody is unheard of.
    unheard_since TIMESTAMPTZ NOT NULL,
    next_talk_at TIMESTAMPTZ,
    turn_what TEXT,
    turn_owner TEXT,
    turn_since TIMESTAMPTZ,
    turn_due TIMESTAMPTZ
);
CREATE INDEX standing_unheard ON standing (unheard_since) WHERE state = 'active';
CREATE INDEX standing_step ON standing (state, step);

CREATE TABLE open_move (
    -- Made of the enrolment, what, whose and since when: the same move has the same id however often it is told.
    id UUID PRIMARY KEY,
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    what TEXT NOT NULL,
    owner TEXT NOT NULL CHECK (owner IN ('mentee', 'mentor', 'coordinator')),
    owner_id UUID,
    optional BOOLEAN NOT NULL,
    since TIMESTAMPTZ NOT NULL,
    -- The time it has, in whole days by its owner's clock; due adds the leaves.
    limit_days BIGINT NOT NULL,
    due TIMESTAMPTZ NOT NULL,
    -- From when the silence of its owner counts: the later of since and the last sign of life.
    clock_at TIMESTAMPTZ NOT NULL,
    -- When the silence has lasted for the days of the nudge, and when it stands on the list and is to be decided.
    silent_at TIMESTAMPTZ NOT NULL,
    list_at TIMESTAMPTZ NOT NULL,
    decide_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX open_move_enrollment ON open_move (enrollment_id);
CREATE INDEX open_move_list ON open_move (list_at);
CREATE INDEX open_move_due ON open_move (due) WHERE owner <> 'coordinator';
CREATE INDEX open_move_silent ON open_move (silent_at) WHERE owner <> 'coordinator';

-- Up to which event of the audit everything above was told. One row.
CREATE TABLE standing_head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seq BIGINT NOT NULL
);

-- What came of a move that waited too long: when its owner was nudged, when the coordinator saw it, what ended it.
CREATE TABLE stall (
    id UUID PRIMARY KEY,
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    move_id UUID NOT NULL,
    what TEXT NOT NULL,
    owner TEXT NOT NULL CHECK (owner IN ('mentee', 'mentor', 'coordinator')),
    owner_id UUID,
    opened_at TIMESTAMPTZ NOT NULL,
    limit_at TIMESTAMPTZ NOT NULL,
    clock_at TIMESTAMPTZ NOT NULL,
    nudged_at TIMESTAMPTZ,
    listed_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    ending TEXT CHECK (ending IN ('done', 'heard', 'paused', 'withdrawn', 'closed', 'reassigned', 'extended', 'completed'))
);
CREATE UNIQUE INDEX stall_one_open ON stall (move_id) WHERE ended_at IS NULL;
CREATE INDEX stall_move ON stall (move_id);
CREATE INDEX stall_enrollment ON stall (enrollment_id);
CREATE INDEX stall_opened ON stall (opened_at);

-- What the coordinator did in place and can take back for some minutes. body says how.
CREATE TABLE undo (
    id UUID PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES account (id),
    enrollment_id UUID REFERENCES enrollment (id),
    body JSONB NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    until_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ
);
CREATE INDEX undo_account ON undo (account_id, made_at);

CREATE INDEX chapter_required ON chapter (outline_id) WHERE required = TRUE;
