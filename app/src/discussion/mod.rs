//! Step 7, the talking.
