//! Requests become valid domain types, or a list of everything that is wrong with them.

mod contest;
mod entailment;
mod summary;

pub(super) use entailment::EntailmentWish;
pub(super) use summary::SummaryWish;

use super::proto::v1;
use super::status::AnalyzeError;
use crate::article::Format;
use crate::config::Config;
use crate::contest::{Catalog, CatalogEntry, Contest};
use crate::model::{Checkpoint, Task};
use crate::violation::{Violation, shortened};

/// Longest article id, in bytes.
pub(super) const MAX_ID_BYTES: usize = 256;
/// Longest title, in code points.
const MAX_TITLE: usize = 1000;
/// Most sentences of evidence.
const MAX_EVIDENCE: u32 = 100;
/// Sentences of evidence when the request does not say.
const DEFAULT_EVIDENCE: usize = 5;

/// A valid request.
#[derive(Debug)]
pub(super) struct AnalysisRequest {
    pub(super) article_id: String,
    pub(super) title: Option<String>,
    pub(super) text: String,
    pub(super) format: Format,
    /// Set when a summary is wanted.
    pub(super) summary: Option<SummaryWish>,
    /// Set when stance is wanted.
    pub(super) contest: Option<CatalogEntry>,
    /// Set when statements are to be tested.
    pub(super) entailment: Option<EntailmentWish>,
    pub(super) output: Output,
}

/// What the reply is to hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    pub(super) evidence: bool,
    pub(super) quotations: bool,
    pub(super) furniture: bool,
    pub(super) sentences: bool,
    pub(super) max_evidence: usize,
}

/// What requests are held against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules<'a> {
    pub(super) config: &'a Config,
    pub(super) catalog: &'a Catalog,
    /// Id of the embedded bundle, which summarises by extraction.
    pub(super) bundle: &'a str,
    /// The models beside it.
    pub(super) checkpoints: &'a [Checkpoint],
}

/// Checks a request as a whole.
pub(super) fn parse(
    request: v1::AnalyzeArticleRequest,
    rules: Rules<'_>,
) -> Result<AnalysisRequest, AnalyzeError> {
    let mut check = Check { rules, violations: Vec::new(), unimplemented: None };
    let article = check.article(request.article);
    let format = check.format(article.format);
    let (summary_wanted, stance_wanted) = check.parts(&request.parts);
    let summary = check.summary(request.summary.unwrap_or_default(), summary_wanted);
    let contest = check.contest(request.contest_choice);
    let entailment = check.entailment(request.entailment.unwrap_or_default(), stance_wanted);
    let output = check.output(request.output.unwrap_or_default());
    check.finish()?;
    Ok(AnalysisRequest {
        article_id: article.id,
        title: Some(article.title).filter(|title| !title.trim().is_empty()),
        text: article.text,
        format,
        summary: Some(summary).filter(|_| summary_wanted),
        contest: contest.filter(|_| stance_wanted),
        entailment,
        output,
    })
}

struct Check<'a> {
    rules: Rules<'a>,
    violations: Vec<Violation>,
    unimplemented: Option<String>,
}

