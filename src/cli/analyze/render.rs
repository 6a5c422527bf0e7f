//! A reply for people.

use std::fmt::Write;

use crate::grpc::proto::v1;

/// The reply as text.
pub(super) fn reply(
    reply: &v1::AnalyzeArticleResponse,
    request: &v1::AnalyzeArticleRequest,
) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _written = write_reply(&mut out, reply, request);
    out
}

fn write_reply(
    out: &mut String,
    reply: &v1::AnalyzeArticleResponse,
    request: &v1::AnalyzeArticleRequest,
) -> std::fmt::Result {
    let text = request.article.as_ref().map_or("", |article| &article.text);
    let sentences = reply.document.as_ref().map_or(0, |document| document.sentence_count);
    writeln!(out, "{} ({sentences} sentences)", reply.article_id)?;
    if let Some(summary) = &reply.summary {
        match summary.style() {
            v1::SummaryStyle::Abstractive => {
                writeln!(out, "\nSummary (generated, read in {} parts)", summary.parts)?;
            }
            _ => writeln!(out, "\nSummary")?,
        }
        for sentence in &summary.sentences {
            writeln!(out, "  {}", sentence.text)?;
        }
    }
    if let Some(stance) = &reply.stance {
        write_stance(out, stance)?;
        write_evidence(out, stance)?;
        write_claims(out, &stance.claims, text)?;
    }
    write_labels(out, &reply.labels, request)?;
    if let Some(coverage) = &reply.coverage {
        let v1::Coverage { code_points, processed, windows, .. } = coverage;
        writeln!(out, "\nRead {processed} of {code_points} characters in {windows} windows")?;
    }
    let furniture = reply.document.as_ref().map_or(&[][..], |document| &document.furniture);
    for line in furniture {
        let span = line.span.unwrap_or_default();
        let words = text.get(span.start_byte as usize..span.end_byte as usize).unwrap_or_default();
        writeln!(
            out,
            "  left out ({}): {words}",
            name(line.reason().as_str_name(), "FURNITURE_REASON_")
        )?;
    }
    for warning in &reply.warnings {
        writeln!(out, "Warning: {}", warning.message)?;
    }
    writeln!(out)
}

fn write_stance(out: &mut String, stance: &v1::Stance) -> std::fmt::Result {
    let status = name(stance.status().as_str_name(), "STANCE_STATUS_");
    writeln!(out, "\nStance ({})", stance.contest_id)?;
    writeln!(out, "  {status}: {}", stance.status_reason)?;
    if let Some(framing) = &stance.framing {
        let label = if framing.label.is_empty() { "no label" } else { &framing.label };
        let mode = name(framing.mode().as_str_name(), "FRAMING_MODE_");
        writeln!(out, "  framing: {label}, score {:+.2}, mode {mode}", framing.score)?;
        for entry in &framing.probabilities {
            writeln!(out, "    {:12} {:.2}", entry.label, entry.probability)?;
        }
    }
    for target in &stance.targets {
        let polarity = name(target.polarity().as_str_name(), "POLARITY_");
        writeln!(
            out,
            "  {}: portrayed {:+.2}, author {polarity} {:+.2}, {} mentions",
            target.party, target.portrayal, target.author_stance, target.mentions
        )?;
    }
    for voice in &stance.voices {
        let side = if voice.side.is_empty() { "others" } else { &voice.side };
        let speakers = match voice.speakers.is_empty() {
            true => "nobody named".to_owned(),
            false => voice.speakers.join(", "),
        };
        let inferred = match voice.inferred_words {
            0 => String::new(),
            words => format!("; {words} of them inferred"),
        };
        writeln!(out, "  quoted {side}: {} words ({speakers}){inferred}", voice.quoted_words)?;
    }
    if stance.unattributed_words > 0 {
        writeln!(out, "  quoted of nobody known: {} words", stance.unattributed_words)?;
    }
    Ok(())
}

fn write_evidence(out: &mut String, stance: &v1::Stance) -> std::fmt::Result {
    if !stance.evidence.is_empty() {
        writeln!(out, "\nEvidence")?;
    }
    for evidence in &stance.evidence {
        let attribution = evidence.attribution.clone().unwrap_or_default();
        let voice = name(attribution.voice().as_str_name(), "VOICE_");
        let who = if attribution.speaker.is_empty() { voice } else { attribution.speaker };
        writeln!(
            out,
            "  {:3.0} % {} ({who})  {}",
            evidence.weight * 100.0,
            evidence.side,
            evidence.text
        )?;
    }
    Ok(())
}

fn write_claims(out: &mut String, claims: &[v1::Claim], text: &str) -> std::fmt::Result {
    if !claims.is_empty() {
        writeln!(out, "\nClaims")?;
    }
    for claim in claims {
        let stance = name(claim.stance().as_str_name(), "CLAIM_STANCE_");
        let span = claim.span.unwrap_or_default();
        let words = text.get(span.start_byte as usize..span.end_byte as usize).unwrap_or_default();
        writeln!(out, "  {} {stance} ({:+.2}): {}", claim.side, claim.score, claim.text)?;
        writeln!(out, "    {words}")?;
    }
    Ok(())
}

fn write_labels(
    out: &mut String,
    labels: &[v1::LabelFinding],
    request: &v1::AnalyzeArticleRequest,
) -> std::fmt::Result {
    if !labels.is_empty() {
        writeln!(out, "\nLabels")?;
    }
    let asked = request.entailment.iter().flat_map(|options| &options.labels);
    for (finding, label) in labels.iter().zip(asked) {
        let status = name(finding.status().as_str_name(), "LABEL_STATUS_");
        let (entailed, contradicted) = (finding.entailed, finding.contradicted);
        let statement = &label.statement;
        writeln!(
            out,
            "  {status} (entailed {entailed:.2}, contradicted {contradicted:.2}): {statement}"
        )?;
        for sentence in &finding.evidence {
            writeln!(out, "    {}", sentence.text)?;
        }
    }
    Ok(())
}

/// The name of an enum value without its prefix, in lower case.
fn name(value: &str, prefix: &str) -> String {
    value.strip_prefix(prefix).unwrap_or(value).to_lowercase().replace('_', " ")
}
