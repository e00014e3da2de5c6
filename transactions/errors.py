"""Codes and sentences of this room."""
