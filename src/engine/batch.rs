//! Groups windows into batches. Pure.

/// Groups windows of the given lengths, in tokens, into batches of at most `batch_tokens` tokens
/// with padding; a window that is longer than that has a batch of its own. Windows of similar length
/// are batched together, so that little is padded. Returns indices of windows.
pub(super) fn group(lengths: &[usize], batch_tokens: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<(usize, usize)> =
        lengths.iter().enumerate().map(|(index, &length)| (length, index)).collect();
    order.sort_by_key(|&(length, index)| (std::cmp::Reverse(length), index));
    let mut batches: Vec<Vec<usize>> = Vec::new();
    let mut longest = 0;
    for (length, index) in order {
        match batches.last_mut() {
            Some(batch) if (batch.len() + 1) * longest <= batch_tokens => batch.push(index),
            _ => {
                // The first of a batch is the longest; the others are padded to it.
                longest = length;
                batches.push(vec![index]);
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn similar_lengths_go_together() {
        assert_eq!(group(&[10, 2, 9, 2], 20), [vec![0, 2], vec![1, 3]]);
    }

    proptest! {
        #[test]
        fn every_window_is_in_one_batch_that_fits(
            lengths in prop::collection::vec(1_usize..600, 0..50), budget in 1_usize..4096
        ) {
            let batches = group(&lengths, budget);
            let mut seen: Vec<usize> = batches.concat();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..lengths.len()).collect::<Vec<_>>());
            for batch in batches {
                let longest = batch.iter().map(|&window| lengths[window]).max().unwrap_or(0);
                prop_assert!(batch.len() == 1 || batch.len() * longest <= budget);
            }
        }
    }
}
