//! Language: what the story is written in, and which of its paragraphs are written in another.
//!
//! Paragraphs fall into three groups: letters that are not Latin, Latin letters with the function
//! words of English, and other Latin letters. The group with the most letters is the story; a
//! detector names its language on a bounded sample. Where the groups do not tell whether a paragraph
//! is foreign, the detector is asked, a bounded number of times.

use whatlang::Lang;

use super::lexicon::{Lexicon, Table};
use super::text::words;

/// Code points of the story that the detector is shown.
const SAMPLE_CODE_POINTS: usize = 5_000;

/// With fewer letters than this, a guess is worth nothing.
const FEWEST_LETTERS: usize = 20;

/// Nor is one on fewer Latin letters, where the paragraph stands in a text of another language:
/// names and titles of works look foreign.
const FEWEST_LATIN_LETTERS: usize = 80;

/// Words of a paragraph that are searched for function words.
const SAMPLE_WORDS: usize = 80;

/// Code points of a single paragraph that the detector is shown.
const PARAGRAPH_CODE_POINTS: usize = 500;

/// Paragraphs that the detector is asked about one by one; it bounds the work on hostile texts.
const MOST_PARAGRAPHS: usize = 40;

/// Function words that other languages with Latin letters lack or use seldom. Of the words of
/// English prose they are about a quarter.
const ENGLISH: &str = "
    the of and to that with from this they their have has are were been which would it not his
    said be you will who more after than its but when about could into what there by at for had
";

static ENGLISH_SET: Table = Table::new(|| Lexicon::new(ENGLISH));

/// The share of function words, in percent, from which a paragraph is English.
const ENGLISH_PERCENT: usize = 8;

/// The share of function words, in percent, from which a paragraph is not taken for another
/// language, whatever the detector says.
const MIXED_PERCENT: usize = 4;

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
    /// Whether the text is reliably English.
    pub(super) fn is_english(&self) -> bool {
        self.reliable && self.code == "en"
    }

    /// The language of a text taken from `parts`, up to a bounded sample.
    fn detect<'t>(parts: impl Iterator<Item = &'t str>, most_code_points: usize) -> Self {
        let sample: String =
            parts.flat_map(|part| part.chars().chain([' '])).take(most_code_points).collect();
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

/// What a glance at a paragraph tells about its language.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Group {
    English,
    OtherLatin,
    NotLatin,
}

/// A paragraph under judgement.
struct Sample<'t> {
    text: &'t str,
    letters: usize,
    /// The share of English function words, in percent.
    english: usize,
    group: Group,
}

impl<'t> Sample<'t> {
    fn of(text: &'t str) -> Self {
        let mut latin = text.bytes().filter(u8::is_ascii_alphabetic).count();
        let mut other = 0;
        if !text.is_ascii() {
            for c in text.chars().filter(|c| !c.is_ascii()) {
                match c {
                    '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' => latin += 1,
                    _ => other += usize::from(c.is_alphabetic()),
                }
            }
        }
        let english = english_percent(text);
        let group = match () {
            () if other > latin => Group::NotLatin,
            () if english >= ENGLISH_PERCENT => Group::English,
            () => Group::OtherLatin,
        };
        Self { text, letters: latin + other, english, group }
    }

    /// Whether the paragraph is reliably in another language than a story of the group `main`.
    /// `asked` counts the questions to the detector.
    fn is_foreign(&self, main: Group, asked: &mut usize) -> bool {
        if self.group == main || self.letters < FEWEST_LETTERS {
            return false;
        }
        match (self.group, main) {
            (Group::NotLatin, _) => true,
            _ if self.letters < FEWEST_LATIN_LETTERS => false,
            (Group::English, _) | (Group::OtherLatin, Group::NotLatin) => true,
            (Group::OtherLatin, _) if self.english >= MIXED_PERCENT => false,
            (Group::OtherLatin, _) => {
                *asked += 1;
                *asked <= MOST_PARAGRAPHS && {
                    let found = Language::detect([self.text].into_iter(), PARAGRAPH_CODE_POINTS);
                    found.reliable && found.code != "en"
                }
            }
        }
    }
}

