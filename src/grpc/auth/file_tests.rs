use super::*;

const HEX: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde";

fn faults(text: &str) -> Vec<String> {
    parse(text).expect_err("faults").iter().map(Violation::to_string).collect()
}

#[test]
fn callers_are_read() {
    let text = format!(
        "[[callers]]\nname = \"newsroom\"\nkey_sha256 = [\"{HEX}0\", \"{HEX}1\"]\n\
         requests_per_second = 2.5\nmax_in_flight = 4\n\
         [[callers]]\nname = \"archive\"\ncertificates = [\"archive.example\"]\n\
         requests_per_second = 10\nburst = 30\n"
    );
    let [newsroom, archive] = parse(&text).expect("valid").try_into().expect("two");
    assert_eq!((newsroom.name.as_str(), newsroom.keys.len()), ("newsroom", 2));
    assert_eq!(newsroom.limits, CallerLimits { rate: Some((2.5, 3)), in_flight: Some(4) });
    assert_eq!(archive.certificates, ["archive.example"]);
    assert_eq!(archive.limits, CallerLimits { rate: Some((10.0, 30)), in_flight: None });
}

#[test]
fn all_faults_are_told_at_once_with_caller_and_field() {
    let text = format!(
        "color = 1\n\
         [[callers]]\nname = \"a b\"\nkey_sha256 = [\"{HEX}0\"]\n\
         [[callers]]\nname = \"twice\"\nkey_sha256 = [\"{HEX}0\"]\nburst = 3\n\
         [[callers]]\nname = \"twice\"\nmax_in_flight = 0\n\
         [[callers]]\nname = \"many\"\nkey_sha256 = [\"{HEX}1\", \"{HEX}2\", \"{HEX}3\"]\n\
         requests_per_second = -1\nspeed = 1\n"
    );
    let expected = [
        "color: is not known",
        "callers[0].name: has 1 to 64",
        "callers[1] \"twice\".key_sha256[0]: stands in this file twice",
        "callers[1] \"twice\".burst: needs requests_per_second",
        "callers[2] \"twice\".name: is the name of another caller too",
        "callers[2] \"twice\": needs key_sha256 or certificates",
        "callers[2] \"twice\".max_in_flight: is between 1 and 1000000, got 0",
        "callers[3] \"many\".speed: is not known",
        "callers[3] \"many\".key_sha256: has at most 2 entries, got 3",
        "callers[3] \"many\".requests_per_second: is between 0.001 and 1000000, got -1",
    ];
    let faults = faults(&text);
    assert_eq!(faults.len(), expected.len(), "{faults:#?}");
    for (fault, expected) in faults.iter().zip(expected) {
        assert!(fault.starts_with(expected), "{fault} is not {expected}");
    }
}

#[test]
fn a_key_in_the_wrong_place_is_not_told_back() {
    let secret = "plx_secret";
    for text in [
        format!("[[callers]]\nname = \"a\"\nkey_sha256 = [\"{secret}\"]"),
        format!("[[callers]]\nname = \"a\"\nkey_sha256 = \"{secret}\""),
        format!("[[callers]]\nname = \"a\"\nkey_sha256 = [{secret}]"),
        format!("[[callers]]\nname = \"{secret}\"\nkey_sha256 = [\"{HEX}0\"]"),
        format!("[[callers]]\nname = \"a\"\nkey_sha256 = [\"{HEX}0\"]\nburst = \"{secret}\""),
        format!("callers = \"{secret}\""),
        format!("[[callers]]\nname = \"a\"\nkey_sha256 = [\"{secret}"),
    ] {
        let faults = faults(&text).join("; ");
        assert!(!faults.contains(secret), "{faults}");
    }
}

#[test]
fn an_empty_key_is_no_key() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let text = format!("[[callers]]\nname = \"a\"\nkey_sha256 = [\"{empty}\"]");
    let faults = faults(&text);
    assert_eq!(faults, ["callers[0] \"a\".key_sha256[0]: is the digest of an empty key"]);
}

#[test]
fn a_file_without_callers_lets_nobody_in_and_is_a_fault() {
    assert_eq!(faults(""), ["callers: has at least one entry ([[callers]])"]);
    assert_eq!(faults("\n\n[[callers]\n"), ["callers: the file is no TOML at line 3"]);
}
