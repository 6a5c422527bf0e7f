use super::*;
use FurnitureReason::{
    Caption, Copyright, Credit, Date, Dateline, Link, Navigation, Player, Separator, Share,
    SizeSelector, Subheading,
};

#[track_caller]
fn assert_reason(expected: FurnitureReason, lines: &[&str]) {
    for line in lines {
        assert_eq!(reason(line), Some(expected), "{line}");
    }
}

#[track_caller]
fn assert_kept(lines: &[&str]) {
    for line in lines {
        assert_eq!(reason(line), None, "{line}");
    }
}

#[test]
fn menus_and_newsletters_are_navigation() {
    assert_reason(
        Navigation,
        &[
            "Accessibility links",
            "Please wait...",
            "ADVERTISEMENT",
            "Read more",
            "See also: The bridge",
            "( PHOTOS: The bridge in pictures)",
            "Sign up for our Bridge newsletter",
            "Bridge opens after ten years Read more",
            "BridgeTalks",
            "Summit2031",
            "#bridge #summit",
            "Home > Oldtown > Bridges",
            "Town | Comment",
            "4 min read",
            "Read the full statement here.",
            "The list is available here.",
            "Want more? Sign up here.",
            "A daily summary of reports on bridges.",
            "Get breaking news alerts and special reports. The stories that matter, every morning.",
            "Please verify you're not a robot by clicking the box. Invalid email address.",
            "Learn more about the bridge on our website.",
            "Take the quiz: How well do you know the bridge?",
            "see also Bridges of the first day The council began its hearings on...",
            "For more on the bridge, check out our podcast:",
            "Send us your photos of the bridge.",
            "Source Agency and agencies Related News The bridge is shut Category News Town",
            &format!(
                "Bridges A daily letter. By signing up you agree to receive letters. {}",
                "It is long. ".repeat(60)
            ),
            "Please consider making a contribution to the Oldtown Post today.",
        ],
    );
}

#[test]
fn dates_alone_on_a_line_are_dates() {
    assert_reason(
        Date,
        &[
            "20310412",
            "2031-04-12",
            "April 12, 2031",
            "Saturday, April 12, 2031 3:04 PM EST",
            "12 April 2031",
            "Updated: Apr. 12, 2031",
            "This article is more than 2 years old",
            "This story was updated at 7:10 a.m.",
            "12 April, 17:30",
            "This story is being updated to reflect new developments.",
            "This is a breaking news story and will be updated.",
            "—Updated at 3:24 p.m.",
            "- Updated at 11:45 a.m.",
            "--This report was updated at 8:07 a.m.",
            "UPDATE: This story has been updated with the mayor's answer.",
        ],
    );
}

#[test]
fn a_place_and_date_alone_are_a_dateline() {
    assert_reason(
        Dateline,
        &[
            "Oldtown, March 5, 2031",
            "OLDTOWN, 5 March, 12:40",
            "OLDTOWN, March 5 (Wire)",
            "March 5, 2031, Oldtown",
            "OLDTOWN (AP) —",
        ],
    );
}

#[test]
fn player_times_and_controls_are_a_player() {
    assert_reason(
        Player,
        &[
            "0:00 0:03:48 0:00",
            "01:16",
            "No media source currently available",
            "240p | 360p | 480p",
            "Play Video 1:15 The bridge from above – video",
        ],
    );
}

#[test]
fn text_sizes_are_a_size_selector() {
    assert_reason(SizeSelector, &["XS", "SM", "MD", "LG", "XS SM MD LG"]);
}

