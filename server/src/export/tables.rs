//! What is exported of each table, in words for the person who opens the files years later. Separate because it is a list:
//! a table or column that is in the schema and not here fails a test.

/// How a value is stored, and with it how it is written: days and moments in ISO 8601 (moments in UTC), bytes as
/// hexadecimal digits, JSON as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    Id,
    Text,
    Whole,
    Big,
    Yes,
    Day,
    Moment,
    Json,
    Bytes,
}

#[derive(Debug)]
pub struct Column {
    pub name: &'static str,
    pub kind: Type,
    pub about: &'static str,
}

#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    pub about: &'static str,
    /// Whether it holds what people wrote for themselves or for each other.
    pub private: bool,
    /// By what its rows are put in order, so that each export of the same data is the same.
    pub order: &'static str,
    pub columns: &'static [Column],
    /// Columns that are not exported, each with why.
    pub left_out: &'static [(&'static str, &'static str)],
}

/// Tables that are not exported, each with why.
pub const LEFT_OUT: &[(&str, &str)] = &[
    ("session", "who is signed in now; it opens the program to whoever holds it"),
    ("invitation", "links to choose a password; they open an account to whoever holds them"),
    ("draft", "what somebody is typing and has not sent to anyone"),
    ("standing", "where each enrollment stands, told again from everything else"),
    ("standing_head", "up to which event that was told"),
    ("open_move", "what each enrollment waits for, told again from everything else"),
    ("undo", "what can be taken back for some minutes"),
    ("week_told", "the weeks of which the coordinators were told"),
    ("instrument_draft", "the self-evaluation as it is edited and not published yet"),
    ("hours_sheet", "lists of hours that were read and not taken; they are in the spreadsheets"),
    ("question_import_body", "questions of files that were read and not brought in; they are in the files"),
    ("import_sheet", "the rows of spreadsheets that were read and not imported; they are in the spreadsheets"),
    ("_sqlx_migrations", "the version of the schema; it stands at the top of this file"),
];

macro_rules! tables {
    ($($(#[$private:ident])? $name:literal $about:literal by $order:literal {
        $($column:literal $kind:ident $words:literal),* $(,)?
    } $(without { $($left:literal $why:literal),* $(,)? })?)*) => {
        &[$(Table {
            name: $name,
            about: $about,
            private: tables!(@private $($private)?),
            order: $order,
            columns: &[$(Column { name: $column, kind: Type::$kind, about: $words }),*],
            left_out: &[$($(($left, $why)),*)?],
        }),*]
    };
    (@private private) => { true };
    (@private) => { false };
}

