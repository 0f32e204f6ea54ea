-- Talks between the two: messages put right, talks that the other confirms, times proposed and agreed, and links to calendars.

-- Put right, or taken back with its words, by its author; and since when it waits for the next talk, where that was said
-- later than it was written.
ALTER TABLE message ADD COLUMN corrected_at TIMESTAMPTZ;
ALTER TABLE message ADD COLUMN taken_back_at TIMESTAMPTZ;
ALTER TABLE message ADD COLUMN flagged_at TIMESTAMPTZ;

-- Whoever said last how it was (without: who logged it) waits for the other's yes.
ALTER TABLE talk ADD COLUMN stated_by UUID REFERENCES account (id);
ALTER TABLE talk ADD COLUMN confirmed_at TIMESTAMPTZ;
ALTER TABLE talk ADD COLUMN confirmed_by UUID REFERENCES account (id);
CREATE INDEX talk_unconfirmed ON talk (enrollment_id) WHERE confirmed_at IS NULL;

-- What a talk was said to be before the other put it right, and what they said to it.
CREATE TABLE talk_correction (
    id UUID PRIMARY KEY,
    submission_key UUID NOT NULL UNIQUE,
    talk_id UUID NOT NULL REFERENCES talk (id),
    corrected_by UUID NOT NULL REFERENCES account (id),
    corrected_at TIMESTAMPTZ NOT NULL,
    held_on_before DATE NOT NULL,
    minutes_before INTEGER NOT NULL,
    way_before TEXT NOT NULL CHECK (way_before IN ('phone', 'video', 'in_person', 'email')),
    word TEXT NOT NULL
);
CREATE INDEX talk_correction_talk ON talk_correction (talk_id, corrected_at);

-- Follow-ups are the lines of talk.follow_ups, which never changes; line is the place of one, from 0.
CREATE TABLE talk_follow_up_done (
    talk_id UUID NOT NULL REFERENCES talk (id),
    line INTEGER NOT NULL,
    done_at TIMESTAMPTZ NOT NULL,
    done_by UUID NOT NULL REFERENCES account (id),
    PRIMARY KEY (talk_id, line)
);

-- Times that one of a pair proposes. They belong to the match, so that a new mentor inherits none.
CREATE TABLE time_proposal (
    id UUID PRIMARY KEY,
    submission_key UUID NOT NULL UNIQUE,
    match_id UUID NOT NULL REFERENCES mentor_match (id),
    proposed_by UUID NOT NULL REFERENCES account (id),
    proposed_at TIMESTAMPTZ NOT NULL,
    minutes INTEGER NOT NULL,
    way TEXT NOT NULL CHECK (way IN ('phone', 'video', 'in_person', 'email')),
    place TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'declined', 'replaced', 'withdrawn')),
    answered_at TIMESTAMPTZ,
    word TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX time_proposal_one_open ON time_proposal (match_id) WHERE state = 'open';

CREATE TABLE proposed_time (
    proposal_id UUID NOT NULL REFERENCES time_proposal (id),
    place_in_list INTEGER NOT NULL,
    starts_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (proposal_id, place_in_list)
);

-- An agreed talk. Its id names it in calendars for good; sequence rises with each change, as calendars expect.
CREATE TABLE appointment (
    id UUID PRIMARY KEY,
    match_id UUID NOT NULL REFERENCES mentor_match (id),
    starts_at TIMESTAMPTZ NOT NULL,
    minutes INTEGER NOT NULL,
    way TEXT NOT NULL CHECK (way IN ('phone', 'video', 'in_person', 'email')),
    place TEXT NOT NULL,
    proposed_by UUID NOT NULL REFERENCES account (id),
    sequence INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('agreed', 'held', 'cancelled')),
    agreed_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX appointment_one_agreed ON appointment (match_id) WHERE state = 'agreed';
CREATE INDEX appointment_match ON appointment (match_id, starts_at);

-- The next talk stood in the plan until now; it is taken over under the id of its enrollment, which no other row has.
INSERT INTO appointment (id, match_id, starts_at, minutes, way, place, proposed_by, sequence, state, agreed_at, changed_at)
SELECT p.enrollment_id, m.id, p.next_talk_at, 60, p.way, '', p.updated_by, 0, 'agreed', p.updated_at, p.updated_at
FROM plan p JOIN mentor_match m ON m.enrollment_id = p.enrollment_id AND m.state = 'accepted'
WHERE p.next_talk_at IS NOT NULL;

-- A link that a person's calendar reads. Its secret follows from the id by the server's key, and only its hash is kept;
-- making it anew ends the one before.
CREATE TABLE calendar_link (
    account_id UUID PRIMARY KEY REFERENCES account (id),
    id UUID NOT NULL UNIQUE,
    secret_hash BYTEA NOT NULL,
    made_at TIMESTAMPTZ NOT NULL
);

-- When a mentor looked at their home, and when before that: what is new is what came since then.
CREATE TABLE home_visit (
    account_id UUID PRIMARY KEY REFERENCES account (id),
    visited_at TIMESTAMPTZ NOT NULL,
    before_at TIMESTAMPTZ NOT NULL
);
