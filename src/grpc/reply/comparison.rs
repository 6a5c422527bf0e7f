//! A comparison on the wire.

use super::{count, folded, span};
use crate::analysis::Comparison;
use crate::article::Document;
use crate::article::near_duplicate::Alteration;
use crate::grpc::proto::v1;

/// Every pair. The documents are those that were compared.
pub(in crate::grpc) fn pairs(
    comparison: &Comparison,
    documents: &[&Document],
) -> Vec<v1::ArticlePair> {
    let pairs = comparison.pairs.iter();
    pairs
        .filter_map(|pair| {
            let (first, second) = (documents.get(pair.first)?, documents.get(pair.second)?);
            let alterations = |found: &[Alteration]| {
                found.iter().map(|found| alteration(found, first, second)).collect()
            };
            Some(v1::ArticlePair {
                first_index: count(pair.first),
                second_index: count(pair.second),
                similarity: pair.similarity,
                near_duplicate: pair.near_duplicate,
                altered_quotations: alterations(&pair.altered_quotations),
                altered_numbers: alterations(&pair.altered_numbers),
            })
        })
        .collect()
}

fn alteration(alteration: &Alteration, first: &Document, second: &Document) -> v1::Alteration {
    v1::Alteration {
        first: Some(span(&alteration.first)),
        second: Some(span(&alteration.second)),
        first_text: folded(&alteration.first, first),
        second_text: folded(&alteration.second, second),
    }
}
