//! What the follow-up's form sends to.

use leptos::prelude::*;

use super::{Answers, path, store};
use crate::error::AppError;
use crate::form::{Fields, answer, to};
use crate::word::UnknownWord;
use crate::{Stranger, state};

/// "yes" or "no", as a form says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct YesNo(pub bool);

impl std::str::FromStr for YesNo {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "yes" => Ok(Self(true)),
            "no" => Ok(Self(false)),
            _ => Err(UnknownWord),
        }
    }
}

/// Keeps the answers of whoever holds the link. Opening the link alone keeps nothing: mail scanners follow links.
#[server(endpoint = "answer-follow-up")]
pub async fn answer_follow_up(token: String) -> Result<(), AppError> {
    answer(async {
        let mut tx = state().write(&Stranger).await?;
        let found = store::find(&mut tx, &token).await?.ok_or(AppError::NotFound)?;
        let mut fields = Fields::typed();
        let became = fields.optional::<YesNo>("became");
        let teaching = fields.optional::<YesNo>("teaching");
        let willing = fields.optional::<YesNo>("willing");
        if (became, teaching, willing) == (Some(None), Some(None), Some(None)) {
            fields.wrong("became", "Answer at least one of the three.");
        }
        let (became, teaching, willing) = fields.take((became, teaching, willing))?;
        let answers = Answers {
            became_cdces: became.map(|answer| answer.0),
            teaching_dsmes: teaching.map(|answer| answer.0),
            willing_to_mentor: willing.map(|answer| answer.0),
        };
        store::answer(&mut tx, &state(), &found, answers).await?;
        tx.commit().await?;
        Ok(to(path(&token)).done("follow-up-answered"))
    })
    .await
}
