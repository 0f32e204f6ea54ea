//! How a message looks: its plain text read as paragraphs, lists and links, written once as HTML for mail programs and
//! once as a view for the pages that preview it. Separate because the text stays the one source.
//!
//! The HTML carries its styles with it, names no picture and nothing on another server, and leaves colors of text and
//! paper to the mail program, so that it reads by day and by night.

use leptos::prelude::*;

use crate::ui::escape;

/// A piece of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    Paragraph(Vec<String>),
    /// Lines with the address each leads to.
    List(Vec<(String, Option<String>)>),
    /// The one thing to do: an address that stands alone, the first of them.
    Button(String),
    /// Who writes, and how to stop it.
    Small(Vec<String>),
}

/// Reads the blocks of a text. The paragraph that begins with the program's name says who writes.
pub fn blocks(text: &str, program: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    for part in text.split("\n\n").map(|part| part.trim_matches('\n')).filter(|part| !part.trim().is_empty()) {
        let lines: Vec<&str> = part.lines().collect();
        if let Some(items) = list(&lines) {
            match blocks.last_mut() {
                Some(Block::List(before)) => before.extend(items),
                _ => blocks.push(Block::List(items)),
            }
            continue;
        }
        let owned = || lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        blocks.push(match lines[..] {
            [line] if is_address(line) && !blocks.iter().any(|block| matches!(block, Block::Button(_))) => {
                Block::Button(line.trim().to_owned())
            }
            [first, ..] if !program.is_empty() && first == program => Block::Small(owned()),
            _ => Block::Paragraph(owned()),
        });
    }
    blocks
}

/// Lines that begin with a dash, each with what is indented under it.
fn list(lines: &[&str]) -> Option<Vec<(String, Option<String>)>> {
    let mut items: Vec<(String, Option<String>)> = Vec::new();
    for line in lines {
        match (line.strip_prefix("- "), line.strip_prefix("  "), items.last_mut()) {
            (Some(words), ..) => items.push((words.to_owned(), None)),
            (None, Some(more), Some((_, link))) if link.is_none() && is_address(more) => *link = Some(more.trim().to_owned()),
            (None, Some(more), Some((words, _))) => {
                words.push(' ');
                words.push_str(more.trim());
            }
            _ => return None,
        }
    }
    (!items.is_empty()).then_some(items)
}

fn is_address(word: &str) -> bool {
    let word = word.trim();
    (word.starts_with("https://") || word.starts_with("http://")) && !word.contains(char::is_whitespace)
}

/// A line as words and addresses, in order. A sign that ends the sentence does not belong to the address.
fn spans(line: &str) -> Vec<(String, bool)> {
    let mut spans: Vec<(String, bool)> = Vec::new();
    let mut push = |text: &str, link: bool| match spans.last_mut() {
        Some((words, false)) if !link => words.push_str(text),
        _ if text.is_empty() => {}
        _ => spans.push((text.to_owned(), link)),
    };
    for word in line.split_inclusive(char::is_whitespace) {
        let address = word.trim_end().trim_end_matches(['.', ',', ';', ')', '!', '?']);
        if is_address(address) {
            push(address, true);
            push(&word[address.len()..], false);
        } else {
            push(word, false);
        }
    }
    spans
}

const FACE: &str = "font:17px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif";
const LINK: &str = "color:#2a77b0";
const BUTTON: &str = "display:inline-block;background:#175a85;color:#ffffff;padding:12px 22px;border-radius:2px;\
                      text-decoration:none;font-weight:600";
const SMALL: &str = "margin:28px 0 0;padding-top:14px;border-top:1px solid #8a98a1;font-size:15px";

/// The whole message as HTML.
pub fn html(subject: &str, blocks: &[Block]) -> String {
    let body: String = blocks.iter().map(block_html).collect();
    let subject = escape(subject);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en-US\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{subject}</title>\n\
         <style>@media (prefers-color-scheme: dark) {{ a.link {{ color: #86bfe3 !important }} }}</style>\n</head>\n\
         <body style=\"margin:0;padding:24px 16px;{FACE}\">\n<div style=\"max-width:36em;margin:0 auto\">\n{body}</div>\n\
         </body>\n</html>\n"
    )
}

fn block_html(block: &Block) -> String {
    match block {
        Block::Paragraph(lines) => format!("<p style=\"margin:0 0 16px\">{}</p>\n", lines_html(lines)),
        Block::Small(lines) => format!("<p style=\"{SMALL}\">{}</p>\n", lines_html(lines)),
        Block::Button(address) => {
            let address = escape(address);
            format!(
                "<p style=\"margin:0 0 16px\"><a href=\"{address}\" style=\"{BUTTON}\">Open the page</a><br>\n\
                 <span style=\"font-size:14px;word-break:break-all\">{address}</span></p>\n"
            )
        }
        Block::List(items) => {
            let items: String = items.iter().map(item_html).collect();
            format!("<ul style=\"margin:0 0 16px;padding-left:1.2em\">\n{items}</ul>\n")
        }
    }
}

fn item_html((words, link): &(String, Option<String>)) -> String {
    let words = match link {
        Some(address) => format!("<a class=\"link\" href=\"{}\" style=\"{LINK}\">{}</a>", escape(address), escape(words)),
        None => spans_html(words),
    };
    format!("<li style=\"margin:0 0 8px\">{words}</li>\n")
}

fn lines_html(lines: &[String]) -> String {
    lines.iter().map(|line| spans_html(line)).collect::<Vec<_>>().join("<br>\n")
}

fn spans_html(line: &str) -> String {
    spans(line)
        .into_iter()
        .map(|(text, link)| {
            let text = escape(&text);
            if link { format!("<a class=\"link\" href=\"{text}\" style=\"{LINK}\">{text}</a>") } else { text }
        })
        .collect()
}

/// The message as a page shows it: the same blocks in the site's own dress.
pub fn preview(subject: &str, blocks: &[Block]) -> AnyView {
    let body = blocks.iter().map(block_view).collect_view();
    view! {
        <div class="letter-text mail-look">
            <h3>{subject.to_owned()}</h3>
            {body}
        </div>
    }
    .into_any()
}

fn block_view(block: &Block) -> AnyView {
    match block {
        Block::Paragraph(lines) => view! { <p>{lines_view(lines)}</p> }.into_any(),
        Block::Small(lines) => view! { <p class="small muted">{lines_view(lines)}</p> }.into_any(),
        Block::Button(address) => {
            view! { <p><span class="button">"Open the page"</span><br /><span class="small">{address.clone()}</span></p> }
                .into_any()
        }
        Block::List(items) => {
            let items = items.iter().map(|(words, _)| view! { <li>{words.clone()}</li> }).collect_view();
            view! { <ul>{items}</ul> }.into_any()
        }
    }
}

fn lines_view(lines: &[String]) -> impl IntoView + use<> {
    lines.iter().enumerate().map(|(index, line)| ((index > 0).then(|| view! { <br /> }), line.clone())).collect_view()
}
