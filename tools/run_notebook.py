"""Run a notebook to its end without a browser and print what its last cell prints.

Usage: python tools/run_notebook.py NOTEBOOK [--root STATE_FOLDER] [--keep FILE] [--timeout S]
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError


def main() -> None:
    """Run, print the last cell's output, exit 1 with the failing cell's error if there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--root", type=Path, help="state folder of the local engine")
    parser.add_argument("--keep", type=Path, help="write the executed notebook here")
    parser.add_argument("--timeout", type=int, default=300, help="seconds that a cell may take")
    arguments = parser.parse_args()
    if arguments.root:
        os.environ["GT_WIDGETS_ROOT"] = str(arguments.root.absolute())
    notebook = nbformat.read(arguments.notebook, as_version=4)
    started = time.monotonic()
    client = NotebookClient(
        notebook,
        timeout=arguments.timeout,
        resources={"metadata": {"path": str(arguments.notebook.parent)}},
    )
    try:
        client.execute()
    except CellExecutionError as error:
        print(error, file=sys.stderr)
        raise SystemExit(1) from error
    finally:
        if arguments.keep:
            nbformat.write(notebook, arguments.keep)
    last = [cell for cell in notebook.cells if cell.cell_type == "code"][-1]
    for output in last.outputs:
        print(output.get("text", ""), end="")
    print(f"{arguments.notebook.name}: ran to its end in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()
