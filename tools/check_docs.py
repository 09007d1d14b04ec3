"""Check the documentation: links lead somewhere, and the compatibility table is up to date.

Usage: python tools/check_docs.py [--write]
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "docs" / "reference" / "compatibility.md"
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
ROWS = Path(__file__).with_name("compatibility_rows.txt")
# "T10" of a time of day is no row: only those of the checklist count
_ROW = re.compile(r"(?<!\w)([CTMLPSOADVXK$])(\d\d)\b")
_HEAD = """# Compatibility: which tests stand for which rows

The rows are those of the project's Ground Truth compatibility checklist: C for the API, T for
teams, M for manifests, L for label files, P for worker pages, S for the S3 tree, O for output
lines, A for annotation and consolidation, D for automated labeling, $ for prices, V for records,
X for security, K for the console's pages. Made by `python tools/check_docs.py --write` from
`tools/compatibility_rows.txt` and the row ids that tests name. Video and 3D jobs are refused, so
their rows stand for tests of the refusal.

| row | what must be true | tests that name it |
| --- | --- | --- |
"""
_REQUIRED = re.compile(r"[CTMLSOA$V]|D0[56]")
"""Rows that must not be without a test."""


def main() -> None:
    """Print what is wrong and exit 1, or say that all is well."""
    rows, tests = checklist(), rows_of_tests()
    table = _HEAD + "".join(
        f"| {row} | {what} | {', '.join(f'`{name}`' for name in sorted(tests.get(row, '')))} |\n"
        for row, what in rows.items()
    )
    if "--write" in sys.argv:
        TABLE.write_text(table)
    wrong = broken_links()
    wrong += [f"row {row} has no test" for row in rows.keys() - tests if _REQUIRED.match(row)]
    if not TABLE.exists() or TABLE.read_text() != table:
        wrong.append(f"{TABLE.relative_to(ROOT)} is not up to date: run with --write")
    for line in wrong:
        print(line)
    print("documentation: " + (f"{len(wrong)} fault(s)" if wrong else "all links lead somewhere"))
    raise SystemExit(bool(wrong))


def checklist() -> dict[str, str]:
    """Map each row id of the checklist to its sentence."""
    lines = ROWS.read_text().splitlines()
    return {line[:3]: line[4:].replace("|", "\\|") for line in lines}


def rows_of_tests() -> dict[str, set[str]]:
    """Map each row id to the test files that name it."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for kind, number in _ROW.findall(path.read_text()):
            found.setdefault(kind + number, set()).add(str(path.relative_to(ROOT / "tests")))
    return found


def broken_links() -> list[str]:
    """List relative links of Markdown files that lead nowhere."""
    folders = (ROOT, ROOT / "docs")
    files = [*folders[0].glob("*.md"), *folders[1].rglob("*.md")]
    return [
        f"{path.relative_to(ROOT)}: {target} is not there"
        for path in files
        for target in _LINK.findall(path.read_text())
        if not (path.parent / target).exists()
    ]


if __name__ == "__main__":
    main()