/// The share of English function words among the first words of a text, in percent.
fn english_percent(text: &str) -> usize {
    let (mut all, mut english) = (0, 0);
    for word in words(text).take(SAMPLE_WORDS) {
        all += 1;
        english += usize::from(ENGLISH_SET.contains_in_any_case(word));
    }
    english * 100 / all.max(1)
}

/// The language of the story made of `paragraphs`, and for each of them whether it is reliably in
/// another language.
pub(super) fn detect<'t>(paragraphs: impl Iterator<Item = &'t str>) -> (Language, Vec<bool>) {
    let samples: Vec<Sample> = paragraphs.map(Sample::of).collect();
    let letters = |group: Group| -> usize {
        samples.iter().filter(|sample| sample.group == group).map(|sample| sample.letters).sum()
    };
    // Of equals the last wins.
    let groups = [Group::NotLatin, Group::OtherLatin, Group::English];
    let main = groups.into_iter().max_by_key(|group| letters(*group)).unwrap_or(Group::English);
    let story = samples.iter().filter(|sample| sample.group == main).map(|sample| sample.text);
    let language = Language::detect(story, SAMPLE_CODE_POINTS);
    let mut asked = 0;
    let foreign = samples.iter().map(|sample| sample.is_foreign(main, &mut asked)).collect();
    (language, foreign)
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

    const ENGLISH_PROSE: &str = "The council of Oldtown voted on Saturday to close the old bridge for good, and the \
         mayor said that a new one would be built within two years.";
    const RUSSIAN_PROSE: &str =
        "Совет города решил закрыть старый мост, и мэр обещал построить новый за два года.";
    const FRENCH_PROSE: &str = "Le conseil de la ville a décidé samedi de fermer le vieux pont pour toujours, et le \
         maire a promis que le nouveau serait construit dans deux ans.";
    const GERMAN_PROSE: &str = "Der Rat der Stadt hat am Samstag beschlossen, die alte Brücke für immer zu schließen, \
         und die Bürgermeisterin versprach, dass in zwei Jahren eine neue stehen werde.";

    fn code(paragraphs: &[&str]) -> (String, Vec<bool>) {
        let (language, foreign) = detect(paragraphs.iter().copied());
        (language.code, foreign)
    }

    #[test]
    fn prose_has_its_language() {
        for (text, expected) in [
            (ENGLISH_PROSE, "en"),
            (RUSSIAN_PROSE, "ru"),
            (FRENCH_PROSE, "fr"),
            (GERMAN_PROSE, "de"),
        ] {
            let (language, foreign) = detect([text].into_iter());
            assert_eq!((language.code.as_str(), foreign), (expected, vec![false]));
            assert!(language.reliable, "{expected}");
        }
    }

    #[test]
    fn too_few_letters_are_undetermined() {
        for text in ["", "Yes.", "123 456 789 123 456 789 123 456", "😀😀😀"] {
            let (language, _) = detect([text].into_iter());
            assert_eq!((language.code.as_str(), language.reliable), ("und", false));
        }
    }

    #[test]
    fn paragraphs_in_another_language_than_most_are_foreign() {
        let english = [ENGLISH_PROSE, RUSSIAN_PROSE, ENGLISH_PROSE, FRENCH_PROSE];
        assert_eq!(code(&english), ("en".to_owned(), vec![false, true, false, true]));
        let russian = [RUSSIAN_PROSE, RUSSIAN_PROSE, ENGLISH_PROSE, RUSSIAN_PROSE];
        assert_eq!(code(&russian), ("ru".to_owned(), vec![false, false, true, false]));
        let german = [GERMAN_PROSE, ENGLISH_PROSE, GERMAN_PROSE];
        assert_eq!(code(&german), ("de".to_owned(), vec![false, true, false]));
    }

    #[test]
    fn names_and_short_lines_are_not_foreign() {
        let names = "Amélie Dupont, José García Márquez, Jürgen Weiß, Søren Kjær";
        assert_eq!(code(&[ENGLISH_PROSE, names, "Bonjour, mes amis!"]).1, [false; 3]);
    }
}
