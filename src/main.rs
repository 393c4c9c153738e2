//! Hands the arguments to the verbs.

fn main() -> std::process::ExitCode {
    wenliu::cli::main()
}
