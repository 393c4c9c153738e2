#!/usr/bin/env bash
# Scores the built binary on the annotated newspaper corpus, and fails below the floors that CI keeps.
# usage: tests/score.sh [WENLIU_BINARY] [more options of the corpus scorer]
set -euo pipefail
cd "$(dirname "$0")/.."
corpus=${WENLIU_CORPUS:-../shared/corpus}
binary=${1:-target/ci/wenliu}
[ $# -gt 0 ] && shift
if [ ! -f "$corpus/score.py" ]; then
  echo "score: no corpus at $corpus; nothing scored (the golden pages in tests/corpus stand in for it)"
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$binary" once "$corpus/drops" > "$work/records.jsonl"
python3 tests/predictions.py < "$work/records.jsonl" > "$work/predictions.jsonl"
python3 "$corpus/score.py" "$corpus/gold" "$work/predictions.jsonl" --json "$work/score.json" "$@"
python3 tests/floors.py "$work/score.json"
