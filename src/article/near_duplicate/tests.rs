use proptest::prelude::*;

use super::*;
use crate::article::Document;

fn pair(first: &str, second: &str) -> Pair {
    find_near_duplicates(&[first, second])[0]
}

const BRIDGE: &str = "The council of Arden voted on Monday to close the old bridge for repairs \
    until the next spring. Shops beside the river expect to lose a third of their income, and the \
    ferry will run every quarter of an hour. Engineer Tilda Marsh found rust in eleven of the \
    nineteen pillars last autumn.";

#[test]
fn a_text_and_its_copy_are_one() {
    let copy = BRIDGE.to_uppercase().replace(' ', "\n");
    let found = pair(BRIDGE, &copy);
    assert_eq!((found.jaccard, found.containment, found.ordered), (1.0, 1.0, 1.0));
    assert!(found.near_duplicate);
}

#[test]
fn an_excerpt_is_contained() {
    let long = format!("{BRIDGE} {}", (0..900).map(|n| format!("word{n} ")).collect::<String>());
    let found = pair(BRIDGE, &long);
    assert!(found.jaccard < JACCARD && found.containment == 1.0 && found.near_duplicate);
}

#[test]
fn a_rewording_of_every_phrase_is_found_by_the_order_of_its_words() {
    let reworded = "Arden's council decided this Monday that repairs to the old bridge mean closing \
        it until spring. Owners of shops by the river think a third of income will be lost; every \
        quarter hour there will be a ferry. According to an engineer named Marsh, rust was in 11 \
        out of the nineteen supporting pillars in autumn.";
    let found = pair(BRIDGE, reworded);
    assert!(found.jaccard < 0.05 && found.ordered > 0.4 && found.near_duplicate, "{found:?}");
}

#[test]
fn another_text_on_the_same_matter_is_no_copy() {
    let other = "Nobody asked the people of Arden. In the market hall they speak of nothing but \
        pillars and money, and of a mayor who learnt of the rust in autumn and said not a word. \
        \"I sell bread on both sides of the river,\" says a baker. The ferry, she adds, cannot \
        carry a van. The old bridge may be closed for longer than the council admits.";
    let found = pair(BRIDGE, other);
    assert!(!found.near_duplicate, "{found:?}");
}

#[test]
fn texts_without_words_are_like_nothing() {
    let found = pair("", "");
    assert_eq!((found.jaccard, found.containment, found.near_duplicate), (0.0, 0.0, false));
}

#[test]
fn copies_are_found_among_many_texts() {
    let mut texts: Vec<String> =
        (0..200).map(|text| (0..120).map(|n| format!("word{text}x{n} ")).collect()).collect();
    texts[150] = format!("{} and an end of its own", texts[20]);
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let found: Vec<_> =
        find_near_duplicates(&texts).iter().map(|pair| (pair.first, pair.second)).collect();
    assert_eq!(found, [(20, 150)]);
}

/// The altered passages as printed.
fn altered(
    list: fn(&Document, &Document) -> Vec<Alteration>,
    first: &str,
    second: &str,
) -> Vec<(String, String)> {
    let first = Document::parse(first.into(), None);
    let second = Document::parse(second.into(), None);
    let found = list(&first, &second).into_iter();
    let printed =
        |span: crate::article::Span, document: &Document| span.slice(&document.text).into();
    found.map(|found| (printed(found.first, &first), printed(found.second, &second))).collect()
}

fn strings(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect()
}

const HARBOUR: &str = "Dockers unloaded 40 ships in the harbour of Lune last week.\n\n\
    \"We are tired, but we shall not strike before the spring,\" said Oda Brill, who leads the union.\n\n\
    The port paid $3.5 million for the new cranes, 12 percent more than it had planned.";

