//! From files and options to requests.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::{AnalyzeOptions, REQUEST};
use crate::cli::exit::Failure;
use crate::contest::{AliasDraft, AliasGuard, ContestDraft, PartyDraft};
use crate::grpc::proto::v1::analyze_article_request::ContestChoice;
use crate::grpc::proto::{to_json, v1};

/// What the options say about every request.
#[derive(Debug, Clone, Default)]
pub(super) struct RequestTemplate {
    summary: v1::SummaryOptions,
    contest: Option<ContestChoice>,
    output: v1::OutputOptions,
    entailment: Option<v1::EntailmentOptions>,
}

impl RequestTemplate {
    pub(super) fn new(options: &AnalyzeOptions) -> Result<Self, Failure> {
        Ok(Self {
            summary: v1::SummaryOptions {
                max_sentences: options.max_sentences.unwrap_or_default(),
                max_words: options.max_words.unwrap_or_default(),
                style: if options.abstractive {
                    v1::SummaryStyle::Abstractive.into()
                } else {
                    v1::SummaryStyle::Unspecified.into()
                },
                model: options.summary_model.clone().unwrap_or_default(),
                min_words: options.min_words.unwrap_or_default(),
                beams: options.beams.unwrap_or_default(),
            },
            contest: options.contest.as_deref().map(contest_choice).transpose()?,
            output: v1::OutputOptions {
                include_sentences: options.sentences,
                ..v1::OutputOptions::default()
            },
            entailment: entailment(options),
        })
    }

    /// A request for an article.
    pub(super) fn request(&self, article: v1::Article) -> v1::AnalyzeArticleRequest {
        v1::AnalyzeArticleRequest {
            article: Some(article),
            parts: Vec::new(),
            summary: Some(self.summary.clone()),
            contest_choice: self.contest.clone(),
            output: Some(self.output),
            entailment: self.entailment.clone(),
        }
    }

    /// Its parts by name, each as JSON: two templates that ask the same are the same here.
    pub(super) fn parts(&self) -> Result<[(&'static str, String); 4], Failure> {
        let part = |request| {
            let json = to_json(REQUEST, &request);
            json.map(|json| json.to_string()).map_err(|error| Failure::Run(error.to_string()))
        };
        let none = v1::AnalyzeArticleRequest::default;
        let (summary, contest_choice) = (Some(self.summary.clone()), self.contest.clone());
        let (output, entailment) = (Some(self.output), self.entailment.clone());
        Ok([
            ("summary", part(v1::AnalyzeArticleRequest { summary, ..none() })?),
            ("contest", part(v1::AnalyzeArticleRequest { contest_choice, ..none() })?),
            ("output", part(v1::AnalyzeArticleRequest { output, ..none() })?),
            ("entailment", part(v1::AnalyzeArticleRequest { entailment, ..none() })?),
        ])
    }

    /// Fills what a request of its own leaves open.
    pub(super) fn complete(&self, request: v1::AnalyzeArticleRequest) -> v1::AnalyzeArticleRequest {
        v1::AnalyzeArticleRequest {
            summary: request.summary.or_else(|| Some(self.summary.clone())),
            contest_choice: request.contest_choice.or_else(|| self.contest.clone()),
            output: request.output.or(Some(self.output)),
            entailment: request.entailment.or_else(|| self.entailment.clone()),
            ..request
        }
    }
}

/// The statements of the options as labels "1", "2" and so on.
fn entailment(options: &AnalyzeOptions) -> Option<v1::EntailmentOptions> {
    let labels = options.labels.iter().zip(1..).map(|(statement, number): (&String, u32)| {
        v1::Label { id: number.to_string(), statement: statement.clone() }
    });
    let wanted = options.claims || !options.labels.is_empty();
    wanted.then(|| v1::EntailmentOptions {
        labels: labels.collect(),
        contest_claims: options.claims,
        model: options.entailment_model.clone().unwrap_or_default(),
    })
}

/// A contest file when there is one of that name, else an id.
fn contest_choice(id_or_file: &str) -> Result<ContestChoice, Failure> {
    let path = Path::new(id_or_file);
    let names_file = path.extension().is_some_and(|extension| extension == "toml");
    if !names_file && !path.is_file() {
        return Ok(ContestChoice::ContestId(id_or_file.to_owned()));
    }
    let failed = |problem: String| Failure::Setup(format!("contest {id_or_file}: {problem}"));
    let toml = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    let draft: ContestDraft =
        toml::from_str(&toml).map_err(|error| failed(error.to_string().trim_end().to_owned()))?;
    Ok(ContestChoice::Contest(contest(draft)))
}

/// The draft as a message; the server checks it, here or elsewhere.
fn contest(draft: ContestDraft) -> v1::Contest {
    let parties = |parties: Vec<PartyDraft>| parties.into_iter().map(party).collect();
    v1::Contest {
        id: draft.id,
        version: draft.version,
        name: draft.name,
        sides: parties(draft.sides),
        third_parties: parties(draft.third_parties),
        topic: draft.topic,
        entailment: draft.entailment.into_iter().map(Into::into).collect(),
    }
}

fn party(draft: PartyDraft) -> v1::Party {
    let parts = |names: Vec<AliasDraft>| -> Vec<(String, AliasGuard)> {
        names.into_iter().map(AliasDraft::parts).collect()
    };
    let (aliases, affiliations) = (parts(draft.aliases), parts(draft.affiliations));
    let names =
        |parts: Vec<(String, AliasGuard)>| parts.into_iter().map(|(name, _)| name).collect();
    v1::Party {
        id: draft.id,
        name: draft.name,
        guards: aliases.iter().chain(&affiliations).filter_map(guard).collect(),
        aliases: names(aliases),
        people: draft.people,
        claims: draft.claims,
        affiliations: names(affiliations),
    }
}

/// The guard of an alias, when it has one.
fn guard((alias, guard): &(String, AliasGuard)) -> Option<v1::AliasGuard> {
    (*guard != AliasGuard::default()).then(|| v1::AliasGuard {
        alias: alias.clone(),
        not_before: guard.not_before.clone(),
        not_after: guard.not_after.clone(),
    })
}

/// The files, or standard input when none is named.
pub(super) fn or_standard_input(files: &[PathBuf]) -> Vec<PathBuf> {
    if files.is_empty() { vec![PathBuf::from("-")] } else { files.to_vec() }
}

/// Whether a file name stands for standard input.
pub(super) fn is_standard_input(file: &Path) -> bool {
    file.as_os_str() == "-"
}

/// Reads a file, or standard input for `-`.
pub(super) fn read_article(file: &Path) -> Result<String, Failure> {
    let read = if is_standard_input(file) {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(file)
    };
    read.map_err(|error| Failure::Run(format!("{}: {error}", file.display())))
}
