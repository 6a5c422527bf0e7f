//! The caller's deadline, from the `grpc-timeout` header.

use std::time::{Duration, Instant};

use tonic::metadata::MetadataMap;
use tonic::{Request, Status};

use super::analyzer::Asked;

/// Our deadline comes a tenth of the timeout before the caller's, and no more than this: tonic's own
/// timer would answer CANCELLED where DEADLINE_EXCEEDED is meant, and the answer has a way to go.
const LARGEST_MARGIN: Duration = Duration::from_millis(50);

/// Notes when the head of a call came in: the caller's timer, and tonic's own, run from there, while
/// a handler starts when the whole message has been read.
pub(super) fn note_arrival(mut request: Request<()>) -> Result<Request<()>, Status> {
    let asked = asked(request.metadata(), Instant::now());
    request.extensions_mut().insert(asked);
    Ok(request)
}

/// What [`note_arrival`] noted.
pub(super) fn arrival<T>(request: &Request<T>) -> Asked {
    let noted = request.extensions().get::<Asked>().copied();
    noted.unwrap_or_else(|| asked(request.metadata(), Instant::now()))
}

fn asked(metadata: &MetadataMap, at: Instant) -> Asked {
    let header = metadata.get("grpc-timeout").and_then(|value| value.to_str().ok());
    let timeout = header.and_then(parse);
    let deadline = timeout.and_then(|timeout| at.checked_add(timeout - margin(timeout)));
    Asked { at, deadline }
}

fn margin(timeout: Duration) -> Duration {
    (timeout / 10).min(LARGEST_MARGIN)
}

/// `TimeoutValue TimeoutUnit` of the gRPC protocol: at most eight digits, then H, M, S, m, u or n.
fn parse(header: &str) -> Option<Duration> {
    let unit = header.chars().next_back()?;
    let digits = header.strip_suffix(unit)?;
    if digits.len() > 8 {
        return None;
    }
    let value: u64 = digits.parse().ok()?;
    match unit {
        'H' => Some(Duration::from_secs(value * 3600)),
        'M' => Some(Duration::from_secs(value * 60)),
        'S' => Some(Duration::from_secs(value)),
        'm' => Some(Duration::from_millis(value)),
        'u' => Some(Duration::from_micros(value)),
        'n' => Some(Duration::from_nanos(value)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read() {
        assert_eq!(parse("5S"), Some(Duration::from_secs(5)));
        assert_eq!(parse("250m"), Some(Duration::from_millis(250)));
        assert_eq!(parse("99999999H"), Some(Duration::from_secs(99_999_999 * 3600)));
    }

    #[test]
    fn the_margin_is_a_tenth_and_bounded() {
        assert_eq!(margin(Duration::from_millis(60)), Duration::from_millis(6));
        assert_eq!(margin(Duration::from_secs(30)), LARGEST_MARGIN);
    }

    #[test]
    fn nonsense_is_no_deadline() {
        for header in ["", "S", "5", "-5S", "999999999S", "5X", "5 S", "€"] {
            assert_eq!(parse(header), None, "{header}");
        }
    }
}
