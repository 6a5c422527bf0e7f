//! Language: what an article is written in, judged on a sample of its story.

use whatlang::Lang;

use super::text::is_blank;

/// Code points of the story that are looked at.
const SAMPLE_CODE_POINTS: usize = 20_000;

/// With fewer letters than this, a guess is worth nothing.
const FEWEST_LETTERS: usize = 20;

/// The language of an article.
#[derive(Clone, Debug, PartialEq)]
pub struct Language {
    /// ISO 639-1, or `"und"` where the text is too short or has no letters.
    pub code: String,
    /// Between 0 and 1.
    pub confidence: f64,
    /// Whether the text is long and clear enough to act on.
    pub reliable: bool,
}

impl Language {
    /// The language of the texts of `paragraphs`, taken together up to a bounded sample.
    pub(super) fn detect<'t>(paragraphs: impl Iterator<Item = &'t str>) -> Self {
        let mut sample = String::new();
        let code_points = paragraphs.flat_map(|paragraph| paragraph.chars().chain([' ']));
        sample.extend(
            code_points.filter(|c| !c.is_control() || is_blank(*c)).take(SAMPLE_CODE_POINTS),
        );

        let letters = sample.chars().filter(|c| c.is_alphabetic()).count();
        let found = if letters < FEWEST_LETTERS { None } else { whatlang::detect(&sample) };
        match found {
            Some(info) => Self {
                code: iso_639_1(info.lang()).to_owned(),
                confidence: info.confidence(),
                reliable: info.is_reliable(),
            },
            None => Self { code: "und".to_owned(), confidence: 0.0, reliable: false },
        }
    }
}

/// The ISO 639-1 code of a language.
fn iso_639_1(lang: Lang) -> &'static str {
    match lang {
        Lang::Afr => "af",
        Lang::Aka => "ak",
        Lang::Amh => "am",
        Lang::Ara => "ar",
        Lang::Aze => "az",
        Lang::Bel => "be",
        Lang::Bul => "bg",
        Lang::Ben => "bn",
        Lang::Cat => "ca",
        Lang::Ces => "cs",
        Lang::Cym => "cy",
        Lang::Dan => "da",
        Lang::Deu => "de",
        Lang::Ell => "el",
        Lang::Eng => "en",
        Lang::Epo => "eo",
        Lang::Spa => "es",
        Lang::Est => "et",
        Lang::Pes => "fa",
        Lang::Fin => "fi",
        Lang::Fra => "fr",
        Lang::Guj => "gu",
        Lang::Heb => "he",
        Lang::Hin => "hi",
        Lang::Hrv => "hr",
        Lang::Hun => "hu",
        Lang::Hye => "hy",
        Lang::Ind => "id",
        Lang::Ita => "it",
        Lang::Jpn => "ja",
        Lang::Jav => "jv",
        Lang::Kat => "ka",
        Lang::Khm => "km",
        Lang::Kan => "kn",
        Lang::Kor => "ko",
        Lang::Lat => "la",
        Lang::Lit => "lt",
        Lang::Lav => "lv",
        Lang::Mkd => "mk",
        Lang::Mal => "ml",
        Lang::Mar => "mr",
        Lang::Mya => "my",
        Lang::Nob => "nb",
        Lang::Nep => "ne",
        Lang::Nld => "nl",
        Lang::Ori => "or",
        Lang::Pan => "pa",
        Lang::Pol => "pl",
        Lang::Por => "pt",
        Lang::Ron => "ro",
        Lang::Rus => "ru",
        Lang::Sin => "si",
        Lang::Slk => "sk",
        Lang::Slv => "sl",
        Lang::Sna => "sn",
        Lang::Srp => "sr",
        Lang::Swe => "sv",
        Lang::Tam => "ta",
        Lang::Tel => "te",
        Lang::Tha => "th",
        Lang::Tuk => "tk",
        Lang::Tgl => "tl",
        Lang::Tur => "tr",
        Lang::Ukr => "uk",
        Lang::Urd => "ur",
        Lang::Uzb => "uz",
        Lang::Vie => "vi",
        Lang::Yid => "yi",
        Lang::Cmn => "zh",
        Lang::Zul => "zu",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(text: &str) -> Language {
        Language::detect([text].into_iter())
    }

    #[test]
    fn english_prose_is_english() {
        let found = detect(
            "The council of Oldtown voted on Saturday to close the old bridge for good, and the \
             mayor said that a new one would be built within two years.",
        );
        assert_eq!(found.code, "en");
        assert!(found.reliable);
    }

    #[test]
    fn russian_prose_is_russian() {
        let text =
            "Совет города решил закрыть старый мост, и мэр обещал построить новый за два года.";
        assert_eq!(detect(text).code, "ru");
    }

    #[test]
    fn too_few_letters_are_undetermined() {
        for text in ["", "Yes.", "123 456 789 123 456 789 123 456", "😀😀😀\0\0"] {
            let found = detect(text);
            assert_eq!((found.code.as_str(), found.reliable), ("und", false));
        }
    }
}
