-- Steps 1 to 4: applications, mentors, matches, the lending library, plans.

CREATE TABLE mentor (
    account_id UUID PRIMARY KEY REFERENCES account (id),
    discipline TEXT NOT NULL,
    county TEXT NOT NULL,
    options JSONB NOT NULL,
    ways JSONB NOT NULL,
    interests JSONB NOT NULL,
    capacity INTEGER NOT NULL CHECK (capacity >= 0),
    about TEXT NOT NULL DEFAULT '',
    away_until DATE,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE credential_check (
    id UUID PRIMARY KEY,
    mentor_id UUID NOT NULL REFERENCES mentor (account_id),
    checked_by UUID NOT NULL REFERENCES account (id),
    checked_at TIMESTAMPTZ NOT NULL,
    valid_to DATE NOT NULL,
    note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX credential_check_mentor ON credential_check (mentor_id, checked_at);

CREATE TABLE title (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    publisher TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE edition (
    id UUID PRIMARY KEY,
    title_id UUID NOT NULL REFERENCES title (id),
    label TEXT NOT NULL,
    year INTEGER,
    isbn TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (title_id, label)
);

-- An outline never changes once an enrolment is pinned to it: a new table of contents is a new version.
CREATE TABLE outline (
    id UUID PRIMARY KEY,
    edition_id UUID NOT NULL REFERENCES edition (id),
    version INTEGER NOT NULL,
    options JSONB NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    confirmed_at TIMESTAMPTZ,
    confirmed_by UUID REFERENCES account (id),
    published_at TIMESTAMPTZ NOT NULL,
    retired_at TIMESTAMPTZ
);
CREATE INDEX outline_edition ON outline (edition_id);

CREATE TABLE chapter (
    id UUID PRIMARY KEY,
    outline_id UUID NOT NULL REFERENCES outline (id),
    number INTEGER NOT NULL,
    title TEXT NOT NULL,
    required BOOLEAN NOT NULL,
    minutes INTEGER NOT NULL CHECK (minutes > 0),
    UNIQUE (outline_id, number)
);

CREATE TABLE application (
    id UUID PRIMARY KEY,
    submission_key UUID NOT NULL UNIQUE,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT NOT NULL,
    discipline TEXT NOT NULL,
    workplace TEXT NOT NULL,
    county TEXT NOT NULL,
    counties_served JSONB NOT NULL,
    option_number INTEGER NOT NULL CHECK (option_number IN (1, 2, 3)),
    outline_id UUID NOT NULL REFERENCES outline (id),
    ways JSONB NOT NULL,
    interests JSONB NOT NULL,
    reason TEXT NOT NULL,
    came_by TEXT NOT NULL CHECK (came_by IN ('form', 'phone', 'paper', 'email')),
    entered_by UUID REFERENCES account (id),
    created_at TIMESTAMPTZ NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('received', 'accepted', 'declined', 'repeated')),
    decided_at TIMESTAMPTZ,
    decided_by UUID REFERENCES account (id),
    decline_reason TEXT
);
CREATE INDEX application_state ON application (state, created_at);
CREATE INDEX application_decided ON application (decided_at, id) WHERE decided_at IS NOT NULL;
CREATE INDEX application_email ON application (email);
CREATE UNIQUE INDEX application_one_open ON application (email) WHERE state = 'received';

CREATE TABLE enrollment (
    id UUID PRIMARY KEY,
    application_id UUID NOT NULL UNIQUE REFERENCES application (id),
    mentee_id UUID NOT NULL REFERENCES account (id),
    option_number INTEGER NOT NULL CHECK (option_number IN (1, 2, 3)),
    outline_id UUID NOT NULL REFERENCES outline (id),
    state TEXT NOT NULL CHECK (state IN ('active', 'paused', 'withdrawn', 'completed')),
    started_at TIMESTAMPTZ NOT NULL,
    due_on DATE NOT NULL,
    paused_until DATE,
    own_book_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    end_reason TEXT
);
CREATE UNIQUE INDEX enrollment_one_live ON enrollment (mentee_id) WHERE state IN ('active', 'paused');
CREATE INDEX enrollment_mentee ON enrollment (mentee_id);
CREATE INDEX enrollment_state ON enrollment (state);

CREATE TABLE mentor_match (
    id UUID PRIMARY KEY,
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    mentor_id UUID NOT NULL REFERENCES mentor (account_id),
    state TEXT NOT NULL CHECK (state IN ('proposed', 'accepted', 'declined', 'withdrawn', 'ended')),
    points INTEGER NOT NULL,
    reasons JSONB NOT NULL,
    proposed_by UUID NOT NULL REFERENCES account (id),
    proposed_at TIMESTAMPTZ NOT NULL,
    answer_by TIMESTAMPTZ NOT NULL,
    answered_at TIMESTAMPTZ,
    answer_reason TEXT,
    ended_at TIMESTAMPTZ,
    end_reason TEXT
);
CREATE UNIQUE INDEX mentor_match_one_live ON mentor_match (enrollment_id) WHERE state IN ('proposed', 'accepted');
CREATE INDEX mentor_match_mentor ON mentor_match (mentor_id, state);
CREATE INDEX mentor_match_enrollment ON mentor_match (enrollment_id);

-- submission_key names the form that several copies came with, so that sending it twice adds them once.
CREATE TABLE copy (
    id UUID PRIMARY KEY,
    submission_key UUID,
    edition_id UUID NOT NULL REFERENCES edition (id),
    label TEXT NOT NULL UNIQUE,
    condition TEXT NOT NULL CHECK (condition IN ('new', 'good', 'worn')),
    state TEXT NOT NULL CHECK (state IN ('in_use', 'lost', 'withdrawn')),
    added_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX copy_edition ON copy (edition_id);

-- address is kept only while the loan needs it: it is emptied when the book is back.
CREATE TABLE loan (
    id UUID PRIMARY KEY,
    copy_id UUID NOT NULL REFERENCES copy (id),
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    way TEXT NOT NULL CHECK (way IN ('post', 'in_person')),
    address TEXT,
    lent_at TIMESTAMPTZ NOT NULL,
    lent_by UUID NOT NULL REFERENCES account (id),
    due_on DATE NOT NULL,
    arrived_at TIMESTAMPTZ,
    sent_back_at TIMESTAMPTZ,
    returned_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX loan_one_live ON loan (copy_id) WHERE returned_at IS NULL;
CREATE UNIQUE INDEX loan_one_per_enrollment ON loan (enrollment_id) WHERE returned_at IS NULL;
CREATE INDEX loan_enrollment ON loan (enrollment_id);

CREATE TABLE hold (
    id UUID PRIMARY KEY,
    edition_id UUID NOT NULL REFERENCES edition (id),
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    way TEXT NOT NULL CHECK (way IN ('post', 'in_person')),
    address TEXT,
    placed_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ
);
CREATE INDEX hold_waiting ON hold (edition_id, placed_at) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX hold_one_live ON hold (enrollment_id, edition_id) WHERE ended_at IS NULL;

CREATE TABLE plan (
    enrollment_id UUID PRIMARY KEY REFERENCES enrollment (id),
    rhythm TEXT NOT NULL CHECK (rhythm IN ('weekly', 'every_two_weeks', 'monthly')),
    way TEXT NOT NULL CHECK (way IN ('phone', 'video', 'in_person', 'email')),
    next_talk_at TIMESTAMPTZ,
    note TEXT NOT NULL DEFAULT '',
    updated_at TIMESTAMPTZ NOT NULL,
    updated_by UUID NOT NULL REFERENCES account (id)
);

CREATE TABLE plan_target (
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    chapter_id UUID NOT NULL REFERENCES chapter (id),
    target_on DATE NOT NULL,
    PRIMARY KEY (enrollment_id, chapter_id)
);
