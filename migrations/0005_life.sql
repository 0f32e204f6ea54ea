-- Life events, what came by phone, fax or paper, questions at the end, and what became of those who completed.

-- How a withdrawn enrolment ended: the mentee left, or the coordinator closed it after silence.
ALTER TABLE enrollment ADD COLUMN end_kind TEXT CHECK (end_kind IN ('withdrawn', 'closed'));
ALTER TABLE enrollment ADD COLUMN ended_by UUID REFERENCES account (id);
UPDATE enrollment SET end_kind = 'withdrawn' WHERE state = 'withdrawn';

-- What ended takes no mentor's place any more.
UPDATE mentor_match SET state = 'ended', end_reason = 'The enrollment ended',
    ended_at = (SELECT e.ended_at FROM enrollment e WHERE e.id = mentor_match.enrollment_id)
WHERE state = 'accepted' AND enrollment_id IN (SELECT e.id FROM enrollment e WHERE e.state = 'withdrawn');
UPDATE mentor_match SET state = 'withdrawn',
    ended_at = (SELECT e.ended_at FROM enrollment e WHERE e.id = mentor_match.enrollment_id)
WHERE state = 'proposed' AND enrollment_id IN (SELECT e.id FROM enrollment e WHERE e.state IN ('withdrawn', 'completed'));

-- A change of option: the outline before and the one after. What counted before is carried into the new one.
CREATE TABLE option_change (
    id UUID PRIMARY KEY,
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    option_before INTEGER NOT NULL CHECK (option_before IN (1, 2, 3)),
    outline_before UUID NOT NULL REFERENCES outline (id),
    option_after INTEGER NOT NULL CHECK (option_after IN (1, 2, 3)),
    outline_after UUID NOT NULL REFERENCES outline (id),
    reason TEXT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    changed_by UUID NOT NULL REFERENCES account (id)
);
CREATE INDEX option_change_enrollment ON option_change (enrollment_id, changed_at);

-- came_by and entered_by mark what the coordinator entered for somebody; carried_from what was kept at a change of option.
ALTER TABLE study_entry ADD COLUMN came_by TEXT CHECK (came_by IN ('phone', 'fax', 'paper', 'email', 'in_person'));
ALTER TABLE study_entry ADD COLUMN carried_from UUID REFERENCES study_entry (id);
CREATE UNIQUE INDEX study_entry_carried ON study_entry (carried_from, chapter_id) WHERE carried_from IS NOT NULL;
ALTER TABLE talk ADD COLUMN entered_by UUID REFERENCES account (id);
ALTER TABLE talk ADD COLUMN came_by TEXT CHECK (came_by IN ('phone', 'fax', 'paper', 'email', 'in_person'));
ALTER TABLE sign_off ADD COLUMN entered_by UUID REFERENCES account (id);
ALTER TABLE sign_off ADD COLUMN came_by TEXT CHECK (came_by IN ('phone', 'fax', 'paper', 'email', 'in_person'));
ALTER TABLE sign_off ADD COLUMN carried_from UUID REFERENCES chapter (id);
ALTER TABLE attempt ADD COLUMN entered_by UUID REFERENCES account (id);
ALTER TABLE attempt ADD COLUMN came_by TEXT CHECK (came_by IN ('phone', 'fax', 'paper', 'email', 'in_person'));
ALTER TABLE attempt ADD COLUMN carried_from UUID REFERENCES attempt (id);
CREATE UNIQUE INDEX attempt_carried ON attempt (carried_from, chapter_id) WHERE carried_from IS NOT NULL;
ALTER TABLE mentor_match ADD COLUMN entered_by UUID REFERENCES account (id);
ALTER TABLE mentor_match ADD COLUMN came_by TEXT CHECK (came_by IN ('phone', 'fax', 'paper', 'email', 'in_person'));

-- A mentee's wish for a later time limit, until the coordinator has answered it.
CREATE TABLE time_request (
    id UUID PRIMARY KEY,
    submission_key UUID NOT NULL UNIQUE,
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    until_on DATE NOT NULL,
    reason TEXT NOT NULL,
    asked_at TIMESTAMPTZ NOT NULL,
    answered_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX time_request_one_open ON time_request (enrollment_id) WHERE answered_at IS NULL;

-- The three questions at the end of a pair or an enrolment: a row for each who was asked, filled in when they answer.
CREATE TABLE closing_answer (
    id UUID PRIMARY KEY,
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    -- None for a mentee who left before there was a mentor.
    match_id UUID REFERENCES mentor_match (id),
    person_id UUID NOT NULL REFERENCES account (id),
    side TEXT NOT NULL CHECK (side IN ('mentee', 'mentor')),
    occasion TEXT NOT NULL CHECK (occasion IN ('completed', 'withdrawn', 'closed', 'ended')),
    asked_at TIMESTAMPTZ NOT NULL,
    answered_at TIMESTAMPTZ,
    worked TEXT CHECK (worked IN ('yes', 'partly', 'no')),
    helped TEXT NOT NULL,
    better TEXT NOT NULL
);
CREATE UNIQUE INDEX closing_answer_once ON closing_answer (person_id, match_id) WHERE match_id IS NOT NULL;
CREATE INDEX closing_answer_enrollment ON closing_answer (enrollment_id, person_id);

-- What became of somebody some months after the certificate. token_hash is the SHA-256 of the link's token.
CREATE TABLE follow_up (
    id UUID PRIMARY KEY,
    enrollment_id UUID NOT NULL REFERENCES enrollment (id),
    months INTEGER NOT NULL,
    token_hash BYTEA NOT NULL UNIQUE,
    asked_at TIMESTAMPTZ NOT NULL,
    answered_at TIMESTAMPTZ,
    became_cdces BOOLEAN,
    teaching_dsmes BOOLEAN,
    willing_to_mentor BOOLEAN,
    UNIQUE (enrollment_id, months)
);
CREATE INDEX follow_up_willing ON follow_up (answered_at) WHERE willing_to_mentor = TRUE;
