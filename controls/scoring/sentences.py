"""Reasons of scores among the reasons of alerts: told by the same sentences wherever they are read."""

from controls.cases.reasons import register_told
from controls.scoring.reasons import SENTENCES, sentence

PREFIX = "score."
register_told(PREFIX, SENTENCES, sentence)
