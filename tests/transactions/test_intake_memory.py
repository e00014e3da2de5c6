"""Hostile files cost no memory: each is read in a process of its own, and refused in both languages."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.hostile_reading import FILES

ROOT = Path(__file__).resolve().parents[2]
# What two megabytes of the smallest elements take as a tree, before the reader has had enough of them.
MOST_MB = 80
QUICK = (
    "a line of a gigabyte",
    "a text of a gigabyte",
    "a million columns",
    "entities in entities",
    "a zip of a gigabyte",
)
SAID = {
    "a line of a gigabyte": "csv.line_too_long",
    "a first line of a gigabyte": "csv.line_too_long",
    "a text of a gigabyte": "xml.element_too_large",
    "an attribute of a gigabyte": "xml.element_too_large",
    "a tag of a gigabyte": "xml.element_too_large",
    "elements for a gigabyte": "xml.element_too_large",
    "blanks for a gigabyte": "xml.element_too_large",
    "nothing but blanks": "attachment.empty",
    "zeros for a gigabyte": "file.binary",
    "nesting for a gigabyte": "xml.limits",
    "a million columns": "csv.line_too_long",
    "a million cells": "csv.line_too_long",
    "a million attributes": "xml.element_too_large",
    "an open quote for a gigabyte": "csv.unreadable",
    "a zip of a gigabyte": "file.other_kind",
    "gzip": "file.other_kind",
    "entities in entities": "xml.doctype",
    "one entity a million times": "xml.doctype",
    "an entity from a file": "xml.doctype",
    "an entity from the network": "xml.doctype",
    "a parameter entity": "xml.doctype",
    "another encoding than declared": "xml.encoding",
    "an encoding that nobody knows": "xml.encoding_unknown",
    "half a character": "xml.encoding",
    "UTF-16 cut in half": "xml.breaks_off",
    "a zero in a list": "file.binary",
    "a control character in a message": "xml.character",
}
# The file is read; its payment is refused, or taken in with a word.
OF_A_PAYMENT = {
    "a formula": ("csv.formula", "error", 0),
    "another formula": ("csv.formula", "error", 0),
    "a character that reorders, in a list": ("text.reordering", "error", 0),
    "a character that reorders, in a message": ("text.reordering", "error", 1),
    "a control character in an amount": ("csv.amount_comma_expected", "error", 0),
    "a control character in a name": ("text.invisible", "warning", 1),
}


def read(name: str) -> dict[str, Any]:
    words = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile_reading", name],
        cwd=ROOT, env=words, capture_output=True, text=True, check=False, timeout=180,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert told["grown_mb"] < MOST_MB, told
    assert len(told["told"]["en"]) == len(told["told"]["fr"]) > 0
    for english, french in zip(told["told"]["en"], told["told"]["fr"], strict=True):
        assert english != french
    return told


def test_every_file_has_its_answer() -> None:
    assert FILES.keys() == SAID.keys() | OF_A_PAYMENT.keys()


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in SAID]
)
def test_a_hostile_file_is_refused_and_costs_no_memory(name: str) -> None:
    told = read(name)
    assert (told["refused"], told["taken"]) == (SAID[name], 0)


@pytest.mark.slow
@pytest.mark.parametrize("name", OF_A_PAYMENT)
def test_a_hostile_payment_is_told(name: str) -> None:
    code, severity, taken = OF_A_PAYMENT[name]
    told = read(name)
    assert (told["refused"], told["taken"]) == ("", taken)
    assert [code, severity] in told["said"]