impl Check<'_> {
    fn reject(&mut self, field: &str, problem: impl Into<String>) {
        self.violations.push(Violation::new(field, problem));
    }

    /// Notes a part of the contract that is valid but not served.
    fn refuse(&mut self, problem: &str) {
        self.unimplemented.get_or_insert_with(|| problem.to_owned());
    }

    fn finish(self) -> Result<(), AnalyzeError> {
        if !self.violations.is_empty() {
            return Err(AnalyzeError::Invalid(self.violations));
        }
        self.unimplemented.map_or(Ok(()), |problem| Err(AnalyzeError::Unimplemented(problem)))
    }

    fn article(&mut self, article: Option<v1::Article>) -> v1::Article {
        let Some(article) = article else {
            self.reject("article", "is required");
            return v1::Article::default();
        };
        let id_bytes = article.id.len();
        if id_bytes > MAX_ID_BYTES {
            self.reject(
                "article.id",
                format!("is at most {MAX_ID_BYTES} bytes long, got {id_bytes}"),
            );
        }
        let title = article.title.chars().count();
        if title > MAX_TITLE {
            let problem = format!("is at most {MAX_TITLE} code points long, got {title}");
            self.reject("article.title", problem);
        }
        let limit = self.rules.config.limits.max_article_code_points;
        let length = article.text.chars().count();
        if length == 0 {
            self.reject("article.text", "is required and must not be empty");
        } else if length > limit {
            self.reject(
                "article.text",
                format!("is at most {limit} code points long, got {length}"),
            );
        }
        article
    }

    fn format(&mut self, format: i32) -> Format {
        match v1::TextFormat::try_from(format) {
            Ok(v1::TextFormat::Unspecified | v1::TextFormat::Plain) => Format::Plain,
            Ok(v1::TextFormat::Html) => Format::Html,
            Err(unknown) => {
                self.reject("article.format", format!("unknown value {}", unknown.0));
                Format::Plain
            }
        }
    }

    /// Whether summary and stance are wanted.
    fn parts(&mut self, parts: &[i32]) -> (bool, bool) {
        let (mut summary, mut stance) = (parts.is_empty(), parts.is_empty());
        for (index, &part) in parts.iter().enumerate() {
            match v1::AnalysisPart::try_from(part) {
                Ok(v1::AnalysisPart::Summary) => summary = true,
                Ok(v1::AnalysisPart::Stance) => stance = true,
                Ok(v1::AnalysisPart::Unspecified) | Err(_) => {
                    self.reject(&format!("parts[{index}]"), format!("unknown value {part}"));
                }
            }
        }
        (summary, stance)
    }

    /// The checkpoint of a task that a request names, else the server's default for it; none when the server has no
    /// such checkpoint or the name is unknown, which is noted.
    fn checkpoint(&mut self, task: Task, asked: &str, field: &str) -> Option<String> {
        let models = &self.rules.config.models;
        let (default, what) = match task {
            Task::Summary => (&models.summary, "generator for abstractive summaries"),
            Task::Entailment => (&models.entailment, "entailment model"),
        };
        let of_task = self.rules.checkpoints.iter().filter(|checkpoint| checkpoint.task == task);
        let known: Vec<&str> = of_task.map(|checkpoint| checkpoint.id.as_str()).collect();
        let wanted = if asked.is_empty() { default.as_str() } else { asked };
        match known.as_slice() {
            [] => self.refuse(&format!("{field}: this server holds no {what}")),
            [only] if wanted.is_empty() => return Some((*only).to_owned()),
            _ if wanted.is_empty() => {
                let problem =
                    format!("is required: the server has no default; known: {}", known.join(", "));
                self.reject(&format!("{field}.model"), problem);
            }
            _ if known.contains(&wanted) => return Some(wanted.to_owned()),
            _ => {
                let (asked, known) = (shortened(wanted), known.join(", "));
                self.reject(
                    &format!("{field}.model"),
                    format!("no model \"{asked}\"; known: {known}"),
                );
            }
        }
        None
    }

    fn contest(
        &mut self,
        choice: Option<v1::analyze_article_request::ContestChoice>,
    ) -> Option<CatalogEntry> {
        use v1::analyze_article_request::ContestChoice;
        let catalog = self.rules.catalog;
        match choice {
            None => catalog.get(&self.rules.config.analysis.default_contest).cloned(),
            Some(ContestChoice::ContestId(id)) => {
                let entry = catalog.get(&id).cloned();
                if entry.is_none() {
                    let known = catalog.ids().join(", ");
                    self.reject(
                        "contest_id",
                        format!("no contest \"{}\"; known: {known}", shortened(&id)),
                    );
                }
                entry
            }
            Some(ContestChoice::Contest(contest)) => {
                let limits = self.rules.config.contest_limits();
                match Contest::parse(contest::draft(contest), limits, "contest") {
                    Ok(contest) => Some(CatalogEntry::inline(contest)),
                    Err(violations) => {
                        self.violations.extend(violations);
                        None
                    }
                }
            }
        }
    }

    fn output(&mut self, options: v1::OutputOptions) -> Output {
        if options.max_evidence > MAX_EVIDENCE {
            let problem = format!("is at most {MAX_EVIDENCE}, got {}", options.max_evidence);
            self.reject("output.max_evidence", problem);
        }
        Output {
            evidence: !options.omit_evidence,
            quotations: !options.omit_quotations,
            furniture: !options.omit_furniture,
            sentences: options.include_sentences,
            max_evidence: match options.max_evidence as usize {
                0 => DEFAULT_EVIDENCE,
                most => most,
            },
        }
    }
}
