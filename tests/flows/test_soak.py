"""A short soak: ``make soak`` runs the long one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("SOAK"), reason="a soak has its own target: make soak, or SOAK=1")
def test_nothing_is_lost_while_parts_of_the_house_are_killed() -> None:
    words = {name: value for name, value in os.environ.items() if not name.startswith(("BACKOFFICE_", "DATABASE_"))}
    words.pop("REDIS_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "tests.flows.soak", "--minutes", "0.7", "--kills", "10"],
        cwd=ROOT, env=words, capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["kills"], told["lost"], told["doubled"], told["wrong"]) == (10, 0, 0, [])
    assert told["settled"] == told["payments"] > 0
