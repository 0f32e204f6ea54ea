-- What the year report looks up for each enrollment, whatever the number of study entries.

-- The first day on which a chapter was read is the first entry here; id, to pass over those that were corrected.
CREATE INDEX study_entry_first ON study_entry (enrollment_id, chapter_id, studied_on, id);
CREATE INDEX letter_enrollment ON letter (enrollment_id);
CREATE INDEX talk_held ON talk (held_on);
CREATE INDEX enrollment_started ON enrollment (started_at);
CREATE INDEX loan_copy ON loan (copy_id);
