//! The verbs, one file each; arguments, dispatch, exit codes.

/// Runs the verb that the arguments name.
pub fn main() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
