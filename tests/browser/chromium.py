"""The browser of the tests: an installed Chromium or Chrome, else Debian's when we may install it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/snap/bin/chromium",
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
]
MISSING = "No Chromium or Chrome was found: tests in the browser are skipped. Install chromium to run them."


def find() -> str | None:
    """The path of a browser that can be driven, or None."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or next((place for place in PLACES if Path(place).exists()), None)


def install() -> str | None:
    """Debian's chromium, when we are root and apt-get is there."""
    apt = shutil.which("apt-get")
    if os.geteuid() != 0 or not apt:
        return None
    print("Installing chromium for the tests in the browser.", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "--yes", "--no-install-recommends", "chromium", "fonts-dejavu-core"]):
        ran = subprocess.run([apt, "-qq", *words], env=environment, capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            print(f"{ran.stdout}{ran.stderr}", file=sys.stderr)
            return None
    return find()


def main() -> int:
    """``--required`` fails without a browser; so does CI, where a silent skip would hide a missing browser."""
    if find() or install():
        return 0
    print(MISSING, file=sys.stderr)
    return 1 if "--required" in sys.argv or os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
