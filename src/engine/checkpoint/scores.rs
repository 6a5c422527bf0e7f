//! From the logits of a step to the candidates of each search.

use tch::{Kind, TchError, Tensor};

use super::GenerationSettings;
use super::rules::Rules;
use super::search::{Candidate, Row, Search};

/// A source whose summary is being generated.
pub(super) struct Running<'s> {
    /// Its place among the sources of the call.
    pub(super) index: usize,
    /// Its token ids.
    pub(super) source: &'s [i64],
    pub(super) search: Search<'s>,
}

/// The best candidates of each source, best first. `logits`: the rows of all sources one after the other, rows ×
/// vocabulary.
pub(super) fn candidates(
    logits: &Tensor,
    running: &[Running<'_>],
    settings: &GenerationSettings,
    rules: &Rules,
) -> Result<Vec<Vec<Candidate>>, TchError> {
    let (_, words) = logits.size2()?;
    let rows: Vec<(&Row, &[i64])> = running
        .iter()
        .flat_map(|one| one.search.rows().iter().map(|row| (row, one.source)))
        .collect();
    let greedy = settings.beams == 1;
    let mut scores =
        if greedy { logits.shallow_clone() } else { logits.f_log_softmax(-1, Kind::Float)? };
    if rules.repetition_penalty != 1.0 {
        penalise(&scores, &rows, rules.repetition_penalty)?;
    }
    restrict(&mut scores, &rows, words, settings, rules)?;
    if !greedy {
        let sums: Vec<f32> = rows.iter().map(|(row, _)| row.score).collect();
        scores = scores.f_add(&Tensor::f_from_slice(&sums)?.f_unsqueeze(1)?)?;
    }
    let wanted = Search::wanted(settings, rules).min(settings.beams * words as usize);
    let scores = scores.f_view([running.len() as i64, -1])?;
    let (best, places) = scores.f_topk(wanted as i64, 1, true, true)?;
    let best = Vec::<f32>::try_from(best.f_view([-1])?)?;
    let places = Vec::<i64>::try_from(places.f_view([-1])?)?;
    let all = best.iter().zip(&places).map(|(&score, &place)| Candidate {
        row: usize::try_from(place / words).unwrap_or_default(),
        token: place % words,
        score,
    });
    let all: Vec<Candidate> = all.collect();
    Ok(all.chunks(wanted).map(<[Candidate]>::to_vec).collect())
}

/// Divides the scores of tokens that a row has by the penalty, or multiplies when they are below 0.
fn penalise(scores: &Tensor, rows: &[(&Row, &[i64])], penalty: f64) -> Result<(), TchError> {
    for (index, (row, _)) in rows.iter().enumerate() {
        let tokens = Tensor::f_from_slice(&row.tokens)?;
        let mut of_row = scores.f_select(0, index as i64)?;
        let had = of_row.f_index_select(0, &tokens)?;
        let negative = had.f_lt(0.0)?;
        let less =
            had.f_mul_scalar(penalty)?.f_where_self(&negative, &had.f_div_scalar(penalty)?)?;
        // A token that is there twice gets the same value twice.
        let _ = of_row.f_index_copy_(0, &tokens, &less)?;
    }
    Ok(())
}

/// Takes tokens out that may not come, and all but one where one must come.
fn restrict(
    scores: &mut Tensor,
    rows: &[(&Row, &[i64])],
    words: i64,
    settings: &GenerationSettings,
    rules: &Rules,
) -> Result<(), TchError> {
    let mut banned = Vec::new();
    for (index, (row, source)) in rows.iter().enumerate() {
        let first = index as i64 * words;
        if let Some(token) = rules.forced(&row.tokens, settings.max_tokens) {
            let mut of_row = scores.f_select(0, index as i64)?;
            let _ = of_row.f_fill_(f64::NEG_INFINITY)?;
            let _ = of_row.f_narrow(0, token, 1)?.f_fill_(0.0)?;
            continue;
        }
        let of_row = rules.banned(&row.tokens, source, settings);
        banned.extend(of_row.into_iter().filter(|&token| token < words).map(|token| first + token));
    }
    if !banned.is_empty() {
        let places = Tensor::f_from_slice(&banned)?;
        let _ = scores.f_view([-1])?.f_index_fill_(0, &places, f64::NEG_INFINITY)?;
    }
    Ok(())
}
