//! What kind of summary a request asks for.

use super::Check;
use crate::analysis::SummaryBudget;
use crate::engine::GenerationWish;
use crate::grpc::proto::v1;
use crate::model::Task;
use crate::violation::shortened;

/// Bounds of a word budget.
const WORD_BUDGET: std::ops::RangeInclusive<u32> = 10..=1000;
/// Most words that a generated text can be made to have.
const MOST_MIN_WORDS: u32 = 500;
/// Most beams of a search.
const MOST_BEAMS: u32 = 8;

/// The summary that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::grpc) enum SummaryWish {
    /// Sentences of the article.
    Extractive(SummaryBudget),
    /// A generated text.
    Generated {
        /// Id of the checkpoint.
        model: String,
        /// How it is to be generated.
        wish: GenerationWish,
    },
}

impl SummaryWish {
    /// How long it may be.
    pub(in crate::grpc) fn budget(&self) -> SummaryBudget {
        match self {
            Self::Extractive(budget) => *budget,
            Self::Generated { wish, .. } => wish.budget,
        }
    }
}

impl Check<'_> {
    /// Checks the options, be a summary `wanted` or not; only one that is wanted needs its model.
    pub(super) fn summary(&mut self, options: v1::SummaryOptions, wanted: bool) -> SummaryWish {
        let style = v1::SummaryStyle::try_from(options.style);
        if let Err(unknown) = &style {
            self.reject("summary.style", format!("unknown value {}", unknown.0));
        }
        let budget = self.budget(&options);
        let wish = self.generation(&options, budget);
        if style == Ok(v1::SummaryStyle::Abstractive) && wanted {
            // Where there is no such model, that is noted.
            let model = self.checkpoint(Task::Summary, &options.model, "summary");
            return model.map_or(SummaryWish::Extractive(budget), |model| SummaryWish::Generated {
                model,
                wish,
            });
        }
        let bundle = self.rules.bundle;
        if !options.model.is_empty() && options.model != bundle {
            let asked = shortened(&options.model);
            let problem = format!("no model \"{asked}\" for extractive summaries; known: {bundle}");
            self.reject("summary.model", problem);
        }
        SummaryWish::Extractive(budget)
    }

    fn budget(&mut self, options: &v1::SummaryOptions) -> SummaryBudget {
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
        SummaryBudget { sentences, words: (words != 0).then_some(words as usize) }
    }

    fn generation(
        &mut self,
        options: &v1::SummaryOptions,
        budget: SummaryBudget,
    ) -> GenerationWish {
        let (min_words, beams) = (options.min_words, options.beams);
        let most = if options.max_words == 0 {
            MOST_MIN_WORDS
        } else {
            options.max_words.min(MOST_MIN_WORDS)
        };
        if min_words > most {
            self.reject("summary.min_words", format!("is at most {most}, got {min_words}"));
        }
        if beams > MOST_BEAMS {
            self.reject("summary.beams", format!("is at most {MOST_BEAMS}, got {beams}"));
        }
        let given = |value: u32| (value != 0).then_some(value as usize);
        GenerationWish { budget, min_words: given(min_words), beams: given(beams) }
    }
}
