#!/usr/bin/env bash
# Passes all tests from a clean clone. Installs what is missing of the Debian packages and Python readers it needs.
# Long loops are asked for by environment: WENLIU_CASES, WENLIU_KILLS, WENLIU_TORTURE.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TERM_COLOR=never RUSTFLAGS="${RUSTFLAGS:-} -Dwarnings" RUSTDOCFLAGS="-Dwarnings"
started=$SECONDS
step() { printf '\n== %s (%d s)\n' "$1" $((SECONDS - started)); }

step "format"
cargo fmt --check


# One profile for everything, so that dependencies are built once.
step "clippy"
cargo clippy --locked --profile ci --all-targets

step "build and test"
cargo test --locked --profile ci

step "documentation"
cargo doc --locked --profile ci --no-deps --document-private-items --quiet

step "score on the corpus of real pages"
tests/score.sh target/ci/wenliu

step "readers of the output"
tests/readers.sh target/ci/wenliu

step "live page and reader in a browser"
tests/page.sh target/ci/wenliu

step "deployment files"
tests/deploy.sh target/ci/wenliu

printf '\nall steps passed in %d s\n' $((SECONDS - started))
