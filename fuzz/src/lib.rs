//! The pure modules of Parallax, for the fuzz targets.

#[path = "../../src/article/mod.rs"]
pub mod article;
#[path = "../../src/contest/mod.rs"]
pub mod contest;
#[path = "../../src/model/manifest.rs"]
pub mod manifest;
#[path = "../../src/violation.rs"]
pub mod violation;
