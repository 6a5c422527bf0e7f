//! One record of the input, and the request that it makes.

use serde::Deserialize;
use serde_json::Value;

use crate::cli::analyze::REQUEST;
use crate::cli::analyze::input::RequestTemplate;
use crate::grpc::WireStatus;
use crate::grpc::proto::{from_json, v1};

/// `google.rpc.Code.INVALID_ARGUMENT`.
const INVALID_ARGUMENT: i32 = 3;
/// `google.rpc.Code.OUT_OF_RANGE`, which a server answers to a message that is too large.
const OUT_OF_RANGE: i32 = 11;

/// One record as it was read. It may be no request: it then fails alone.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Record {
    /// A line, which need not be UTF-8.
    Line(Vec<u8>),
    /// A line that was not read to its end.
    TooLong {
        /// Bytes that it might have had.
        limit: usize,
    },
    /// An article from columns.
    Article(v1::Article),
    /// A row whose columns do not make one.
    Unusable(String),
}

/// A request, and whether it came with more than an article.
#[derive(Debug, PartialEq)]
pub(super) struct Wanted {
    pub(super) request: v1::AnalyzeArticleRequest,
    pub(super) own: bool,
}

/// The short form of a line. Other keys, such as a source or a date, are the caller's own.
#[derive(Debug, Deserialize)]
struct ShortLine {
    #[serde(default)]
    id: String,
    #[serde(default)]
    title: String,
    text: String,
}

impl Record {
    /// The request, completed by what the options say; or the status that the record fails with.
    pub(super) fn wanted(self, template: &RequestTemplate) -> Result<Wanted, WireStatus> {
        let invalid =
            |problem: String| status(INVALID_ARGUMENT, format!("not a request: {problem}"));
        match self {
            Self::Line(line) => {
                let line =
                    std::str::from_utf8(&line).map_err(|error| invalid(error.to_string()))?;
                let wanted = parse(line).map_err(invalid)?;
                Ok(Wanted { request: template.complete(wanted.request), ..wanted })
            }
            Self::TooLong { limit } => {
                let problem = format!("the line is longer than {limit} bytes");
                Err(status(OUT_OF_RANGE, problem))
            }
            Self::Article(article) => Ok(Wanted { request: template.request(article), own: false }),
            Self::Unusable(problem) => Err(invalid(problem)),
        }
    }
}

fn status(code: i32, message: String) -> WireStatus {
    WireStatus { code, message, ..WireStatus::default() }
}

/// A line in either form.
fn parse(line: &str) -> Result<Wanted, String> {
    let value: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    if value.get("article").is_some() {
        let request = from_json(REQUEST, value).map_err(|error| error.to_string())?;
        return Ok(Wanted { request, own: true });
    }
    let line: ShortLine = serde_json::from_value(value).map_err(|error| error.to_string())?;
    let article = v1::Article { id: line.id, title: line.title, text: line.text, format: 0 };
    let request = v1::AnalyzeArticleRequest { article: Some(article), ..Default::default() };
    Ok(Wanted { request, own: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(record: Record) -> WireStatus {
        record.wanted(&RequestTemplate::default()).expect_err("refused")
    }

    #[test]
    fn a_line_is_an_article_or_a_whole_request() {
        let line = |json: &str| Record::Line(json.into()).wanted(&RequestTemplate::default());
        let short = line(r#"{"id":"a","text":"Rain.","date":"today"}"#).expect("request");
        let whole = line(r#"{"article":{"id":"a","text":"Rain."}}"#).expect("request");
        assert_eq!(short.request, whole.request);
        assert_eq!((short.own, whole.own), (false, true));
    }

    #[test]
    fn what_is_no_request_says_why() {
        let json = refused(Record::Line(b"rain".to_vec()));
        assert!(json.code == 3 && json.message.starts_with("not a request: expected"), "{json:?}");
        let utf8 = refused(Record::Line(vec![b'"', 0xff]));
        assert!(utf8.code == 3 && utf8.message.contains("utf-8"), "{utf8:?}");
        let long = refused(Record::TooLong { limit: 16 });
        assert_eq!((long.code, long.message.as_str()), (11, "the line is longer than 16 bytes"));
        let row = refused(Record::Unusable("text is null".into()));
        assert_eq!(row.message, "not a request: text is null");
    }
}
