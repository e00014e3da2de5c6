"""Makes models.py and operations.py of the Python client from docs/openapi.yaml: ``python -m clients.generate``."""

import keyword
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "openapi.yaml"
PACKAGE = ROOT / "clients" / "python" / "backoffice_client"
MADE = '"""{what} Generated from docs/openapi.yaml by `make client`; do not edit."""'
_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


def name_of(reference: str) -> str:
    return reference.rpartition("/")[2]


def type_of(schema: dict[str, Any], prefix: str = "") -> str:
    """The Python type of a schema. ``prefix`` stands before names of models."""
    made = _type_of(schema, prefix)
    return f"{made} | None" if schema.get("nullable") and not made.endswith("None") else made


def _type_of(schema: dict[str, Any], prefix: str) -> str:
    if "$ref" in schema:
        return prefix + name_of(schema["$ref"])
    if "enum" in schema:
        return "Literal[" + ", ".join(repr(value) for value in schema["enum"]) + "]"
    several = schema.get("oneOf") or schema.get("anyOf") or schema.get("allOf")
    if several:
        return " | ".join(dict.fromkeys(type_of(one, prefix) for one in several))
    if schema.get("type") == "array":
        return f"list[{type_of(schema['items'], prefix)}]"
    if schema.get("type") == "object":
        values = schema.get("additionalProperties")
        return f"dict[str, {type_of(values, prefix) if isinstance(values, dict) and values else 'Any'}]"
    return "bytes" if schema.get("format") == "binary" else _PLAIN.get(str(schema.get("type")), "Any")


def text_of(schema: dict[str, Any]) -> str:
    return " ".join(str(schema.get("description", "")).split()).replace('"', "'")


def models(document: dict[str, Any]) -> str:
    lines = [
        MADE.format(what="What goes in and out."),
        "",
        "from __future__ import annotations",
        "",
        "from typing import Any, Literal, NotRequired, TypedDict",
        "",
        "",
    ]
    for name, schema in sorted(document["components"]["schemas"].items()):
        if "enum" in schema or schema.get("type") != "object":
            lines += ["", f"{name} = {type_of(schema)}"]
            continue
        required = set(schema.get("required", ()))
        fields = {
            field: type_of(of) if field in required else f"NotRequired[{type_of(of)}]"
            for field, of in schema.get("properties", {}).items()
        }
        lines += ["", ""]
        if any(keyword.iskeyword(field) for field in fields):
            inner = ", ".join(f"{field!r}: {kind}" for field, kind in fields.items())
            lines.append(f"{name} = TypedDict({name!r}, {{{inner}}})")
            continue
        lines.append(f"class {name}(TypedDict):")
        if text_of(schema):
            lines += [f'    """{text_of(schema)}"""', ""]
        lines += [f"    {field}: {kind}" for field, kind in fields.items()] or ["    pass"]
    return "\n".join(lines) + "\n"


def answer_of(operation: dict[str, Any]) -> tuple[str, bool, str]:
    """Its type, whether it is bytes, and the type of an item when it is a page."""
    content = next(answer for code, answer in operation["responses"].items() if code < "400")["content"]
    if "application/json" not in content:
        return "bytes", True, ""
    kind = type_of(content["application/json"]["schema"], "models.")
    return kind, False, kind.removesuffix("Page") if kind.endswith("Page") else ""


def operation_lines(path: str, method: str, operation: dict[str, Any], document: dict[str, Any]) -> Iterator[str]:
    places = [one for one in operation.get("parameters", ()) if one["in"] == "path"]
    asked = [one for one in operation.get("parameters", ()) if one["in"] == "query"]
    kind, binary, item = answer_of(operation)
    signature = ["self", *(f"{one['name']}: {type_of(one['schema'], 'models.')}" for one in places)]
    sent, named = "", []
    contents = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in contents:
        # The file is the body, the rest goes in the query.
        schema = document["components"]["schemas"][name_of(contents["multipart/form-data"]["schema"]["$ref"])]
        signature.append("file: bytes")
        sent = ", file=file"
        asked = [{"name": name, "schema": of} for name, of in schema["properties"].items() if name != "file"]
    elif contents:
        body = type_of(contents["application/json"]["schema"], "models.")
        needed = operation["requestBody"].get("required")
        signature.append(f"body: {body}" if needed else f"body: {body} | None = None")
        sent = ", body=body"
    must = [one for one in asked if one.get("required")]
    named += [f"{one['name']}: {type_of(one['schema'], 'models.')}" for one in must]
    named += [f"{one['name']}: {type_of(one['schema'], 'models.')} | None = None" for one in asked if one not in must]
    if method == "post":
        named.append("key: str | None = None")
        sent += ", key=key"
    if named:
        signature += ["*", *named]
    of_path = "{" + ", ".join(f"{one['name']!r}: {one['name']}" for one in places) + "}"
    of_query = "{" + ", ".join(f"{one['name']!r}: {one['name']}" for one in asked) + "}"
    summary = text_of({"description": operation["summary"]})
    right = text_of(operation)
    flag = ", binary=True" if binary else ""
    call = f"self.call({method.upper()!r}, {path!r}, {of_path}, {of_query}{sent}{flag})"
    name = operation["operationId"]
    yield f"    def {name}({', '.join(signature)}) -> {kind}:"
    yield f'        """{summary}. {right}"""'
    yield f"        answer: {kind} = {call}"
    yield "        return answer"
    yield ""
    if item:
        yield f"    def {re.sub('^get_', 'iter_', name)}({', '.join(signature)}) -> Iterator[{item}]:"
        yield f'        """{summary}: all of them, page after page. {right}"""'
        yield f"        return self.follow({call})"
        yield ""


def operations(document: dict[str, Any]) -> str:
    lines = [
        MADE.format(what="A method for each operation."), "", "from collections.abc import Iterator",
        "from typing import Literal", "",
        "from backoffice_client import models", "from backoffice_client.transport import Transport", "", "",
        "class Client(Transport):", '    """The API of one installation, with one token."""', "",
    ]  # fmt: skip
    for path, methods in sorted(document["paths"].items()):
        for method, operation in sorted(methods.items()):
            lines += operation_lines(path, method, operation, document)
    return "\n".join(lines)


def made() -> dict[str, str]:
    """Each file and its text, in the house's form."""
    document = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
    return {
        name: _formed(text) for name, text in (("models.py", models(document)), ("operations.py", operations(document)))
    }


def _formed(text: str) -> str:
    run = [sys.executable, "-m", "ruff"]
    told = subprocess.run(
        [*run, "format", "--line-length", "120", "--stdin-filename", "made.py", "-"], input=text, text=True,
        capture_output=True, check=True,
    )  # fmt: skip
    return told.stdout


def main() -> None:
    for name, text in made().items():
        (PACKAGE / name).write_text(text, encoding="utf-8")
        print(PACKAGE.relative_to(ROOT) / name)


if __name__ == "__main__":
    main()
