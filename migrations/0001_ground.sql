-- The ground: people, sessions, settings, audit, mail.

CREATE TABLE account (
    id UUID PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    phone TEXT NOT NULL DEFAULT '',
    password_hash TEXT,
    time_zone TEXT,
    demo BOOLEAN NOT NULL DEFAULT FALSE,
    created_at TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ
);

CREATE TABLE account_role (
    account_id UUID NOT NULL REFERENCES account (id),
    role TEXT NOT NULL CHECK (role IN ('mentee', 'mentor', 'coordinator')),
    granted_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (account_id, role)
);
CREATE INDEX account_role_role ON account_role (role);

-- id_hash is the SHA-256 of the cookie's id: a copy of the table opens no session.
CREATE TABLE session (
    id_hash BYTEA PRIMARY KEY,
    account_id UUID REFERENCES account (id),
    data BYTEA NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    last_seen_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_expires ON session (expires_at);

-- A link sent by mail, good once: an invitation to set a first password, or to set a new one.
CREATE TABLE invitation (
    id UUID PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    account_id UUID NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL CHECK (kind IN ('invitation', 'password_reset')),
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ
);
CREATE INDEX invitation_account ON invitation (account_id);

-- What somebody is typing, kept until the form is taken.
CREATE TABLE draft (
    account_id UUID NOT NULL REFERENCES account (id),
    form TEXT NOT NULL,
    fields JSONB NOT NULL,
    saved_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (account_id, form)
);

CREATE TABLE settings (
    version BIGINT PRIMARY KEY,
    body JSONB NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    changed_by UUID REFERENCES account (id)
);

-- Append-only. mac chains each row to the one before; words_hash stands for words that may be erased.
CREATE TABLE audit (
    seq BIGINT PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    kind TEXT NOT NULL,
    actor_id UUID,
    enrollment_id UUID,
    subject_id UUID,
    words_hash BYTEA,
    mac BYTEA NOT NULL
);
CREATE INDEX audit_enrollment ON audit (enrollment_id, actor_id, at);
CREATE INDEX audit_actor ON audit (actor_id, seq);

CREATE TABLE audit_words (
    seq BIGINT PRIMARY KEY REFERENCES audit (seq),
    salt BYTEA NOT NULL,
    words TEXT NOT NULL
);

-- One row: writers queue here, so that the chain has no fork.
CREATE TABLE audit_head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seq BIGINT NOT NULL,
    mac BYTEA NOT NULL
);

CREATE TABLE mail (
    id UUID PRIMARY KEY,
    account_id UUID REFERENCES account (id),
    address TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    timing TEXT NOT NULL CHECK (timing IN ('now', 'digest')),
    fields JSONB NOT NULL,
    about_id UUID,
    created_at TIMESTAMPTZ NOT NULL,
    next_attempt_at TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'dropped', 'failed')),
    ended_at TIMESTAMPTZ,
    problem TEXT
);
CREATE INDEX mail_due ON mail (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX mail_account ON mail (account_id, state);
