//! Several articles of one story against each other.

use std::sync::Arc;

use futures::future::try_join_all;

use super::analyzer::{Analyzer, Asked, off_runtime};
use super::article::ReadArticle;
use super::beside::Beside;
use super::proto::v1;
use super::reply;
use super::setup::AnalyzerSetup;
use super::status::AnalyzeError;
use crate::analysis::{Reading, compare};
use crate::article::Document;
use crate::engine::{Place, Plan};
use crate::violation::Violation;

impl Analyzer {
    /// Compares articles that have one place in the house together.
    ///
    /// # Errors
    /// See [`AnalyzeError`].
    pub async fn compare(
        &self,
        request: v1::CompareArticlesRequest,
        asked: Asked,
        place: Place,
    ) -> Result<v1::CompareArticlesResponse, AnalyzeError> {
        asked.in_time(self.compared(request, asked, place)).await
    }

    async fn compared(
        &self,
        request: v1::CompareArticlesRequest,
        asked: Asked,
        place: Place,
    ) -> Result<v1::CompareArticlesResponse, AnalyzeError> {
        let analyzer = self.clone();
        let read = move || analyzer.read_articles(request);
        let (articles, plans): (Vec<_>, Vec<_>) =
            off_runtime("parse", read, place.clone()).await??.into_iter().unzip();
        let readings = plans.into_iter().map(|plan| self.read(plan, asked, place.clone()));
        let readings = try_join_all(readings).await?;
        let setup = Arc::clone(self.setup());
        let answer = move || setup.answer_comparison(&articles, readings, asked);
        off_runtime("answer", answer, place).await
    }

    /// Checks and reads all articles; the violations of all are told at once.
    fn read_articles(
        &self,
        request: v1::CompareArticlesRequest,
    ) -> Result<Vec<(ReadArticle, Option<Plan>)>, AnalyzeError> {
        let (given, limit) = (request.articles.len(), self.config().limits.max_compared_articles);
        if given < 2 || given > limit {
            let problem = format!("has 2 to {limit} entries, got {given}");
            return Err(AnalyzeError::Invalid(vec![Violation::new("articles", problem)]));
        }
        let contest = request.contest_choice.map(contest_choice);
        let mut articles = Vec::with_capacity(given);
        let mut violations = Vec::new();
        for (index, article) in request.articles.into_iter().enumerate() {
            let request = v1::AnalyzeArticleRequest {
                article: Some(article),
                parts: vec![v1::AnalysisPart::Stance.into()],
                contest_choice: contest.clone(),
                ..v1::AnalyzeArticleRequest::default()
            };
            match self.read_article(request) {
                Ok(article) => articles.push(article),
                Err(AnalyzeError::Invalid(found)) => {
                    violations.extend(found.into_iter().filter_map(|v| of_article(v, index)));
                }
                Err(error) => return Err(error),
            }
        }
        if violations.is_empty() { Ok(articles) } else { Err(AnalyzeError::Invalid(violations)) }
    }
}

impl AnalyzerSetup {
    fn answer_comparison(
        &self,
        articles: &[ReadArticle],
        readings: Vec<Reading>,
        asked: Asked,
    ) -> v1::CompareArticlesResponse {
        let documents: Vec<&Document> = articles.iter().map(|article| &article.document).collect();
        let framings = articles.iter().zip(readings).enumerate();
        v1::CompareArticlesResponse {
            pairs: reply::pairs(&compare(&documents), &documents),
            framings: framings
                .map(|(index, (article, reading))| {
                    let reply = self.answer(article, reading, Beside::default(), asked.at);
                    v1::ArticleFraming {
                        index: reply::count(index),
                        article_id: reply.article_id,
                        stance: reply.stance,
                    }
                })
                .collect(),
        }
    }
}

/// A violation under the path of its article. Those of the contest are the same for every article
/// and are told once.
fn of_article(violation: Violation, index: usize) -> Option<Violation> {
    match violation.field.strip_prefix("article") {
        Some(field) => Some(Violation::new(format!("articles[{index}]{field}"), violation.problem)),
        None => (index == 0).then_some(violation),
    }
}

fn contest_choice(
    choice: v1::compare_articles_request::ContestChoice,
) -> v1::analyze_article_request::ContestChoice {
    use v1::analyze_article_request::ContestChoice as Analyze;
    use v1::compare_articles_request::ContestChoice as Compare;
    match choice {
        Compare::ContestId(id) => Analyze::ContestId(id),
        Compare::Contest(contest) => Analyze::Contest(contest),
    }
}
