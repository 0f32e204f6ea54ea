//! The certificate of achievement: what it says, and its QR code.
//!
//! It is separate so that what a certificate is made of can be read on one page.

use chrono::{Datelike, NaiveDate};
use qrcode::{EcLevel, QrCode, render::svg};
use typst::foundations::{Bytes, Dict, IntoValue};

use super::{PressError, Setter};

/// Everything that is printed on a certificate. An empty mentor, title or wording leaves its line out.
#[derive(Debug, Clone, Copy)]
pub struct Certificate<'a> {
    pub number: &'a str,
    pub name: &'a str,
    /// "Option 1: …"
    pub option: &'a str,
    pub book: &'a str,
    pub mentor: &'a str,
    pub issuer: &'a str,
    pub issuer_title: &'a str,
    pub program: &'a str,
    pub issued_on: NaiveDate,
    pub verify_url: &'a str,
    /// The coordinator's sentence.
    pub wording: &'a str,
}

impl Certificate<'_> {
    pub(super) fn inputs(&self, setter: &Setter) -> Result<Dict, PressError> {
        let number = setter.text(self.number);
        let code = QrCode::with_error_correction_level(self.verify_url, EcLevel::M)?
            .render::<svg::Color>()
            .dark_color(svg::Color("#1c2733"))
            .light_color(svg::Color("#ffffff"))
            .module_dimensions(4, 4)
            .build();
        let web = self.verify_url.starts_with("https://") || self.verify_url.starts_with("http://");
        let url = setter.text(self.verify_url);

        let mut inputs = Dict::new();
        let mut put = |key: &str, value| inputs.insert(key.into(), value);
        put("title", format!("Certificate of Achievement {number}").into_value());
        put("number", number.into_value());
        put("name", setter.line(self.name));
        put("option", setter.line(self.option));
        put("book", setter.line(self.book));
        put("mentor", setter.line_or_none(self.mentor));
        put("issuer", setter.line(self.issuer));
        put("issuer_title", setter.line_or_none(self.issuer_title));
        put("program", setter.line(&self.program.to_uppercase()));
        put("wording", setter.line_or_none(self.wording));
        put("date", self.issued_on.format("%B %-d, %Y").to_string().into_value());
        put("year", self.issued_on.year().into_value());
        put("month", self.issued_on.month().into_value());
        put("day", self.issued_on.day().into_value());
        put("url_shown", setter.line(url.trim_start_matches("https://").trim_start_matches("http://")));
        put("url", url.into_value());
        put("link", web.into_value());
        put("code", Bytes::new(code.into_bytes()).into_value());
        Ok(inputs)
    }
}
