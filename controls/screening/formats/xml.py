"""Reading trees of XML by the local names of their elements, whatever namespace they stand in."""

from typing import Any


def local(node: Any) -> str:
    return str(node.tag).rpartition("}")[2]


def children(node: Any, path: str) -> list[Any]:
    """The elements at a path of local names below ``node``."""
    found = [node]
    for name in path.split("/"):
        found = [child for one in found for child in one if local(child) == name]
    return found


def text(node: Any, path: str) -> str:
    """The text of the first element at the path, stripped; "" without one."""
    found = children(node, path)
    return (found[0].text or "").strip() if found else ""
