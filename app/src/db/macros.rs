//! Five macros that run one literal SQL text on whichever engine the transaction belongs to; separate because they
//! are the only place where the engines' types meet.
//!
//! What is bound is evaluated before the transaction is borrowed, so that `tx.now()` can be bound.

/// All rows, as `$row` (a `FromRow` struct or a tuple).
#[macro_export]
macro_rules! fetch_all {
    ($tx:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        if $crate::db::Queryable::is_sqlite($tx) {
            let query = sqlx::query_as::<sqlx::Sqlite, $row>($sql)$(.bind($bind))*;
            query.fetch_all($crate::db::Queryable::sqlite($tx)).await
        } else {
            let query = sqlx::query_as::<sqlx::Postgres, $row>($sql)$(.bind($bind))*;
            query.fetch_all($crate::db::Queryable::postgres($tx)).await
        }
    };
}

/// The row, or `None`.
#[macro_export]
macro_rules! fetch_optional {
    ($tx:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        if $crate::db::Queryable::is_sqlite($tx) {
            let query = sqlx::query_as::<sqlx::Sqlite, $row>($sql)$(.bind($bind))*;
            query.fetch_optional($crate::db::Queryable::sqlite($tx)).await
        } else {
            let query = sqlx::query_as::<sqlx::Postgres, $row>($sql)$(.bind($bind))*;
            query.fetch_optional($crate::db::Queryable::postgres($tx)).await
        }
    };
}

/// The one row there must be.
#[macro_export]
macro_rules! fetch_one {
    ($tx:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        if $crate::db::Queryable::is_sqlite($tx) {
            let query = sqlx::query_as::<sqlx::Sqlite, $row>($sql)$(.bind($bind))*;
            query.fetch_one($crate::db::Queryable::sqlite($tx)).await
        } else {
            let query = sqlx::query_as::<sqlx::Postgres, $row>($sql)$(.bind($bind))*;
            query.fetch_one($crate::db::Queryable::postgres($tx)).await
        }
    };
}

/// Runs a statement and gives the number of rows it touched.
#[macro_export]
macro_rules! execute {
    ($tx:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        if $crate::db::Queryable::is_sqlite($tx) {
            let query = sqlx::query::<sqlx::Sqlite>($sql)$(.bind($bind))*;
            query.execute($crate::db::Queryable::sqlite($tx)).await.map(|done| done.rows_affected())
        } else {
            let query = sqlx::query::<sqlx::Postgres>($sql)$(.bind($bind))*;
            query.execute($crate::db::Queryable::postgres($tx)).await.map(|done| done.rows_affected())
        }
    };
}

/// Inserts many rows, some hundreds in one statement: `$sql` ends before VALUES, `$one` names a row in its `$bind`s.
#[macro_export]
macro_rules! insert_all {
    ($tx:expr, $sql:literal, $rows:expr, $one:ident => [$($bind:expr),+ $(,)?]) => {{
        let mut result: Result<(), sqlx::Error> = Ok(());
        for part in $rows.chunks(500) {
            let done = if $crate::db::Queryable::is_sqlite($tx) {
                let mut query = sqlx::QueryBuilder::<sqlx::Sqlite>::new(concat!($sql, " "));
                query.push_values(part, |mut values, $one| { $(values.push_bind($bind);)+ });
                query.build().execute($crate::db::Queryable::sqlite($tx)).await.map(|_| ())
            } else {
                let mut query = sqlx::QueryBuilder::<sqlx::Postgres>::new(concat!($sql, " "));
                query.push_values(part, |mut values, $one| { $(values.push_bind($bind);)+ });
                query.build().execute($crate::db::Queryable::postgres($tx)).await.map(|_| ())
            };
            if done.is_err() {
                result = done;
                break;
            }
        }
        result
    }};
}