pub const TABLES: &[Table] = tables! {
    "account" "Everyone with an account." by "created_at, id" {
        "id" Id "the account",
        "email" Text "the address to sign in with and to write to",
        "name" Text "the name as the person writes it",
        "phone" Text "the phone, if given",
        "time_zone" Text "the zone the person reads times in; empty: the program's",
        "demo" Yes "whether it is an invented person of the demo program",
        "created_at" Moment "when the account was made",
        "closed_at" Moment "when it was closed",
    } without { "password_hash" "it could be tried out at leisure by whoever holds the file" }
    "account_role" "What each account comes to the program as." by "granted_at, account_id, role" {
        "account_id" Id "the account",
        "role" Text "mentee, mentor or coordinator",
        "granted_at" Moment "since when",
    }
    "settings" "The program's settings, every version." by "version" {
        "version" Big "the version; the highest holds",
        "body" Json "all settings",
        "changed_at" Moment "when it was saved",
        "changed_by" Id "the account that saved it",
    }
    "audit" "The record of what happened, each event chained to the one before." by "seq" {
        "seq" Big "the number of the event",
        "at" Moment "when",
        "kind" Text "what happened",
        "actor_id" Id "the account that did it; empty: the program, or somebody without an account",
        "enrollment_id" Id "the enrollment it belongs to",
        "subject_id" Id "the row it is about",
        "words_hash" Bytes "SHA-256 of the salt and the words in audit_words",
        "mac" Bytes "HMAC over this event and the one before; checked by qdei check with the server's key",
    }
    #[private]
    "audit_words" "The personal words of events; erasable, the chain still verifies." by "seq" {
        "seq" Big "the event",
        "salt" Bytes "what the words were hashed with",
        "words" Text "a name, a reason, or what else the event says",
    }
    "audit_head" "Where the chain of events stands." by "id" {
        "id" Whole "always 1",
        "seq" Big "the number of events",
        "mac" Bytes "the last event's HMAC",
    }
    "mail" "Messages that were sent or wait to be." by "created_at, id" {
        "id" Id "the message",
        "account_id" Id "to whom; empty for somebody without an account",
        "address" Text "the address",
        "name" Text "the name in the address",
        "kind" Text "which message",
        "timing" Text "now, or with the digest",
        "about_id" Id "the row it is about",
        "created_at" Moment "when it was put in",
        "next_attempt_at" Moment "when it is tried next",
        "attempts" Whole "how often it was tried",
        "state" Text "waiting, sent, dropped or failed",
        "ended_at" Moment "when it was sent, dropped or given up",
        "problem" Text "why it could not be sent",
        "held_until" Moment "not before then",
        "claimed_until" Moment "in the hands of the program until then",
    } without { "fields" "links in it may open an account to whoever holds them" }
    "mail_preference" "How people want their mail; who is not here gets it as the program has it." by "account_id" {
        "account_id" Id "the account",
        "rhythm" Text "daily or weekly",
        "weekday" Text "the day of a weekly summary",
        "hour" Whole "the hour; empty: the program's",
        "left_out" Json "what they do not want",
        "updated_at" Moment "when it was changed last",
    }
    "digest" "Which day's summary went to whom." by "day, address" {
        "address" Text "the address",
        "day" Day "the reader's own date",
        "begun_at" Moment "when it was begun",
        "sent_at" Moment "when it had left",
    }
    "bounce" "Addresses that a mail server refused." by "since, address" {
        "address" Text "the address",
        "since" Moment "since when",
        "why" Text "what the server said",
    }
    "mail_template" "The coordinator's own texts of messages, every version." by "name, version" {
        "name" Text "which message",
        "version" Big "the version; the highest holds",
        "body" Text "the text; empty: the program's own again",
        "changed_at" Moment "when it was saved",
        "changed_by" Id "by whom",
    }
    "announcement" "Messages of the coordinator to many." by "made_at, id" {
        "id" Id "the announcement",
        "submission_key" Id "the form it came with",
        "audience" Text "to whom",
        "title" Text "its title",
        "body" Text "its text",
        "made_at" Moment "when",
        "made_by" Id "by whom",
        "taken_back_at" Moment "when it was taken back",
    }
    "logo" "Pictures beside the program's name; the settings name the one in force." by "uploaded_at, hash" {
        "hash" Text "SHA-256 of the picture",
        "kind" Text "png or jpeg",
        "bytes" Bytes "the picture",
        "uploaded_at" Moment "when it was uploaded",
        "uploaded_by" Id "by whom",
    }
    "mentor" "What mentors offer." by "account_id" {
        "account_id" Id "the account",
        "discipline" Text "the profession",
        "county" Text "FIPS code of the county",
        "options" Json "the options they mentor",
        "ways" Json "how they can talk",
        "interests" Json "what they know best",
        "capacity" Whole "how many mentees they take at a time",
        "about" Text "what they say of themselves to mentees",
        "away_until" Day "the first day back",
        "updated_at" Moment "when it was changed last",
    }
    "credential_check" "Looks at mentors' credentials." by "checked_at, id" {
        "id" Id "the check",
        "mentor_id" Id "the mentor",
        "checked_by" Id "who looked",
        "checked_at" Moment "when",
        "valid_to" Day "the day to which it was found valid",
        "note" Text "how it was checked",
    }
    "title" "Titles of the lending library." by "created_at, id" {
        "id" Id "the title",
        "name" Text "what it is called",
        "publisher" Text "who publishes it",
        "created_at" Moment "when it was added",
    }
    "edition" "Editions of titles." by "created_at, id" {
        "id" Id "the edition",
        "title_id" Id "its title",
        "label" Text "what it is called",
        "year" Whole "when it was published",
        "isbn" Text "its ISBN",
        "created_at" Moment "when it was added",
    }
    "outline" "The chapters of an edition as they are studied, every version." by "published_at, id" {
        "id" Id "the outline",
        "edition_id" Id "the edition",
        "version" Whole "the version",
        "options" Json "the options it is studied for",
        "note" Text "what the coordinator noted",
        "confirmed_at" Moment "when it was confirmed against the book",
        "confirmed_by" Id "by whom",
        "published_at" Moment "since when new enrollments get it",
        "retired_at" Moment "until when",
        "published_by" Id "who published it",
        "follows_id" Id "the version it took the place of",
        "confirmed_copy" Id "the copy of the library it was compared with",
        "confirmed_note" Text "which printing that was, or whose copy",
    }
    "outline_draft" "Versions of outlines that were prepared." by "made_at, id" {
        "id" Id "the draft",
        "edition_id" Id "the edition",
        "outline_id" Id "the version it was to follow",
        "options" Json "the options it was for",
        "contents" Text "the table of contents as it was pasted",
        "lines" Json "the chapters",
        "minutes" Whole "the minutes of a chapter whose line names none",
        "revision" Whole "how often it was changed",
        "made_at" Moment "when it was begun",
        "changed_at" Moment "when it was last changed",
        "changed_by" Id "by whom",
        "ended_at" Moment "when it was published or thrown away",
        "ended_by" Id "by whom",
        "published_id" Id "the version that was published from it; none when it was thrown away",
    }
    "chapter" "Chapters of outlines." by "outline_id, number" {
        "id" Id "the chapter",
        "outline_id" Id "its outline",
        "number" Whole "its number",
        "title" Text "its title",
        "required" Yes "whether a certificate requires it",
        "minutes" Whole "how long it is expected to take",
        "part" Text "the part of the book it stands in",
        "first_page" Whole "its first page",
        "last_page" Whole "its last page",
        "root_id" Id "the first chapter of its line: those with the same one are the same chapter",
    }
    #[private]
    "application" "Applications to join." by "created_at, id" {
        "id" Id "the application",
        "submission_key" Id "the form it came with",
        "name" Text "the applicant",
        "email" Text "the applicant's address",
        "phone" Text "the applicant's phone",
        "discipline" Text "the profession",
        "workplace" Text "where they work",
        "county" Text "FIPS code of the county where they live or work",
        "counties_served" Json "FIPS codes of the counties they serve",
        "option_number" Whole "the option they asked for",
        "outline_id" Id "the outline of the book they asked for",
        "ways" Json "how they can talk",
        "interests" Json "what interests them",
        "reason" Text "what they hope to learn, in their own words",
        "came_by" Text "form, phone, paper or email",
        "entered_by" Id "who entered it for them",
        "created_at" Moment "when it came",
        "state" Text "received, accepted, declined or repeated",
        "decided_at" Moment "when it was decided",
        "decided_by" Id "by whom",
        "decline_reason" Text "why it was declined",
    }
    "enrollment" "Each mentee's way through an option." by "started_at, id" {
        "id" Id "the enrollment",
        "application_id" Id "the application it follows from",
        "mentee_id" Id "the mentee",
        "option_number" Whole "1, 2 or 3",
        "outline_id" Id "the outline it is pinned to",
        "state" Text "active, paused, withdrawn or completed",
        "started_at" Moment "when it started",
        "due_on" Day "the time limit",
        "paused_until" Day "until when it is paused",
        "own_book_at" Moment "when the mentee said they have their own book",
        "ended_at" Moment "when it was withdrawn or completed",
        "end_reason" Text "why it was withdrawn",
        "imported_id" Id "the import it came with",
        "completed_before" Yes "completed before the program had this software; its certificate is on paper",
        "end_kind" Text "withdrawn, or closed by the coordinator after silence",
        "ended_by" Id "who ended it",
        "post_tests" Text "off, offered or required; empty: by the option alone",
    }
    "pause" "Leaves of enrollments, in which their clocks stand still." by "began_at, id" {
        "id" Id "the leave",
        "enrollment_id" Id "the enrollment",
        "began_at" Moment "since when",
        "until_on" Day "the day it was to end",
        "ended_at" Moment "when it ended",
    }
    "away" "Times in which mentors are away." by "began_at, id" {
        "id" Id "the absence",
        "mentor_id" Id "the mentor",
        "began_at" Moment "since when",
        "until_on" Day "the first day back",
        "ended_at" Moment "when it ended",
    }
    #[private]
    "contact" "Signs of life that came past the site, as the coordinator entered them." by "created_at, id" {
        "id" Id "the contact",
        "submission_key" Id "the form it came with",
        "enrollment_id" Id "the enrollment",
        "person_id" Id "who was heard, or tried to be reached",
        "medium" Text "phone, fax, paper, email or in_person",
        "heard" Yes "whether they were heard",
        "held_on" Day "on which day",
        "heard_at" Moment "the moment that counts",
        "note" Text "what the coordinator noted",
        "entered_by" Id "who entered it",
        "created_at" Moment "when it was entered",
        "undone_at" Moment "when it was taken back",
    }
    #[private]
    "note" "The coordinator's own notes." by "created_at, id" {
        "id" Id "the note",
        "submission_key" Id "the form it came with",
        "enrollment_id" Id "the enrollment",
        "body" Text "what it says",
        "written_by" Id "by whom",
        "created_at" Moment "when",
    }
    "stall" "What waited too long, and what ended it." by "opened_at, id" {
        "id" Id "the stall",
        "enrollment_id" Id "the enrollment",
        "move_id" Id "the move that waited",
        "what" Text "what it is",
        "owner" Text "mentee, mentor or coordinator",
        "owner_id" Id "the account of the mentee or mentor",
        "opened_at" Moment "since when the move was open",
        "limit_at" Moment "when it should have been made",
        "clock_at" Moment "from when the silence counted",
        "nudged_at" Moment "when the owner was reminded",
        "listed_at" Moment "when it stood on the coordinator's list",
        "ended_at" Moment "when it ended",
        "ending" Text "what ended it",
    }
    "option_change" "Changes of option." by "changed_at, id" {
        "id" Id "the change",
        "enrollment_id" Id "the enrollment",
        "option_before" Whole "the option before",
        "outline_before" Id "the outline before",
        "option_after" Whole "the option after",
        "outline_after" Id "the outline after",
        "reason" Text "why",
        "changed_at" Moment "when",
        "changed_by" Id "by whom",
    }
    #[private]
    "time_request" "Mentees' wishes for more time." by "asked_at, id" {
        "id" Id "the wish",
        "submission_key" Id "the form it came with",
        "enrollment_id" Id "the enrollment",
        "until_on" Day "until when",
        "reason" Text "why, in their own words",
        "asked_at" Moment "when",
        "answered_at" Moment "when the coordinator answered",
    }
    #[private]
    "closing_answer" "What people said at the end of a pair or an enrollment." by "asked_at, id" {
        "id" Id "the answer",
        "enrollment_id" Id "the enrollment",
        "match_id" Id "the pair",
        "person_id" Id "who was asked",
        "side" Text "mentee or mentor",
        "occasion" Text "completed, withdrawn, closed or ended",
        "asked_at" Moment "when they were asked",
        "answered_at" Moment "when they answered",
        "worked" Text "whether the pair worked: yes, partly or no",
        "helped" Text "what helped",
        "better" Text "what could be better",
    }
    "follow_up" "What became of people some months after they completed." by "asked_at, id" {
        "id" Id "the question",
        "enrollment_id" Id "the enrollment",
        "months" Whole "after how many months",
        "asked_at" Moment "when they were asked",
        "answered_at" Moment "when they answered",
        "became_cdces" Yes "whether they became a CDCES",
        "teaching_dsmes" Yes "whether they teach DSMES",
        "willing_to_mentor" Yes "whether they would mentor",
    } without { "token_hash" "it stands for the link that answers" }
    "bulk" "What the coordinator did with several at once." by "made_at, id" {
        "id" Id "the choice",
        "account_id" Id "which coordinator",
        "act" Text "accept, remind, extend or export",
        "made_at" Moment "when they were chosen",
        "done_at" Moment "when it was done",
        "done" Whole "to how many",
        "undo_id" Id "the way back",
    }
    "bulk_item" "Who was chosen for it." by "bulk_id, subject_id" {
        "bulk_id" Id "the choice",
        "subject_id" Id "an application where they are accepted, else an enrollment",
    }
    "mentor_match" "Mentors proposed to, or going with, an enrollment." by "proposed_at, id" {
        "id" Id "the match",
        "enrollment_id" Id "the enrollment",
        "mentor_id" Id "the mentor",
        "state" Text "proposed, accepted, declined, withdrawn or ended",
        "points" Whole "how well they fit",
        "reasons" Json "why",
        "proposed_by" Id "who proposed",
        "proposed_at" Moment "when",
        "answer_by" Moment "by when an answer was asked for",
        "answered_at" Moment "when the mentor answered",
        "answer_reason" Text "why the mentor declined",
        "ended_at" Moment "when it ended",
        "end_reason" Text "why it ended",
        "entered_by" Id "who entered it for them",
        "came_by" Text "how it reached who entered it: phone, fax, paper, email or in_person",
    }
    "copy" "Books of the lending library." by "added_at, id" {
        "id" Id "the copy",
        "submission_key" Id "the form it was added with",
        "edition_id" Id "its edition",
        "label" Text "what is written on it",
        "condition" Text "new, good or worn",
        "state" Text "in_use, lost or withdrawn",
        "added_at" Moment "when it was added",
    }
    "loan" "Books that were lent." by "lent_at, id" {
        "id" Id "the loan",
        "copy_id" Id "the copy",
        "enrollment_id" Id "to whom",
        "way" Text "post or in_person",
        "address" Text "where it was sent; kept only while it is lent",
        "lent_at" Moment "when it was lent",
        "lent_by" Id "by whom",
        "due_on" Day "when it is due",
        "arrived_at" Moment "when the mentee said it is there",
        "sent_back_at" Moment "when the mentee sent it back",
        "returned_at" Moment "when it was back, or given up as lost",
    }
    "hold" "Mentees who wait, or waited, for a book." by "placed_at, id" {
        "id" Id "the place in the queue",
        "edition_id" Id "the edition",
        "enrollment_id" Id "who waits",
        "way" Text "post or in_person",
        "address" Text "where it is to be sent; kept only while they wait",
        "placed_at" Moment "since when",
        "ended_at" Moment "until when",
    }
    #[private]
    "plan" "How each pair wants to proceed." by "enrollment_id" {
        "enrollment_id" Id "the enrollment",
        "rhythm" Text "how often they talk",
        "way" Text "how they talk",
        "next_talk_at" Moment "when they talked next, as plans said it before times were agreed",
        "note" Text "what they noted for each other",
        "updated_at" Moment "when it was changed last",
        "updated_by" Id "by whom",
    }
    "plan_target" "The plan's day for each chapter." by "enrollment_id, chapter_id" {
        "enrollment_id" Id "the enrollment",
        "chapter_id" Id "the chapter",
        "target_on" Day "the day",
    }
    "instrument" "The statements of the self-evaluation, every version." by "version" {
        "id" Id "the instrument",
        "version" Whole "the version",
        "body" Json "its domains, statements and scale",
        "published_at" Moment "since when it is used",
        "published_by" Id "the coordinator who published it; empty for the one that came with the program",
    }
    #[private]
    "goal" "The statements that mentees made goals of." by "chosen_at, id" {
        "id" Id "the goal",
        "enrollment_id" Id "the enrollment",
        "place" Whole "its place among the five",
        "statement" Text "the code of the statement",
        "text" Text "the statement as it was worded then",
        "word" Text "the mentee's own word",
        "chosen_at" Moment "when it was chosen",
        "reached_on" Day "when it was reached",
        "dropped_at" Moment "when it was taken off",
    }
    #[private]
    "self_evaluation" "How mentees rated themselves." by "made_at, id" {
        "id" Id "the self-evaluation",
        "enrollment_id" Id "the enrollment",
        "instrument_id" Id "the instrument",
        "moment" Text "start or end",
        "state" Text "done or skipped",
        "ratings" Json "the rating of each statement",
        "shared" Yes "whether the mentor may see it",
        "made_at" Moment "when",
    }
    "letter_template" "The text that letters of agreement are made from, every version." by "version" {
        "id" Id "the template",
        "version" Whole "the version",
        "markdown" Text "the text",
        "created_at" Moment "when it was saved",
        "created_by" Id "by whom",
    }
    "letter" "Letters of agreement, with exactly the text both saw." by "made_at, id" {
        "id" Id "the letter",
        "enrollment_id" Id "the enrollment",
        "match_id" Id "the pair",
        "template_id" Id "the template it was made from",
        "text" Text "the text",
        "text_sha256" Text "its SHA-256",
        "state" Text "open, signed, received or replaced",
        "made_at" Moment "when it was made",
        "received_at" Moment "when the coordinator received it",
        "received_by" Id "which coordinator",
    }
    "signature" "Signatures under letters, with their evidence." by "signed_at, id" {
        "id" Id "the signature",
        "letter_id" Id "the letter",
        "account_id" Id "who signed",
        "role" Text "mentee or mentor",
        "typed_name" Text "the name they typed, or that stands on the paper",
        "consent" Text "what they agreed to by signing",
        "text_sha256" Text "SHA-256 of the text they saw",
        "way" Text "electronic or paper",
        "entered_by" Id "who entered a signature on paper",
        "signed_at" Moment "when",
        "address" Text "the network address they signed from",
        "browser" Text "how their browser described itself",
    }
    #[private]
    "study_entry" "What mentees logged of each chapter." by "created_at, id" {
        "id" Id "the entry",
        "submission_key" Id "the form it came with",
        "enrollment_id" Id "the enrollment",
        "chapter_id" Id "the chapter",
        "studied_on" Day "when it was studied",
        "minutes" Whole "how long; 0: not known, with imported history",
        "reflection" Text "what the mentee wrote about it, for themselves unless shared",
        "shared" Yes "whether the mentor may read the reflection",
        "replaces_id" Id "the entry it corrects",
        "entered_by" Id "who entered it",
        "created_at" Moment "when",
        "came_by" Text "how it reached who entered it: phone, fax, paper, email or in_person",
        "carried_from" Id "the entry it was carried over from at a change of option",
    }
    #[private]
    "sign_off" "Chapters that mentors signed off as discussed." by "signed_off_at, enrollment_id, chapter_id" {
        "enrollment_id" Id "the enrollment",
        "chapter_id" Id "the chapter",
        "mentor_id" Id "the mentor",
        "signed_off_at" Moment "when",
        "word" Text "what the mentor wrote to the mentee with it",
        "entered_by" Id "who entered it for them",
        "came_by" Text "how it reached who entered it: phone, fax, paper, email or in_person",
        "carried_from" Id "the chapter it was carried over from at a change of option",
    }
    #[private]
    "message" "What mentees and mentors wrote to each other." by "created_at, id" {
        "id" Id "the message",
        "submission_key" Id "the form it came with",
        "enrollment_id" Id "the enrollment",
        "chapter_id" Id "the chapter it is about",
        "author_id" Id "who wrote it",
        "body" Text "what they wrote",
        "for_talk" Yes "whether it waits for the next talk",
        "created_at" Moment "when",
        "corrected_at" Moment "when its author put it right",
        "taken_back_at" Moment "when its author took it back",
        "flagged_at" Moment "since when it waits for the next talk, where that was said later",
    }
    "seen" "Up to when each has read a thread." by "account_id, enrollment_id, thread_id" {
        "account_id" Id "who",
        "enrollment_id" Id "the enrollment",
        "thread_id" Id "the chapter, or the enrollment for the thread about the rest",
        "seen_at" Moment "up to when",
    }
    #[private]
    "talk" "Talks of mentees and mentors." by "created_at, id" {
        "id" Id "the talk",
        "submission_key" Id "the form it came with",
        "enrollment_id" Id "the enrollment",
        "held_on" Day "when they talked",
        "minutes" Whole "how long",
        "way" Text "phone, video, in_person or email",
        "notes" Text "what they noted",
        "follow_ups" Text "what they agreed to do",
        "logged_by" Id "who logged it",
        "created_at" Moment "when it was logged",
        "entered_by" Id "who entered it for them",
        "came_by" Text "how it reached who entered it: phone, fax, paper, email or in_person",
        "stated_by" Id "who put it right last",
        "confirmed_at" Moment "when the other said that it was so",
        "confirmed_by" Id "who that was",
    }
    #[private]
    "talk_correction" "How talks were put right, with what they had been said to be." by "corrected_at, id" {
        "id" Id "the correction",
        "submission_key" Id "the form it came with",
        "talk_id" Id "the talk",
        "corrected_by" Id "who put it right",
        "corrected_at" Moment "when",
        "held_on_before" Day "the day before",
        "minutes_before" Whole "the minutes before",
        "way_before" Text "the way before",
        "word" Text "what they said to it",
    }
    "talk_follow_up_done" "Follow-ups of talks that are done." by "talk_id, line" {
        "talk_id" Id "the talk",
        "line" Whole "the line of its follow-ups, from 0",
        "done_at" Moment "when it was said to be done",
        "done_by" Id "by whom",
    }
    #[private]
    "time_proposal" "Times for a talk that one of a pair proposed." by "proposed_at, id" {
        "id" Id "the proposal",
        "submission_key" Id "the form it came with",
        "match_id" Id "the pair",
        "proposed_by" Id "who proposed",
        "proposed_at" Moment "when",
        "minutes" Whole "how long",
        "way" Text "phone, video, in_person or email",
        "place" Text "where",
        "state" Text "open, accepted, declined, replaced or withdrawn",
        "answered_at" Moment "when it ended",
        "word" Text "the word with a no",
    }
    "proposed_time" "Each of those times." by "proposal_id, place_in_list" {
        "proposal_id" Id "the proposal",
        "place_in_list" Whole "its place, from 0",
        "starts_at" Moment "when the talk would begin",
    }
    #[private]
    "appointment" "Talks that were agreed." by "agreed_at, id" {
        "id" Id "the agreed talk, as calendars know it",
        "match_id" Id "the pair",
        "starts_at" Moment "when it begins",
        "minutes" Whole "how long",
        "way" Text "phone, video, in_person or email",
        "place" Text "where",
        "proposed_by" Id "who proposed it",
        "sequence" Whole "how often it was changed",
        "state" Text "agreed, held or cancelled",
        "agreed_at" Moment "when it was agreed last",
        "changed_at" Moment "when it was changed last",
    }
    "calendar_link" "Addresses by which people's calendars read their talks." by "account_id" {
        "account_id" Id "whose",
        "id" Id "the address",
        "made_at" Moment "since when",
    } without { "secret_hash" "it stands for the secret of the address" }
    "home_visit" "When mentors looked at their page." by "account_id" {
        "account_id" Id "who",
        "visited_at" Moment "when their latest visit began",
        "before_at" Moment "when the one before began",
    }
    "talk_chapter" "Chapters that were talked over." by "talk_id, chapter_id" {
        "talk_id" Id "the talk",
        "chapter_id" Id "the chapter",
    }
    "question_picture" "Pictures of questions." by "hash" {
        "hash" Text "the SHA-256 of its bytes",
        "kind" Text "png or jpeg",
        "bytes" Bytes "the picture",
        "uploaded_at" Moment "when it came",
    }
    "question_import" "Files of questions that were read or brought in." by "read_at, id" {
        "id" Id "the file",
        "outline_id" Id "the outline for whose chapters it was read",
        "chapter_id" Id "the chapter it was read for, if for one",
        "state" Text "read or done",
        "format" Text "gift or moodle_xml",
        "file_name" Text "what the file was called",
        "taken_count" Whole "how many questions could be taken",
        "refused_count" Whole "how many parts could not be",
        "added_count" Whole "how many questions were added",
        "read_at" Moment "when it was read",
        "read_by" Id "by whom",
        "started_at" Moment "when bringing it in was begun last",
        "problem" Text "why that came to nothing, if it did",
        "done_at" Moment "when it was brought in",
        "done_by" Id "by whom",
    }
    "question" "Questions of post-tests, every version." by "created_at, id" {
        "id" Id "the version of the question",
        "chapter_id" Id "the chapter",
        "lineage_id" Id "the first version of the question",
        "version" Whole "the number of the version",
        "replaces_id" Id "the version it took the place of",
        "import_id" Id "the file it came in",
        "kind" Text "single, multiple, true_false, matching, numerical, short_answer or essay",
        "name" Text "what the coordinator calls it",
        "text" Text "the question",
        "explanation" Text "why the right answer is right",
        "source" Text "where it says so",
        "topic" Text "what it is about, in a word",
        "picture_hash" Text "its picture",
        "picture_alt" Text "what the picture shows, in words",
        "body" Json "the answers to choose from or accepted, and what each is worth",
        "created_at" Moment "when it was written",
        "created_by" Id "by whom; empty for the program's own",
        "approved_at" Moment "when it was approved",
        "approved_by" Id "by whom",
        "retired_at" Moment "since when it is asked no more",
    }
    "attempt" "Post-tests that were taken." by "started_at, id" {
        "id" Id "the attempt",
        "enrollment_id" Id "the enrollment",
        "chapter_id" Id "the chapter",
        "started_at" Moment "when it was begun",
        "handed_in_at" Moment "when it was handed in",
        "right_count" Whole "how many were right",
        "item_count" Whole "of how many",
        "passed" Yes "whether it was passed",
        "entered_by" Id "who entered it for them",
        "came_by" Text "how it reached who entered it: phone, fax, paper, email or in_person",
        "carried_from" Id "the attempt it was carried over from at a change of option",
        "ordinal" Whole "which attempt at the chapter it was",
        "credit" Whole "what it came to in thousandths of a question, where that is not the number of right ones",
        "rules" Json "the rules it began under",
        "marked_at" Moment "when the mentor had marked the last answer",
    } without { "seed" "by what questions and choices are put in order; it would give the key away" }
    "attempt_allowance" "Attempts that were allowed besides those of the rules." by "allowed_at, id" {
        "id" Id "the permission",
        "enrollment_id" Id "the enrollment",
        "chapter_id" Id "the chapter",
        "allowed_at" Moment "when it was given",
        "allowed_by" Id "by whom",
    }
    "test_rules" "The rules of post-tests, every version." by "changed_at, id" {
        "id" Id "the version",
        "option_number" Whole "the option they are for",
        "outline_id" Id "or the outline",
        "version" Whole "the number of the version",
        "body" Json "the rules; empty where what stands above holds again",
        "changed_at" Moment "when they were changed",
        "changed_by" Id "by whom",
    }
    #[private]
    "practice" "Timed practice." by "started_at, id" {
        "id" Id "the practice",
        "enrollment_id" Id "the enrollment",
        "started_at" Moment "when it was begun",
        "ends_at" Moment "when its time is over",
        "ended_at" Moment "when it was ended",
        "item_count" Whole "how many questions it has",
    } without { "seed" "by what questions and choices are put in order; it would give the key away" }
    #[private]
    "practice_item" "The answers of practice." by "practice_id, position, question_id" {
        "practice_id" Id "the practice",
        "question_id" Id "the question",
        "position" Whole "its place",
        "answer" Json "the answer: the places chosen or a text",
        "credit" Whole "what it was worth, in thousandths",
        "saved_at" Moment "when it was given",
    } without { "saved_from" "the browser page it was given on, for finding answers in two tabs" }
    #[private]
    "attempt_item" "The answers of post-tests." by "attempt_id, position, question_id" {
        "attempt_id" Id "the attempt",
        "question_id" Id "the question",
        "position" Whole "its place in the test",
        "answer" Json "the answer: the places chosen or a text",
        "credit" Whole "what it was worth, in thousandths",
        "is_right" Yes "whether that was right",
        "saved_at" Moment "when it was given last",
        "marked_by" Id "who marked it, where a person did",
        "word" Text "the word with that mark",
    } without { "saved_from" "the browser page it was given on, for finding answers in two tabs" }
    #[private]
    "exam_plan" "Plans for the certification exam." by "enrollment_id" {
        "enrollment_id" Id "the enrollment",
        "eligibility_checked_on" Day "when the mentee checked that they are eligible",
        "target_on" Day "the day they aim for",
        "note" Text "what they noted",
        "minutes_a_week" Whole "minutes of study they give in a week",
        "review_weeks" Whole "weeks before the exam to go over everything",
        "updated_at" Moment "when it was changed last",
    }
    "exam_facts" "The dated facts about the exam, every version but the one that came with the program." by "version" {
        "id" Id "the version's id",
        "version" Whole "the version; the highest holds",
        "body" Json "its rules, areas and links",
        "published_at" Moment "when it was saved",
        "published_by" Id "the coordinator who saved it",
    }
    #[private]
    "exam_answer" "What mentees say of each rule." by "enrollment_id, rule" {
        "enrollment_id" Id "the enrollment",
        "rule" Text "the code of the rule",
        "answer" Text "yes, not_yet or unsure",
        "facts_version" Whole "the version of the facts that was read",
        "answered_at" Moment "when",
    }
    #[private]
    "practice_hours" "Hours of practice, by mentees' own log." by "account_id, day, id" {
        "id" Id "the entry",
        "submission_key" Id "the form it came with",
        "account_id" Id "the mentee",
        "day" Day "the day, or the first day of the month",
        "whole_month" Yes "whether it is of a whole month",
        "minutes" Whole "how many minutes",
        "activity" Text "what was done",
        "logged_at" Moment "when it was logged",
    }
    "exam_result" "What came of the exam." by "recorded_at, id" {
        "id" Id "the result",
        "enrollment_id" Id "the enrollment",
        "taken_on" Day "when the exam was taken",
        "outcome" Text "passed, not_passed or not_said",
        "recorded_at" Moment "when it was recorded",
        "entered_by" Id "the coordinator who entered it; empty for the mentee's own word",
        "came_by" Text "how it came to the coordinator",
    }
    "certificate" "Certificates; each PDF as it was sealed is in the folder certificates." by "year, sequence" {
        "id" Id "the certificate",
        "enrollment_id" Id "the enrollment",
        "number" Text "its number",
        "year" Whole "the year it was issued in",
        "sequence" Whole "its place in that year",
        "code" Text "the code of the QR link, which shows the printed name to whoever has it",
        "facts" Json "what is printed on it",
        "issued_on" Day "the day on it",
        "issued_at" Moment "when it was issued",
        "issued_by" Id "by whom",
        "state" Text "valid, replaced or revoked",
        "ended_at" Moment "until when it was valid",
        "end_reason" Text "why it is no longer",
        "pdf_sha256" Text "SHA-256 of the PDF",
    } without { "pdf" "it is a file of its own in the folder certificates" }
    "import" "Spreadsheets that were imported." by "read_at, id" {
        "id" Id "the import",
        "kind" Text "mentors, mentees or books",
        "state" Text "read, done or undone",
        "file_name" Text "the name of the file",
        "sheet" Text "the sheet in it",
        "columns" Json "its headings and what each was read as",
        "invite" Yes "whether invitations were sent",
        "leave_out" Yes "whether rows with problems were left out",
        "row_count" Whole "how many rows it had",
        "new_count" Whole "rows that were new",
        "changed_count" Whole "rows that changed what was here",
        "same_count" Whole "rows that were here already",
        "left_count" Whole "rows that were left out",
        "read_at" Moment "when it was read",
        "read_by" Id "by whom",
        "started_at" Moment "when it was set going",
        "problem" Text "why it came to nothing the last time",
        "done_at" Moment "when it was imported",
        "done_by" Id "by whom",
        "audit_seq" Big "where the record of events stood then",
        "undone_at" Moment "when it was taken back",
        "undone_by" Id "by whom",
    }
    "import_made" "What each import made or changed." by "import_id, kind, made_id" {
        "import_id" Id "the import",
        "kind" Text "what it is",
        "made_id" Id "the row",
        "before" Text "what stood there before",
    }
};
