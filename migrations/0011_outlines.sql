-- Outlines that are prepared as a draft, follow one another, and say which chapter became which.

-- Who published it, and the version it took the place of.
ALTER TABLE outline ADD COLUMN published_by UUID REFERENCES account (id);
ALTER TABLE outline ADD COLUMN follows_id UUID REFERENCES outline (id);
-- The copy of the library it was compared with, and what else was said of it, such as the printing.
ALTER TABLE outline ADD COLUMN confirmed_copy UUID REFERENCES copy (id);
ALTER TABLE outline ADD COLUMN confirmed_note TEXT NOT NULL DEFAULT '';

-- The part of the book a chapter stands in, and its pages there.
ALTER TABLE chapter ADD COLUMN part TEXT NOT NULL DEFAULT '';
ALTER TABLE chapter ADD COLUMN first_page INTEGER;
ALTER TABLE chapter ADD COLUMN last_page INTEGER;
-- The first chapter of its line: chapters of two versions that have the same one are the same, whatever their titles.
-- Nothing stands here in the first of a line.
ALTER TABLE chapter ADD COLUMN root_id UUID REFERENCES chapter (id);

-- What will be the next version of an outline, or the first one of an edition, until it is published or thrown away.
CREATE TABLE outline_draft (
    id UUID PRIMARY KEY,
    edition_id UUID NOT NULL REFERENCES edition (id),
    -- The version it will follow; none for the first.
    outline_id UUID REFERENCES outline (id),
    options JSONB NOT NULL,
    -- The table of contents as it was pasted last, and the chapters as they are now.
    contents TEXT NOT NULL,
    lines JSONB NOT NULL,
    minutes INTEGER NOT NULL,
    -- Counts its changes: what is typed into an older one does not overwrite a newer one unseen.
    revision INTEGER NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    changed_by UUID NOT NULL REFERENCES account (id),
    ended_at TIMESTAMPTZ,
    ended_by UUID REFERENCES account (id),
    -- The version that was published from it; none when it was thrown away.
    published_id UUID REFERENCES outline (id)
);
CREATE INDEX outline_draft_edition ON outline_draft (edition_id);
CREATE UNIQUE INDEX outline_draft_one_open ON outline_draft (outline_id) WHERE ended_at IS NULL AND outline_id IS NOT NULL;
CREATE UNIQUE INDEX outline_draft_one_first ON outline_draft (edition_id) WHERE ended_at IS NULL AND outline_id IS NULL;
