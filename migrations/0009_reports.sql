-- What the year report looks up for each enrollment, whatever the number of study entries, talks and certificates.

-- The first day on which a chapter was read is the first entry here; id, to pass over those that were corrected.
CREATE INDEX study_entry_first ON study_entry (enrollment_id, chapter_id, studied_on, id);
-- With what is asked for, because the texts and the papers beside it are long.
CREATE INDEX letter_received ON letter (enrollment_id, received_at);
CREATE INDEX certificate_first ON certificate (enrollment_id, issued_on, state);
CREATE INDEX talk_held ON talk (held_on);
CREATE INDEX enrollment_started ON enrollment (started_at);
