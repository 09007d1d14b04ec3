"""``python -m gt_widgets``."""

from __future__ import annotations

from gt_widgets.cli import main

if __name__ == "__main__":
    main()
