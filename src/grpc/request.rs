//! Requests become valid domain types, or a list of everything that is wrong with them.

use std::collections::BTreeMap;

use super::proto::v1;
use super::status::AnalyzeError;
use crate::analysis::SummaryBudget;
use crate::article::Format;
use crate::config::Config;
use crate::contest::{
    AliasDraft, Catalog, CatalogEntry, Contest, ContestDraft, GuardedAlias, PartyDraft,
};
use crate::violation::{Violation, shortened};

/// Longest article id, in bytes.
pub(super) const MAX_ID_BYTES: usize = 256;
/// Longest title, in code points.
const MAX_TITLE: usize = 1000;
/// Bounds of a word budget.
const WORD_BUDGET: std::ops::RangeInclusive<u32> = 10..=1000;
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
    pub(super) summary: Option<SummaryBudget>,
    /// Set when stance is wanted.
    pub(super) contest: Option<CatalogEntry>,
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
    /// Id of the model that summarises.
    pub(super) summary_model: &'a str,
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
    let summary = check.summary(request.summary.unwrap_or_default());
    let contest = check.contest(request.contest_choice);
    let output = check.output(request.output.unwrap_or_default());
    check.finish()?;
    Ok(AnalysisRequest {
        article_id: article.id,
        title: Some(article.title).filter(|title| !title.trim().is_empty()),
        text: article.text,
        format,
        summary: summary_wanted.then_some(summary),
        contest: contest.filter(|_| stance_wanted),
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

    fn summary(&mut self, options: v1::SummaryOptions) -> SummaryBudget {
        match v1::SummaryStyle::try_from(options.style) {
            Ok(v1::SummaryStyle::Unspecified | v1::SummaryStyle::Extractive) => {}
            Ok(v1::SummaryStyle::Abstractive) => {
                self.refuse(
                    "summary.style: this server holds no generator for abstractive summaries",
                );
            }
            Err(unknown) => self.reject("summary.style", format!("unknown value {}", unknown.0)),
        }
        let limit = self.rules.config.limits.max_summary_sentences;
        let sentences = match options.max_sentences as usize {
            0 => self.rules.config.analysis.default_summary_sentences,
            sentences => sentences,
        };
        if sentences > limit {
            self.reject("summary.max_sentences", format!("is at most {limit}, got {sentences}"));
        }
        let words = options.max_words;
        if words != 0 && !WORD_BUDGET.contains(&words) {
            let (least, most) = (WORD_BUDGET.start(), WORD_BUDGET.end());
            let problem = format!("is 0 or between {least} and {most}, got {words}");
            self.reject("summary.max_words", problem);
        }
        let model = self.rules.summary_model;
        if !options.model.is_empty() && options.model != model {
            self.reject(
                "summary.model",
                format!("no model \"{}\"; known: {model}", shortened(&options.model)),
            );
        }
        SummaryBudget { sentences, words: (words != 0).then_some(words as usize) }
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
                match Contest::parse(draft(contest), limits, "contest") {
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

fn draft(contest: v1::Contest) -> ContestDraft {
    let parties = |parties: Vec<v1::Party>| parties.into_iter().map(party_draft).collect();
    ContestDraft {
        id: contest.id,
        version: contest.version,
        name: contest.name,
        topic: contest.topic,
        sides: parties(contest.sides),
        third_parties: parties(contest.third_parties),
    }
}

fn party_draft(party: v1::Party) -> PartyDraft {
    let mut guards: BTreeMap<String, v1::AliasGuard> =
        party.guards.into_iter().map(|guard| (guard.alias.clone(), guard)).collect();
    PartyDraft {
        id: party.id,
        name: party.name,
        aliases: guarded(party.aliases, &mut guards),
        people: party.people,
        affiliations: guarded(party.affiliations, &mut guards),
        claims: party.claims,
    }
}

/// Names with their guards. A guard of no name guards nothing.
fn guarded(names: Vec<String>, guards: &mut BTreeMap<String, v1::AliasGuard>) -> Vec<AliasDraft> {
    let guarded = |name: String| match guards.remove(&name) {
        None => AliasDraft::Plain(name),
        Some(v1::AliasGuard { not_before, not_after, .. }) => {
            AliasDraft::Guarded(GuardedAlias { name, not_before, not_after })
        }
    };
    names.into_iter().map(guarded).collect()
}
