-- Steps 5 to 8: self-evaluation, letter of agreement, study, post-tests, discussion, certificate.

CREATE TABLE instrument (
    id UUID PRIMARY KEY,
    version INTEGER NOT NULL UNIQUE,
    body JSONB NOT NULL,
    published_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE self_evaluation (
    id UUID PRIMARY KEY,
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    instrument_id UUID NOT NULL REFERENCES instrument (id),
    moment TEXT NOT NULL CHECK (moment IN ('start', 'end')),
    state TEXT NOT NULL CHECK (state IN ('done', 'skipped')),
    ratings JSONB NOT NULL,
    shared BOOLEAN NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    UNIQUE (enrollment_id, moment)
);

CREATE TABLE letter_template (
    id UUID PRIMARY KEY,
    version INTEGER NOT NULL UNIQUE,
    markdown TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    created_by UUID REFERENCES account (id)
);

-- text is exactly what both saw; a change of text is a new letter.
CREATE TABLE letter (
    id UUID PRIMARY KEY,
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    match_id UUID NOT NULL REFERENCES mentor_match (id),
    template_id UUID NOT NULL REFERENCES letter_template (id),
    text TEXT NOT NULL,
    text_sha256 TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'signed', 'received', 'replaced')),
    made_at TIMESTAMPTZ NOT NULL,
    received_at TIMESTAMPTZ,
    received_by UUID REFERENCES account (id)
);
CREATE UNIQUE INDEX letter_one_live ON letter (enrollment_id) WHERE state IN ('open', 'signed', 'received');

CREATE TABLE signature (
    id UUID PRIMARY KEY,
    letter_id UUID NOT NULL REFERENCES letter (id),
    account_id UUID NOT NULL REFERENCES account (id),
    role TEXT NOT NULL CHECK (role IN ('mentee', 'mentor')),
    typed_name TEXT NOT NULL,
    consent TEXT NOT NULL,
    text_sha256 TEXT NOT NULL,
    way TEXT NOT NULL CHECK (way IN ('electronic', 'paper')),
    entered_by UUID REFERENCES account (id),
    signed_at TIMESTAMPTZ NOT NULL,
    address TEXT,
    browser TEXT,
    UNIQUE (letter_id, role)
);

-- A correction is an entry of its own that takes the place of an earlier one; only the latest counts.
CREATE TABLE study_entry (
    id UUID PRIMARY KEY,
    submission_key UUID NOT NULL UNIQUE,
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    chapter_id UUID NOT NULL REFERENCES chapter (id),
    studied_on DATE NOT NULL,
    minutes INTEGER NOT NULL,
    reflection TEXT NOT NULL,
    shared BOOLEAN NOT NULL,
    replaces_id UUID UNIQUE REFERENCES study_entry (id),
    entered_by UUID NOT NULL REFERENCES account (id),
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX study_entry_enrollment ON study_entry (enrollment_id, chapter_id);

CREATE TABLE sign_off (
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    chapter_id UUID NOT NULL REFERENCES chapter (id),
    mentor_id UUID NOT NULL REFERENCES account (id),
    signed_off_at TIMESTAMPTZ NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (enrollment_id, chapter_id)
);

CREATE TABLE message (
    id UUID PRIMARY KEY,
    submission_key UUID NOT NULL UNIQUE,
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    chapter_id UUID REFERENCES chapter (id),
    author_id UUID NOT NULL REFERENCES account (id),
    body TEXT NOT NULL,
    for_talk BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX message_enrollment ON message (enrollment_id, created_at);

-- Up to when somebody has read a thread: thread_id is the chapter's, or the enrolment's for the thread about the rest.
CREATE TABLE seen (
    account_id UUID NOT NULL REFERENCES account (id),
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    thread_id UUID NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (account_id, enrollment_id, thread_id)
);

CREATE TABLE talk (
    id UUID PRIMARY KEY,
    submission_key UUID NOT NULL UNIQUE,
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    held_on DATE NOT NULL,
    minutes INTEGER NOT NULL,
    way TEXT NOT NULL CHECK (way IN ('phone', 'video', 'in_person', 'email')),
    notes TEXT NOT NULL,
    follow_ups TEXT NOT NULL,
    logged_by UUID NOT NULL REFERENCES account (id),
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX talk_enrollment ON talk (enrollment_id, held_on);

CREATE TABLE talk_chapter (
    talk_id UUID NOT NULL REFERENCES talk (id),
    chapter_id UUID NOT NULL REFERENCES chapter (id),
    PRIMARY KEY (talk_id, chapter_id)
);

CREATE TABLE question (
    id UUID PRIMARY KEY,
    chapter_id UUID NOT NULL REFERENCES chapter (id),
    kind TEXT NOT NULL CHECK (kind IN ('single', 'multiple', 'true_false')),
    text TEXT NOT NULL,
    explanation TEXT NOT NULL,
    source TEXT NOT NULL,
    choices JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    approved_at TIMESTAMPTZ,
    approved_by UUID REFERENCES account (id),
    retired_at TIMESTAMPTZ
);
CREATE INDEX question_chapter ON question (chapter_id);

CREATE TABLE attempt (
    id UUID PRIMARY KEY,
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    chapter_id UUID NOT NULL REFERENCES chapter (id),
    started_at TIMESTAMPTZ NOT NULL,
    handed_in_at TIMESTAMPTZ,
    right_count INTEGER,
    item_count INTEGER NOT NULL,
    passed BOOLEAN
);
CREATE UNIQUE INDEX attempt_one_open ON attempt (enrollment_id, chapter_id) WHERE handed_in_at IS NULL;
CREATE INDEX attempt_enrollment ON attempt (enrollment_id, chapter_id);

CREATE TABLE attempt_item (
    attempt_id UUID NOT NULL REFERENCES attempt (id),
    question_id UUID NOT NULL REFERENCES question (id),
    position INTEGER NOT NULL,
    chosen JSONB NOT NULL,
    is_right BOOLEAN,
    PRIMARY KEY (attempt_id, question_id)
);

CREATE TABLE exam_plan (
    enrollment_id UUID PRIMARY KEY REFERENCES enrollment (id),
    eligibility_checked_on DATE NOT NULL,
    target_on DATE NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE certificate (
    id UUID PRIMARY KEY,
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    number TEXT NOT NULL UNIQUE,
    year INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    code TEXT NOT NULL UNIQUE,
    facts JSONB NOT NULL,
    issued_on DATE NOT NULL,
    issued_at TIMESTAMPTZ NOT NULL,
    issued_by UUID NOT NULL REFERENCES account (id),
    state TEXT NOT NULL CHECK (state IN ('valid', 'replaced', 'revoked')),
    ended_at TIMESTAMPTZ,
    end_reason TEXT,
    pdf BYTEA NOT NULL,
    pdf_sha256 TEXT NOT NULL,
    UNIQUE (year, sequence)
);
CREATE UNIQUE INDEX certificate_one_live ON certificate (enrollment_id) WHERE state = 'valid';
