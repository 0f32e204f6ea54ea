-- Lists that are read a page at a time walk an index in the order they are shown in, however long they are.

CREATE INDEX open_move_listed ON open_move (optional, list_at, id);
CREATE INDEX open_move_of_owner ON open_move (enrollment_id, owner, optional, list_at, id);
CREATE INDEX standing_in_order ON standing (state, unheard_since, enrollment_id);
CREATE INDEX mail_next ON mail (state, next_attempt_at, id);

-- The weeks of which the coordinators were told how they stand: a week, by its Monday, is told once.
CREATE TABLE week_told (
    monday DATE PRIMARY KEY,
    told_at TIMESTAMPTZ NOT NULL
);
