"""Where the browser of the tests is: GUICHE_CHROMIUM, the system's Chromium or Chrome, or Playwright's own."""

import os
import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def find() -> str | None:
    """Path of a browser program, or None."""
    chosen = os.environ.get("GUICHE_CHROMIUM")
    if chosen:
        return chosen if Path(chosen).exists() else None
    for name in NAMES:
        if path := shutil.which(name):
            return path
    for path in MAC:
        if Path(path).exists():
            return path
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    for pattern in ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium"):
        if found := sorted(cache.glob(pattern)):
            return str(found[-1])
    return None


if __name__ == "__main__":
    browser = find()
    print(browser or "none")  # noqa: T201 - the answer of this little program
    sys.exit(0 if browser else 1)