#[test]
fn a_changed_word_in_a_quotation_is_listed() {
    let second = HARBOUR.replace("shall not strike", "shall strike");
    let expected = strings(&[(
        "We are tired, but we shall not strike before the spring,",
        "We are tired, but we shall strike before the spring,",
    )]);
    assert_eq!(altered(altered_quotations, HARBOUR, &second), expected);
}

#[test]
fn a_quotation_that_is_dropped_or_cut_or_only_printed_otherwise_is_not_altered() {
    let dropped = HARBOUR
        .replace("\"We are tired, but we shall not strike before the spring,\" said", "So said");
    let cut = HARBOUR.replace("We are tired, but we", "We");
    let marks = HARBOUR
        .replace("\"We are tired, but", "“We are tired; but")
        .replace("spring,\"", "spring,”");
    for second in [dropped, cut, marks] {
        assert_eq!(altered(altered_quotations, HARBOUR, &second), [], "{second}");
    }
}

#[test]
fn changed_numbers_are_listed_wherever_their_paragraph_went() {
    let mut paragraphs: Vec<String> = HARBOUR.split("\n\n").map(str::to_owned).collect();
    paragraphs.reverse();
    let second = paragraphs.join("\n\n").replace("40", "60").replace("3.5", "5.3");
    let expected = strings(&[("40", "60"), ("3.5 million", "5.3 million")]);
    assert_eq!(altered(altered_numbers, HARBOUR, &second), expected);
}

#[test]
fn the_same_number_written_otherwise_is_not_altered() {
    let second = HARBOUR.replace("40", "forty").replace("$3.5 million", "$3,500,000");
    assert_eq!(altered(altered_numbers, HARBOUR, &second), []);
}

#[test]
fn numbers_in_other_units_are_not_compared() {
    let first = "The lorry drove 5 miles along the flooded valley road before it stopped.";
    let second = "The lorry drove 8 kilometres along the flooded valley road before it stopped.";
    assert_eq!(altered(altered_numbers, first, second), []);
}

#[test]
fn hostile_texts_take_no_longer_than_others() {
    let quotes = "\"We go on and on, said she, 7 times 7 times 7\" said Ann. ".repeat(4_000);
    let words = "on ".repeat(100_000);
    let texts = [quotes.as_str(), words.as_str()];
    let documents = texts.map(|text| Document::parse(text.to_owned(), None));
    let started = std::time::Instant::now();
    find_near_duplicates(&texts);
    for second in &documents {
        altered_quotations(&documents[0], second);
        altered_numbers(&documents[0], second);
    }
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn measures_are_symmetric_shares(first in "\\PC{0,80}", second in "\\PC{0,80}") {
        let (there, back) = (pair(&first, &second), pair(&second, &first));
        prop_assert_eq!(there, back);
        for measure in [there.jaccard, there.containment, there.ordered] {
            prop_assert!((0.0..=1.0).contains(&measure));
        }
    }

    #[test]
    fn a_text_with_words_is_its_own_duplicate(text in "[a-zé]{1,9}( [a-zé0-9,.]{1,9}){0,30}") {
        let found = pair(&text, &text);
        prop_assert_eq!((found.jaccard, found.near_duplicate), (1.0, true));
    }

    #[test]
    fn alterations_slice_and_mirror(
        first in "(\"|[a-d]{1,5} |[0-9]{1,3} |said Ann|\\. |\n){0,60}",
        second in "(\"|[a-d]{1,5} |[0-9]{1,3} |said Ann|\\. |\n){0,60}",
    ) {
        let (a, b) = (Document::parse(first.clone(), None), Document::parse(second.clone(), None));
        for list in [altered_quotations, altered_numbers] {
            for found in list(&a, &b) {
                prop_assert!(!found.first.slice(&first).is_empty());
                prop_assert!(!found.second.slice(&second).is_empty());
            }
            prop_assert_eq!(list(&a, &a), []);
            prop_assert_eq!(list(&a, &b).len(), list(&b, &a).len());
        }
    }
}
