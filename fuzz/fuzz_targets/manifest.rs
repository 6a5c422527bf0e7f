//! Any text is a manifest or a message; a manifest that is one answers questions about its heads.

#![no_main]

use libfuzzer_sys::fuzz_target;
use parallax::model::Manifest;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Manifest::parse(text) {
        Err(problem) => assert!(!problem.is_empty()),
        Ok(manifest) => {
            for (name, head) in &manifest.heads {
                if let (Some(contest), [first, second]) = (&head.contest, head.sides.as_slice()) {
                    assert!(manifest.is_trained_for(name, contest, [first, second]));
                    assert!(manifest.is_trained_for(name, contest, [second, first]));
                }
            }
        }
    }
});
