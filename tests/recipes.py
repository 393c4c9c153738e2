"""Runs the recipes of README.md: every fenced block under a line `<!-- recipe -->` must end well and print something.

usage: recipes.py FOLDER (with wenliu-data in it; `wenliu` and the readers are on the PATH)
"""

import re
import subprocess
import sys


def main():
    text = open("README.md", encoding="utf-8").read()
    recipes = re.findall(r"<!-- recipe -->\n```(\w+)\n(.*?)```", text, re.S)
    assert len(recipes) >= 10, f"only {len(recipes)} recipes found"
    for kind, body in recipes:
        command = {"sh": ["bash", "-euo", "pipefail", "-c", body], "python": ["python", "-c", body]}[kind]
        done = subprocess.run(command, cwd=sys.argv[1], capture_output=True, text=True)
        if done.returncode != 0 or not done.stdout.strip():
            sys.exit(f"this recipe of README.md fails ({done.returncode}):\n{body}\n{done.stdout}\n{done.stderr}")
    print(f"{len(recipes)} recipes of README.md run")


main()