#[test]
fn picture_lines_are_captions_or_credits() {
    assert_reason(
        Caption,
        &[
            "Image copyright Agency Image caption The bridge at noon",
            "FILE PHOTO: The bridge is seen at noon in Oldtown, April 12, 2031.",
            "The bridge at noon (Photo: Anna Example, AP)",
            "The bridge is seen at noon. REUTERS/Anna Example",
            "next Image 1 of 2",
            "Anna Example/AP The mayor leaves the bridge.",
            "The bridge at noon in June. Photographer: Anna Example/Agency",
            "The bridge at noon. Source: the town via Getty Images",
            "A guard inspects the bridge in Oldtown on March 5 2031.",
            "The mayor is escorted from the bridge in Oldtown in March 2031.",
            "Map: Bridges of the town",
            "In this March 5, 2031 file photo, the bridge stands in Oldtown.",
            "Anna Example, left, and Ben Sample on the bridge.",
            "Anna Example (L) and Ben Sample on the bridge.",
            "Anna Example waves to the crowd in Oldtown on March 5, 2031.",
            "The bridge at noon. Photo: Anna Example/Oldtown Post",
            "The bridge at noon on July 3. Anna Example Getty Images",
            "The bridge at noon. (Oldtown Post via AP)",
            "Anna Example/Reuters The mayor leaves the bridge.",
            "Cover image: The mayor leaves the bridge.",
            "Image Mayor Brook on the bridge in Oldtown. Credit... Pool photo by Anna Example",
            &format!(
                "In this March 5, 2031, file photo, the bridge stands. {}",
                "It is old. ".repeat(40)
            ),
            &format!(
                "Photos: The bridge – At noon. {}",
                "Hide Caption 1 of 9 At night. ".repeat(60)
            ),
        ],
    );
    assert_reason(
        Credit,
        &[
            "(AP Photo/Anna Example, File)",
            "REUTERS/Anna Example",
            "Anna Example/AFP/Getty Images",
            "Photograph: Anna Example",
            "By Anna Example and Ben Sample",
            "Ben Sample contributed to this report.",
            "— Anna Example (@annaexample) April 14, 2031",
            "By our correspondents in Oldtown",
            "Anna Example, bridge correspondent",
            "Analysis by Anna Example, Oldtown Post",
            "Anna Example reported from Oldtown.",
            "Example and Sample reported from Oldtown.",
            "CORRECTION: The bridge is 90 years old.",
            "This report includes material from the wires.",
            "Anna Example wrote a book on bridges. The opinions expressed in this commentary are hers.",
            "Corrected from earlier to name the bridge.",
            "• Ben Sample contributed reporting from Newtown.",
            "The views of contributors are their own and not the views of the Oldtown Post.",
        ],
    );
}

#[test]
fn copyright_share_and_link_lines_are_named_so() {
    assert_reason(Copyright, &["Copyright © 2031 The Oldtown Post, LLC.", "All rights reserved."]);
    assert_reason(Share, &["Share on Facebook", "Tweet", "Follow us on Twitter."]);
    assert_reason(Link, &["https://example.org/2031/04/12/bridge-a1", "www.example.org"]);
}

#[test]
fn forms_of_address_and_names_of_lists_are_subheadings() {
    assert_reason(
        Subheading,
        &["Dear Madam Brook:", "Mr Minister,", "Ladies and gentlemen,", "Key points:"],
    );
}

#[test]
fn an_author_note_says_what_somebody_is() {
    assert!(is_author_note("Anna Example is a professor of law at Oldtown University."));
    assert!(is_author_note("Anna B. Example is the host of “Bridges”."));
    assert!(is_author_note("• Anna Example is a lecturer on bridges."));
    for line in [
        "Anna Example is expected to host a dinner.",
        "Mayor Brook said that Anna Example is a writer.",
        "She is a writer.",
    ] {
        assert!(!is_author_note(line), "{line}");
    }
}

#[test]
fn lines_without_letters_are_separators_or_navigation() {
    assert_reason(Separator, &["***", "”", "<...>", "😀"]);
    assert_reason(Navigation, &["190712", "1 / 4"]);
}

#[test]
fn links_and_feet_of_messages_are_asides() {
    for aside in [
        "(RELATED: The bridge is shut)",
        "[Read more: The bridge is shut.]",
        "(PHOTOS: The bridge)",
        "— Anna B. Example (@anna) March 5, 2031",
        "pic.twitter.com/a1B2 — Anna Example (@anna) March 5, 2031",
        "https://example.org/a1 ” — Anna Example (@anna), March 5, 2031",
        "https://t.co/a1 pic.twitter.com/a1B2",
    ] {
        assert!(may_hold_asides(aside) && aside_reason(aside).is_some(), "{aside}");
    }
    for sentence in [
        "(The related question is who pays.)",
        "The bridge is shut, Anna Example (@anna) wrote.",
        "(Read it again: nobody paid for the bridge.) Nobody answered.",
    ] {
        assert_eq!(aside_reason(sentence), None, "{sentence}");
    }
}

