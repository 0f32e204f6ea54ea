//! Drafts of longer forms, kept while a person types. Separate because the browser's part and the server's part of it
//! belong to every step.
