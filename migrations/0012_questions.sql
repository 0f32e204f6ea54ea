-- Questions of every kind, with topics, pictures and versions; answers of every kind; files of questions that are brought in.
--
-- The lists of kinds in the CHECK of question cannot be widened in place, so question and attempt_item, which refers to it,
-- are rebuilt: the old tables are renamed (what refers to them follows, on both engines), the new ones are filled from them,
-- and the old ones, to which nothing refers any more, are dropped. Every row keeps its id. What stood in choices and in
-- chosen is kept as it was written: app::assessments::question reads it beside what is written today.

-- A picture of a question, by the hash of its bytes, so that versions and copies share it.
CREATE TABLE question_picture (
    hash TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('png', 'jpeg')),
    bytes BYTEA NOT NULL,
    uploaded_at TIMESTAMPTZ NOT NULL
);

-- A GIFT or Moodle XML file that was read, for the chapters of one outline.
CREATE TABLE question_import (
    id UUID PRIMARY KEY,
    outline_id UUID NOT NULL REFERENCES outline (id),
    chapter_id UUID REFERENCES chapter (id),
    state TEXT NOT NULL CHECK (state IN ('read', 'done')),
    format TEXT NOT NULL CHECK (format IN ('gift', 'moodle_xml')),
    file_name TEXT NOT NULL,
    taken_count INTEGER NOT NULL,
    refused_count INTEGER NOT NULL,
    added_count INTEGER NOT NULL DEFAULT 0,
    read_at TIMESTAMPTZ NOT NULL,
    read_by UUID NOT NULL REFERENCES account (id),
    started_at TIMESTAMPTZ,
    problem TEXT,
    done_at TIMESTAMPTZ,
    done_by UUID REFERENCES account (id)
);
CREATE INDEX question_import_read_at ON question_import (read_at);

-- What was read, kept until it is brought in or given up.
CREATE TABLE question_import_body (
    import_id UUID PRIMARY KEY REFERENCES question_import (id),
    body JSONB NOT NULL
);

DROP INDEX question_chapter;
ALTER TABLE question RENAME TO question_before;
ALTER TABLE attempt_item RENAME TO attempt_item_before;

-- A row is one version of a question and never changes, but for its standing. lineage_id: the id of its first version.
-- body: what the kind asks for, as app::assessments::question stores it.
CREATE TABLE question (
    id UUID PRIMARY KEY,
    chapter_id UUID NOT NULL REFERENCES chapter (id),
    lineage_id UUID NOT NULL,
    version INTEGER NOT NULL,
    replaces_id UUID REFERENCES question (id),
    import_id UUID REFERENCES question_import (id),
    kind TEXT NOT NULL CHECK (kind IN ('single', 'multiple', 'true_false', 'matching', 'numerical', 'short_answer', 'essay')),
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    explanation TEXT NOT NULL,
    source TEXT NOT NULL,
    topic TEXT NOT NULL,
    picture_hash TEXT REFERENCES question_picture (hash),
    picture_alt TEXT NOT NULL,
    body JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    created_by UUID REFERENCES account (id),
    approved_at TIMESTAMPTZ,
    approved_by UUID REFERENCES account (id),
    retired_at TIMESTAMPTZ
);

INSERT INTO question (id, chapter_id, lineage_id, version, kind, name, text, explanation, source, topic, picture_alt, body,
    created_at, approved_at, approved_by, retired_at)
SELECT id, chapter_id, id, 1, kind, '', text, explanation, source, '', '', choices, created_at, approved_at, approved_by, retired_at
FROM question_before;

CREATE INDEX question_chapter ON question (chapter_id);
CREATE INDEX question_lineage ON question (lineage_id);
CREATE UNIQUE INDEX question_replaced_once ON question (replaces_id) WHERE replaces_id IS NOT NULL;

-- answer: as app::assessments::Answer is written; the places chosen, in answers of before. credit: thousandths of the whole,
-- once it is marked.
CREATE TABLE attempt_item (
    attempt_id UUID NOT NULL REFERENCES attempt (id),
    question_id UUID NOT NULL REFERENCES question (id),
    position INTEGER NOT NULL,
    answer JSONB NOT NULL,
    credit INTEGER,
    is_right BOOLEAN,
    PRIMARY KEY (attempt_id, question_id)
);

INSERT INTO attempt_item (attempt_id, question_id, position, answer, credit, is_right)
SELECT attempt_id, question_id, position, chosen, CASE WHEN is_right = TRUE THEN 1000 WHEN is_right = FALSE THEN 0 END, is_right
FROM attempt_item_before;

DROP TABLE attempt_item_before;
DROP TABLE question_before;
