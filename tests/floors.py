"""Compares a score with the floors that CI keeps; says which column fell below its floor."""

import json
import sys

# Column: (bound, whether more is better). Raised as the product gets better, never lowered without a word why.
FLOORS = {
    "article_f1": (0.717, True),
    "paragraph_f1": (0.943, True),
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
