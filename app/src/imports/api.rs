//! What the forms of imports send to. The file itself comes by a route of its own ([`take_file`]), because files do not
//! travel as other forms do.

use leptos::prelude::*;

use super::columns::{Column, Field, recognise};
use super::read::Unreadable;
use super::{Kind, State, open, progress, store};
use crate::error::{AppError, FieldError, Refusal};
use crate::form::{Fields, Upload, answer, to};
use crate::id::ImportId;
use crate::people::viewer;
use crate::state;

/// The name of the form that sends a file.
pub const FORM: &str = "import-file";

/// Reads a file that a coordinator sent and keeps its rows.
pub async fn take_file(upload: Upload) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let wrong = |why: Unreadable| AppError::Invalid(vec![FieldError { field: "file".into(), message: why.to_string() }]);
        let name: String = upload.file_name.chars().filter(|sign| !sign.is_control()).take(200).collect();
        let called = name.clone();
        let found = tokio::task::spawn_blocking(move || open(&called, &upload.bytes, None));
        let found = found.await.map_err(|_| AppError::Internal)?.map_err(wrong)?;
        let mut tx = state().write(&who).await?;
        let id = store::insert(&mut tx, &who, &name, &found).await?;
        tx.commit().await?;
        Ok(to(page(id)))
    })
    .await
}

fn page(id: ImportId) -> String {
    format!("/coordinator/import/{id}")
}

/// Takes the list for another kind, or its columns for other fields. For another kind the columns are looked at anew.
#[server(endpoint = "map-import")]
pub async fn map_import(import: ImportId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut fields = Fields::typed();
        let kind = fields.one::<Kind>("kind", "Choose what the list holds.");
        let mut tx = state().write(&who).await?;
        let found = store::find(&mut tx, &who, import).await?.ok_or(AppError::NotFound)?;
        let headings: Vec<String> = found.columns.iter().map(|column| column.heading.clone()).collect();
        let columns = match kind {
            Some(kind) if kind != found.kind => Some(recognise(kind, &headings)),
            _ => chosen(&mut fields, found.kind, headings),
        };
        let (kind, columns) = fields.take((kind, columns))?;
        store::change(&mut tx, &who, import, kind, &columns).await?;
        tx.commit().await?;
        Ok(to(page(import)).done("import-mapped"))
    })
    .await
}

/// The field chosen for each column, each field for one at most.
fn chosen(fields: &mut Fields, kind: Kind, headings: Vec<String>) -> Option<Vec<Column>> {
    let said: Vec<(usize, Option<Field>)> =
        fields.indexed("column").filter_map(|(place, field)| Some((place.parse().ok()?, field.parse().ok()))).collect();
    let of = |place: usize| said.iter().find(|(at, _)| *at == place).and_then(|(_, field)| *field);
    let columns: Vec<Column> = headings
        .into_iter()
        .enumerate()
        .map(|(place, heading)| Column { heading, field: of(place).filter(|field| kind.fields().contains(field)) })
        .collect();
    let twice = kind.fields().iter().find(|field| columns.iter().filter(|column| column.field == Some(**field)).count() > 1);
    if let Some(field) = twice {
        fields.wrong("kind", format!("Two columns are taken for “{}”. Choose one of them.", field.name()));
        return None;
    }
    Some(columns)
}

/// Sets an import going. It works beside the pages, and its own page says how far it is.
#[server(endpoint = "start-import")]
pub async fn start_import(import: ImportId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let fields = Fields::typed();
        let (invite, leave_out) = (fields.ticked("invite"), fields.ticked("leave-out"));
        let program = state();
        let mut tx = program.write(&who).await?;
        let found = store::find(&mut tx, &who, import).await?.ok_or(AppError::NotFound)?;
        // Pressed twice: the first press did it, or is doing it.
        if found.state != State::Read || progress::of(import.0).is_some() {
            return Ok(to(page(import)));
        }
        store::prepare(&mut tx, &who, import, invite, leave_out).await?;
        tx.commit().await?;
        let found = store::Import { leave_out, ..found };
        let (_, judgement) = store::look(&mut program.db.read().await?, &who, &found, program.clock.now()).await?;
        store::check(&found, &judgement)?;
        progress::start(program, who, import);
        Ok(to(page(import)))
    })
    .await
}

/// Takes an import back, as long as nothing was done with it.
#[server(endpoint = "undo-import")]
pub async fn undo_import(import: ImportId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        let mut tx = state().write(&who).await?;
        store::undo(&mut tx, &who, import).await?;
        tx.commit().await?;
        Ok(to(page(import)).done("import-undone"))
    })
    .await
}

/// Gives up a file that was read.
#[server(endpoint = "discard-import")]
pub async fn discard_import(import: ImportId) -> Result<(), AppError> {
    answer(async {
        let who = viewer().await?.coordinator()?;
        if progress::of(import.0).is_some() {
            return Err(Refusal::new("This file is being imported just now.").into());
        }
        let mut tx = state().write(&who).await?;
        store::find(&mut tx, &who, import).await?.ok_or(AppError::NotFound)?;
        store::discard(&mut tx, &who, import).await?;
        tx.commit().await?;
        Ok(to("/coordinator/import"))
    })
    .await
}
