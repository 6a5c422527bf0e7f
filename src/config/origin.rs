//! Origins of web pages.

use crate::violation::{Violation, shortened};

/// The entries that are no origin as browsers send it: scheme, host, and the port unless it is the scheme's own.
pub(super) fn violations(key: &str, origins: &[String]) -> impl Iterator<Item = Violation> {
    let wrong = origins.iter().enumerate().filter(|(_, origin)| !is_origin(origin));
    wrong.map(move |(index, origin)| {
        let problem = format!("is like \"https://news.example\", got \"{}\"", shortened(origin));
        Violation::new(format!("{key}[{index}]"), problem)
    })
}

fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let fits =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-:[]".contains(&byte);
    host.is_some_and(|host| !host.is_empty() && host.bytes().all(fits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_a_scheme_and_a_host_and_nothing_else() {
        for origin in ["https://news.example", "http://localhost:8080", "http://[::1]:3000"] {
            assert!(is_origin(origin), "{origin}");
        }
        for other in ["", "*", "null", "news.example", "https://", "https://news.example/"] {
            assert!(!is_origin(other), "{other}");
        }
        assert!(!is_origin("https://News.example"), "browsers send small letters");
    }
}
