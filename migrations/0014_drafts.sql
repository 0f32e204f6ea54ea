-- Drafts know what they were built on: a text that is open in two places is shown to whoever comes second, not lost.
-- A form that was sent leaves its row without words, so that a page opened before it was sent is known as such.

-- Counts up with every change; a page says which one it shows.
ALTER TABLE draft ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
-- The page that wrote it last: what a page wrote itself never stands in its way.
ALTER TABLE draft ADD COLUMN page TEXT NOT NULL DEFAULT '';
-- When the form was taken; until then NULL.
ALTER TABLE draft ADD COLUMN sent_at TIMESTAMPTZ;
