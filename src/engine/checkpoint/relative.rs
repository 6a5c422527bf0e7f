//! T5's relative positions: how far one token is before another, in buckets that widen with the distance.

use tch::{TchError, Tensor};

/// The bias of a decoder; the newest token looks back only.
pub(super) struct RelativeBias {
    /// Buckets × heads.
    table: Tensor,
    buckets: i64,
    farthest: i64,
}

impl RelativeBias {
    pub(super) fn new(table: Tensor, buckets: i64, farthest: i64) -> Self {
        Self { table, buckets, farthest }
    }

    /// What is added to the attention of the token at a position to those from the first to itself;
    /// heads × 1 × tokens.
    pub(super) fn of_newest(&self, position: i64) -> Result<Tensor, TchError> {
        let buckets: Vec<i64> =
            (0..=position).rev().map(|distance| self.bucket(distance)).collect();
        let bias = self.table.f_index_select(0, &Tensor::f_from_slice(&buckets)?)?;
        bias.f_transpose(0, 1)?.f_unsqueeze(1)
    }

    /// Half of the buckets hold one distance each, the others ever more up to `farthest`. In single precision and with
    /// the natural logarithm, so that distances at a border fall where they fell in training.
    fn bucket(&self, distance: i64) -> i64 {
        let exact = self.buckets / 2;
        if distance < exact {
            return distance;
        }
        let wide = (self.buckets - exact) as f32;
        let spread = (self.farthest as f64 / exact as f64).ln() as f32;
        let step = (distance as f32 / exact as f32).ln() / spread * wide;
        (exact + step as i64).min(self.buckets - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_widen_with_the_distance() {
        let bias = RelativeBias::new(Tensor::zeros([32, 1], tch::kind::FLOAT_CPU), 32, 128);
        let buckets = [0, 15, 16, 17, 20, 40, 127, 128, 5000].map(|distance| bias.bucket(distance));
        assert_eq!(buckets, [0, 15, 16, 16, 17, 23, 31, 31, 31]);
    }
}
