//! One record of the input, and the request that it makes.

use serde_json::{Map, Value};

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
    Unusable {
        /// The row's id, if it has one.
        id: String,
        problem: String,
    },
}

/// What a record that is no request fails with.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refused {
    /// Its id of the article, as far as it has one.
    pub(super) id: String,
    pub(super) status: WireStatus,
}

/// A request, and whether it came with more than an article.
#[derive(Debug, PartialEq)]
pub(super) struct Wanted {
    pub(super) request: v1::AnalyzeArticleRequest,
    pub(super) own: bool,
}

impl Record {
    /// The request, completed by what the options say; or what the record fails with.
    pub(super) fn wanted(self, template: &RequestTemplate) -> Result<Wanted, Refused> {
        match self {
            Self::Line(line) => {
                let wanted = parse(&line)?;
                Ok(Wanted { request: template.complete(wanted.request), ..wanted })
            }
            Self::TooLong { limit } => {
                let problem = format!("the line is longer than {limit} bytes");
                Err(Refused { id: String::new(), status: status(OUT_OF_RANGE, problem) })
            }
            Self::Article(article) => Ok(Wanted { request: template.request(article), own: false }),
            Self::Unusable { id, problem } => Err(invalid(id, &problem)),
        }
    }
}

fn status(code: i32, message: String) -> WireStatus {
    WireStatus { code, message, ..WireStatus::default() }
}

fn invalid(id: String, problem: &str) -> Refused {
    Refused { id, status: status(INVALID_ARGUMENT, format!("not a request: {problem}")) }
}

/// A line in either form.
fn parse(line: &[u8]) -> Result<Wanted, Refused> {
    let nameless = |problem: &str| invalid(String::new(), problem);
    let line = std::str::from_utf8(line).map_err(|error| nameless(&error.to_string()))?;
    let value = serde_json::from_str(line).map_err(|error| nameless(&error.to_string()))?;
    let Value::Object(fields) = value else { return Err(nameless("is no JSON object")) };
    let article = fields.get("article");
    let id = article.and_then(Value::as_object).unwrap_or(&fields).get("id");
    let id = id.and_then(Value::as_str).unwrap_or_default().to_owned();
    if article.is_none() {
        let article = short(fields).map_err(|problem| invalid(id, &problem))?;
        let request = v1::AnalyzeArticleRequest { article: Some(article), ..Default::default() };
        return Ok(Wanted { request, own: false });
    }
    let request = from_json(REQUEST, Value::Object(fields));
    let request = request.map_err(|error| invalid(id, &without_values(&error.to_string())))?;
    Ok(Wanted { request, own: true })
}

/// The short form of a line. Other keys, such as a source or a date, are the caller's own.
fn short(mut fields: Map<String, Value>) -> Result<v1::Article, String> {
    let mut field = |name: &str| match fields.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("{name:?} is no string")),
    };
    let (id, title) = (field("id")?.unwrap_or_default(), field("title")?.unwrap_or_default());
    let text = field("text")?.ok_or_else(|| "\"text\" is missing".to_owned())?;
    Ok(v1::Article { id, title, text, format: 0 })
}

/// An error without the texts that it quotes: one where something else belongs may be an article's.
fn without_values(problem: &str) -> String {
    // Serde says what it found as string "...", and then what it expected.
    let quoted = problem.split_once('"').zip(problem.rsplit_once('"'));
    let problem =
        quoted.map_or(problem.to_owned(), |((before, _), (_, after))| before.to_owned() + after);
    // The name of a value that an enumeration does not have stands last.
    match problem.split_once(" value '") {
        Some((before, _)) => format!("{before} value"),
        None => problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(record: Record) -> WireStatus {
        record.wanted(&RequestTemplate::default()).expect_err("refused").status
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
        let row = Record::Unusable { id: String::new(), problem: "text is null".into() };
        assert_eq!(refused(row).message, "not a request: text is null");
    }

    #[test]
    fn what_is_no_request_keeps_its_id() {
        let id = |line: &str| {
            let refused = Record::Line(line.into()).wanted(&RequestTemplate::default());
            refused.expect_err("refused").id
        };
        assert_eq!(id(r#"{"id":"7"}"#), "7");
        assert_eq!(id(r#"{"id":"7","text":5}"#), "7");
        assert_eq!(id(r#"{"article":{"id":"7","artikel":1}}"#), "7");
        assert_eq!((id(r#"{"id":7}"#), id("[]")), (String::new(), String::new()));
        let row = Record::Unusable { id: "7".into(), problem: "text is null".into() };
        assert_eq!(row.wanted(&RequestTemplate::default()).expect_err("refused").id, "7");
    }

    #[test]
    fn the_text_of_an_article_is_in_no_error() {
        for line in [
            r#""Rain \"fell\" on Ada.""#,
            r#"["Rain fell on Ada."]"#,
            r#"{"text":["Rain fell on Ada."]}"#,
            r#"{"title":{"text":"Rain fell on Ada."}}"#,
            r#"{"article":"Rain \"fell\" on Ada."}"#,
            r#"{"article":{"text":["Rain fell on Ada."]}}"#,
            r#"{"article":{"text":"Rain."},"parts":"Rain fell on Ada."}"#,
            r#"{"article":{"format":"Rain 'fell' on Ada."}}"#,
            r#"{"article":{"text":"Rain."},"summary":{"beams":"Rain fell on Ada."}}"#,
        ] {
            let error = refused(Record::Line(line.into()));
            assert!(!error.message.contains("Ada"), "{line}: {error:?}");
            assert!(error.message.len() > "not a request: ".len(), "{line}: {error:?}");
        }
        assert_eq!(
            refused(Record::Line(b"\"Rain.\"".to_vec())).message,
            "not a request: is no JSON object"
        );
    }
}
