"""Compares a score with the floors that CI keeps; says which column fell below its floor."""

import json
import sys

# Column: (bound, whether more is better). Raised as the product gets better, never lowered without a word why.
FLOORS = {
    "article_f1": (0.95, True),
    "paragraph_f1": (0.985, True),
    "sentence_f1": (0.99, True),
    "furniture_leak": (0.03, False),
    "char_preservation": (0.9995, True),
    "headline_exact": (0.90, True),
    "headline_false": (0.03, False),
    "byline_exact": (0.95, True),
}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        total = json.load(file)
    total = total["total"]
    failed = 0
    for column, (bound, more) in FLOORS.items():
        value = total[column]
        good = value >= bound if more else value <= bound
        failed += not good
        print(f"{'ok  ' if good else 'FAIL'} {column} {value:.4f} (floor {bound})")
    sys.exit(1 if failed else 0)


main()
