//! HTML: which stretches of a page are text, and where its lines end.
//!
//! A tokenizer finds the tags and comments; no tree is built, so that missing and misplaced tags
//! cost nothing. Content that is not printed is dropped, elements that make paragraphs end the line,
//! and content that the markup calls navigation or caption stays in the text, marked as furniture.

use std::convert::Infallible;
use std::ops::Range;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

use super::furniture::FurnitureReason;
use super::normalise::{Blanks, Builder};
use super::source::Cleaned;

/// Elements whose content is not printed, or not as text.
const DROPPED: [&str; 18] = [
    "audio",
    "canvas",
    "iframe",
    "math",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "plaintext",
    "script",
    "select",
    "style",
    "svg",
    "template",
    "textarea",
    "title",
    "video",
    "xmp",
];

/// Elements of other vocabularies: a tag may close itself, and a paragraph ends them.
const FOREIGN: [&str; 2] = ["math", "svg"];

/// Elements that hold no part of the story.
const FURNITURE: [(&str, FurnitureReason); 6] = [
    ("aside", FurnitureReason::Navigation),
    ("caption", FurnitureReason::Caption),
    ("figcaption", FurnitureReason::Caption),
    ("footer", FurnitureReason::Navigation),
    ("menu", FurnitureReason::Navigation),
    ("nav", FurnitureReason::Navigation),
];

/// Stretches of a clean text that are furniture, in order.
type Marked = Vec<(Range<usize>, FurnitureReason)>;

/// The clean text of a page (`None` where it is the raw text), and what in it is furniture.
pub(super) fn read(raw: &str) -> (Option<Cleaned>, Marked) {
    let mut page = Page {
        builder: Builder::new(raw),
        raw,
        tag: None,
        dropped: None,
        furniture: None,
        marked: Vec::new(),
        preformatted: 0,
    };
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, span: Span<usize>| {
        page.take(&event, span.start..span.end);
        None::<Infallible>
    });
    emitter.naively_switch_states(true);
    // Carriage returns and the end of the input put the tokenizer's positions out by one; a space
    // in the place of each keeps them right.
    let input = raw.replace('\r', " ") + " ";
    Tokenizer::new_with_emitter(&input, emitter).for_each(drop);
    (page.builder.finish(), page.marked)
}

/// An element that has been opened, with elements of its name inside it.
struct Open {
    name: &'static str,
    depth: usize,
}

impl Open {
    /// Counts a start tag.
    fn start(&mut self, name: &str) {
        self.depth += usize::from(self.name == name);
    }

    /// Counts an end tag. Whether it ends the element.
    fn end(&mut self, name: &str) -> bool {
        self.depth -= usize::from(self.name == name);
        self.depth == 0
    }
}

/// A page on its way to the clean text.
struct Page<'r> {
    builder: Builder<'r>,
    raw: &'r str,
    /// Name and first byte of a start tag that is being read.
    tag: Option<(String, usize)>,
    /// The outermost open element whose content is dropped.
    dropped: Option<Open>,
    /// The outermost open element that is furniture, its reason, and where it began.
    furniture: Option<(Open, FurnitureReason, usize)>,
    marked: Marked,
    /// Number of open `pre` elements.
    preformatted: usize,
}

impl Page<'_> {
    fn take(&mut self, event: &CallbackEvent<'_>, range: Range<usize>) {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.tag =
                    std::str::from_utf8(name).ok().map(|name| (name.to_owned(), range.start));
            }
            CallbackEvent::CloseStartTag { self_closing } => {
                if let Some((name, start)) = self.tag.take() {
                    self.start(&name, start..range.end, *self_closing);
                }
            }
            CallbackEvent::EndTag { name } => {
                if let Ok(name) = std::str::from_utf8(name) {
                    self.end(name, range);
                }
            }
            CallbackEvent::String { .. } if self.dropped.is_none() => self.text(range),
            _ => {}
        }
    }

    fn start(&mut self, name: &str, tag: Range<usize>, self_closing: bool) {
        let is_block = is_block(name);
        if let Some(open) = &mut self.dropped {
            if !(is_block && FOREIGN.contains(&open.name)) {
                if !self_closing {
                    open.start(name);
                }
                return;
            }
            self.dropped = None;
        }
        if let Some(name) = DROPPED.iter().find(|dropped| **dropped == name) {
            if !(self_closing && FOREIGN.contains(name)) {
                self.dropped = Some(Open { name, depth: 1 });
            }
            return;
        }
        if !is_block {
            return;
        }
        self.builder.end_line(tag);
        self.preformatted += usize::from(name == "pre");
        if let Some((open, ..)) = &mut self.furniture {
            open.start(name);
        } else if let Some((name, reason)) = FURNITURE.iter().find(|(other, _)| *other == name) {
            self.furniture = Some((Open { name, depth: 1 }, *reason, self.builder.len()));
        }
    }

    fn end(&mut self, name: &str, tag: Range<usize>) {
        if let Some(open) = &mut self.dropped {
            if open.end(name) {
                self.dropped = None;
            }
            return;
        }
        if !is_block(name) {
            return;
        }
        self.builder.end_line(tag);
        self.preformatted = self.preformatted.saturating_sub(usize::from(name == "pre"));
        // An element that nothing ends would take the rest of the page along; it is not marked.
        if let Some((open, reason, start)) = &mut self.furniture
            && open.end(name)
        {
            self.marked.push((*start..self.builder.len(), *reason));
            self.furniture = None;
        }
    }

    fn text(&mut self, range: Range<usize>) {
        let blanks = if self.preformatted > 0 { Blanks::FoldedInLines } else { Blanks::Folded };
        let mut at = range.start;
        let text = self.raw.get(range.start..range.end.min(self.raw.len())).unwrap_or("");
        // The tokenizer passes over an end tag without a name inside a text.
        for part in text.split("</>") {
            self.builder.read(at..at + part.len(), blanks);
            at += part.len() + "</>".len();
        }
    }
}

/// Whether a line ends before and after an element.
fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "br"
            | "button"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "head"
            | "header"
            | "hgroup"
            | "hr"
            | "html"
            | "legend"
            | "li"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "option"
            | "p"
            | "pre"
            | "search"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
    )
}

#[cfg(test)]
#[path = "html_tests.rs"]
mod tests;
