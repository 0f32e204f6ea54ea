-- Self-evaluation: the instrument while it is edited, and the statements a mentee makes goals of. Option 3: the rules it is
-- checked against, answers, hours of practice, what came of the exam.

ALTER TABLE instrument ADD COLUMN published_by UUID REFERENCES account (id);

-- What the coordinators edit before it is published; there is one at most. revision settles who was first.
CREATE TABLE instrument_draft (
    slot INTEGER PRIMARY KEY CHECK (slot = 1),
    body JSONB NOT NULL,
    revision BIGINT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    changed_by UUID NOT NULL REFERENCES account (id)
);

-- statement is the code of a statement, text how it was worded when it was chosen, word the mentee's own.
-- place makes a sixth impossible.
CREATE TABLE goal (
    id UUID PRIMARY KEY,
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    place INTEGER NOT NULL CHECK (place BETWEEN 1 AND 5),
    statement TEXT NOT NULL,
    text TEXT NOT NULL,
    word TEXT NOT NULL,
    chosen_at TIMESTAMPTZ NOT NULL,
    reached_on DATE,
    dropped_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX goal_place ON goal (enrollment_id, place) WHERE dropped_at IS NULL;
CREATE UNIQUE INDEX goal_statement ON goal (enrollment_id, statement) WHERE dropped_at IS NULL;

-- The dated facts about the exam, every version that a coordinator saved; the first is the one the program ships with.
CREATE TABLE exam_facts (
    id UUID PRIMARY KEY,
    version INTEGER NOT NULL UNIQUE,
    body JSONB NOT NULL,
    published_at TIMESTAMPTZ NOT NULL,
    published_by UUID NOT NULL REFERENCES account (id)
);

-- What a mentee can give to study, and what is kept for going over everything at the end.
ALTER TABLE exam_plan ADD COLUMN minutes_a_week INTEGER;
ALTER TABLE exam_plan ADD COLUMN review_weeks INTEGER;

-- What a mentee says of each rule, with the version of the rules that was read.
CREATE TABLE exam_answer (
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    rule TEXT NOT NULL,
    answer TEXT NOT NULL CHECK (answer IN ('yes', 'not_yet', 'unsure')),
    facts_version INTEGER NOT NULL,
    answered_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (enrollment_id, rule)
);

-- A mentee's own record of practice: of a day, or of a month, which then stands under its first day.
CREATE TABLE practice_hours (
    id UUID PRIMARY KEY,
    submission_key UUID NOT NULL UNIQUE,
    account_id UUID NOT NULL REFERENCES account (id),
    day DATE NOT NULL,
    whole_month BOOLEAN NOT NULL,
    minutes INTEGER NOT NULL CHECK (minutes > 0),
    activity TEXT NOT NULL,
    logged_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX practice_hours_account ON practice_hours (account_id, day);

-- A list of hours that was read and not taken yet; one for each person.
CREATE TABLE hours_sheet (
    account_id UUID PRIMARY KEY REFERENCES account (id),
    file_name TEXT NOT NULL,
    rows JSONB NOT NULL,
    read_at TIMESTAMPTZ NOT NULL
);

-- What came of a try at the exam. came_by and entered_by mark what the coordinator entered.
CREATE TABLE exam_result (
    id UUID PRIMARY KEY,
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    taken_on DATE NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('passed', 'not_passed', 'not_said')),
    recorded_at TIMESTAMPTZ NOT NULL,
    entered_by UUID REFERENCES account (id),
    came_by TEXT CHECK (came_by IN ('phone', 'fax', 'paper', 'email', 'in_person')),
    UNIQUE (enrollment_id, taken_on)
);
CREATE INDEX exam_result_taken ON exam_result (taken_on);
