//! The `parallax` program; see `parallax --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    parallax::cli::run()
}
