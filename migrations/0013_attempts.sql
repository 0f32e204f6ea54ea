-- Post-tests as they are taken: rules by option and outline, answers kept as they are given, answers that the mentor
-- marks, and timed practice, which counts toward nothing.

-- What one option, or one outline, asks of post-tests; the outline's goes before its option's, and where neither says
-- anything the program's settings hold. The newest version is in force; one without a body gives the word back to what
-- stands above it.
CREATE TABLE test_rules (
    id UUID PRIMARY KEY,
    option_number INTEGER CHECK (option_number IN (1, 2, 3)),
    outline_id UUID REFERENCES outline (id),
    version INTEGER NOT NULL,
    body JSONB,
    changed_at TIMESTAMPTZ NOT NULL,
    changed_by UUID NOT NULL REFERENCES account (id)
);
CREATE UNIQUE INDEX test_rules_option ON test_rules (option_number, version) WHERE option_number IS NOT NULL;
CREATE UNIQUE INDEX test_rules_outline ON test_rules (outline_id, version) WHERE outline_id IS NOT NULL;

-- What the rules said when the enrollment began or changed its option; they are loosened afterwards, never tightened.
-- NULL: nothing but the option was asked: required on Option 1, none on the others.
ALTER TABLE enrollment ADD COLUMN post_tests TEXT CHECK (post_tests IN ('off', 'offered', 'required'));

-- ordinal: the first attempt at a chapter is 1. credit: the sum in thousandths, where it is not right_count alone.
-- rules: those it began under. seed: orders what is shown; never sent, because the order as written can give the key away.
-- marked_at: when the mentor marked the last answer that waited. Handed in and without a word on passing: it waits.
ALTER TABLE attempt ADD COLUMN ordinal INTEGER;
ALTER TABLE attempt ADD COLUMN credit INTEGER;
ALTER TABLE attempt ADD COLUMN rules JSONB;
ALTER TABLE attempt ADD COLUMN seed BYTEA;
ALTER TABLE attempt ADD COLUMN marked_at TIMESTAMPTZ;
UPDATE attempt SET ordinal = (SELECT COUNT(*) FROM attempt b WHERE b.enrollment_id = attempt.enrollment_id
    AND b.chapter_id = attempt.chapter_id AND (b.started_at < attempt.started_at
    OR (b.started_at = attempt.started_at AND b.id <= attempt.id)));
CREATE INDEX attempt_unmarked ON attempt (enrollment_id) WHERE handed_in_at IS NOT NULL AND passed IS NULL;

-- saved_from: the page an answer came from, so that two tabs find out about each other.
ALTER TABLE attempt_item ADD COLUMN saved_at TIMESTAMPTZ;
ALTER TABLE attempt_item ADD COLUMN saved_from UUID;
ALTER TABLE attempt_item ADD COLUMN marked_by UUID REFERENCES account (id);
ALTER TABLE attempt_item ADD COLUMN word TEXT NOT NULL DEFAULT '';
CREATE INDEX attempt_item_question ON attempt_item (question_id);

-- One more attempt, where the rules give only so many and they are used up.
CREATE TABLE attempt_allowance (
    id UUID PRIMARY KEY,
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    chapter_id UUID NOT NULL REFERENCES chapter (id),
    allowed_at TIMESTAMPTZ NOT NULL,
    allowed_by UUID NOT NULL REFERENCES account (id)
);
CREATE INDEX attempt_allowance_chapter ON attempt_allowance (enrollment_id, chapter_id);

-- What is left open when its time is over ended at that time.
CREATE TABLE practice (
    id UUID PRIMARY KEY,
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    started_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    item_count INTEGER NOT NULL,
    seed BYTEA NOT NULL
);
CREATE UNIQUE INDEX practice_one_open ON practice (enrollment_id) WHERE ended_at IS NULL;
CREATE INDEX practice_enrollment ON practice (enrollment_id, started_at);

CREATE TABLE practice_item (
    practice_id UUID NOT NULL REFERENCES practice (id),
    question_id UUID NOT NULL REFERENCES question (id),
    position INTEGER NOT NULL,
    answer JSONB NOT NULL,
    credit INTEGER NOT NULL,
    saved_at TIMESTAMPTZ,
    saved_from UUID,
    PRIMARY KEY (practice_id, question_id)
);