#[test]
fn phrases_are_as_short_as_is_said() {
    assert!(RULES.phrases.keys().all(|phrase| phrase.len() <= LONGEST_PHRASE_BYTES));
}

#[test]
fn a_line_may_end_in_an_aside() {
    for (line, rest) in [
        ("The bridge is shut. (RELATED: A bridge too old)", "The bridge is shut. "),
        ("Sad! pic.twitter.com/b2 — Ada Brook (@ada) March 4, 2031", "Sad! "),
        ("Sad! — Ada Brook (@ada)", "Sad! "),
        ("Sad! https://example.org/a1 — Ada Brook (@ada)", "Sad! "),
        ("Quake reported from Oldtown", "Quake reported from Oldtown"),
        ("What Ada Brook (@ada) wrote on it", "What Ada Brook (@ada) wrote on it"),
    ] {
        assert_eq!(without_aside(line), rest);
    }
}

#[test]
fn sentences_of_a_story_are_kept() {
    assert_kept(&[
        "The photo: a bridge at noon, taken by the mayor, was shown to the council on April 12, 2031.",
        "OLDTOWN (AP) — The bridge will close, the mayor said on Saturday.",
        "By noon the bridge had closed.",
        "Watch the river rise, the mayor told the town.",
        "“More than 40 bridges will close,” she said.",
        "On April 12, 2031, the bridge closed.",
        "Reuters reported on Monday that the bridge would close.",
        "$5,000",
        "McKay",
        "Close the bridge now",
        "The bridge, left to rust, will close.",
        "The mayor waved to the crowd.",
        "She told the council on March 5, 2031.",
        "The town read the report and did nothing.",
        "Nothing like it was found here.",
        "Credit is dear in Oldtown.",
        "The mayor took a photo of the bridge. “Source: the council,” she wrote under it.",
        "Get the newsletter out of the door before noon, the mayor told her staff.",
        "This is a breaking point for the town.",
        "The United States contributed.",
        "Ada Brook has contributed reporting from Oldtown.",
        "Nobody has been allowed to inspect the bridge since March 2031.",
        "“You have to give Brook credit... She knows what she wants,” Hill said.",
        "Also read out in the council was a letter from the mayor.",
        "Related video evidence was shown to the council.",
        "This report will be published on Monday.",
        "This is a developing story of greed, the mayor said.",
        "The views of contributors to the campaign matter more, she said.",
        "Take the quiz that pupils were given: it asks who built the bridge.",
        "The claim was made in Oldtown (and spread via Sputnik).",
        "The Ipsos/Reuters Poll found that the town is tired of the bridge.",
        "In this case a file photo was all the council saw.",
        "Corrected on that point by the council, the mayor left.",
        "She learned more about the bridge than the council had asked for.",
        "It won in the category news photography.",
        "By signing up for the march he took a side, the mayor said.",
        "The council inspects the bridge every year, as it has since March.",
        "The mayor is seen as the favourite in the vote of March 2031.",
        "The charge carries ten years, and the trial is set for March 5, 2031.",
        "The pattern is seen in data from August 2031.",
        "The town’s future rides on the vote of November 2031.",
        "News Weekly/AP VoteCast surveys found that the town is tired of the bridge.",
        "The council will vote before the lease runs out in August 2031.",
    ]);
}

#[test]
fn a_very_long_line_is_kept_whatever_it_says() {
    assert_kept(&[&format!("Sign up for {}", "more ".repeat(200))]);
    let article = "The bridge is old. ".repeat(100);
    assert_kept(&[&format!("{article}The opinions expressed in this commentary are his own.")]);
}
