"""YAML as people expect it: `yes`, `on` and `12:30` are words, a key given twice is an error, and there are no anchors.

PyYAML follows YAML 1.1, where those are a truth, a truth and the number 750. Only true, false, null, whole numbers and decimals
are read as such here (YAML 1.2's core schema, less its rarer spellings).
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

import yaml

LARGEST_FILE = 200_000  # characters

_PLAIN = (
    ("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf")),
    ("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789")),
    ("tag:yaml.org,2002:float", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)\.[0-9]+$"), list("-+0123456789")),
    ("tag:yaml.org,2002:null", re.compile(r"^(?:null|~|)$"), ["n", "~", ""]),
)


class YamlError(Exception):
    """The text is not YAML that we read. The message is a sentence; `line` counts from 1."""

    def __init__(self, message: str, *, line: int) -> None:
        self.line = line
        super().__init__(message)


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, Any] = {}

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise YamlError("Anchors and aliases are not read here.", line=self.line + 1)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[object] = set()
        for key_node, _value in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise YamlError("A key must be a word.", line=key_node.start_mark.line + 1)
            if key_node.value in seen:
                raise YamlError(f"The key {key_node.value!r} is given twice.", line=key_node.start_mark.line + 1)
            seen.add(key_node.value)
        return super().construct_mapping(node, deep=deep)


class _Dumper(yaml.SafeDumper):
    yaml_implicit_resolvers: dict[str, Any] = {}

    def ignore_aliases(self, data: object) -> bool:
        return True


for _tag, _pattern, _first in _PLAIN:
    _Loader.add_implicit_resolver(_tag, _pattern, _first)
    _Dumper.add_implicit_resolver(_tag, _pattern, _first)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    """Long or many-lined text as a block, where the block gives it back unchanged."""
    plain = all(character.isprintable() or character == "\n" for character in value)
    lines = value.split("\n")
    block = (
        "\n" in value and plain and not any(line != line.rstrip() for line in lines) and not lines[0].startswith(" ")
    )
    style = "|" if block else None if plain else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def load(text: str, *, largest: int = LARGEST_FILE) -> tuple[Any, yaml.Node | None]:
    """The value, and the parsed tree by which `line_of` finds lines. Raises YamlError."""
    if len(text) > largest:
        raise YamlError(f"The file is longer than {largest:,} characters.", line=1)
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            return (loader.construct_document(node) if node else None), node
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(f"This is not YAML: {error.problem}.", line=mark.line + 1 if mark else 1) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise YamlError(f"This is not YAML: {error}.", line=1) from error


def dump(value: object) -> str:
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120, default_flow_style=False)


_STEP = re.compile(r"\.([A-Za-z0-9_]+)|\[(\d+)\]|\[\.\.\.\]")


def line_of(node: yaml.Node | None, path: str, *, key: str = "") -> int:
    """The line (from 1) of what `path` names (`$.attributes[2].code`), or of the nearest thing around it; of `key` in it if given."""
    if node is None:
        return 1
    line = node.start_mark.line
    for name, index in _STEP.findall(path):
        below = _child(node, name, index)
        if below is None:
            break
        line, node = below
    if key and (below := _child(node, key, "")):
        line = below[0]
    return line + 1


def _child(node: yaml.Node, name: str, index: str) -> tuple[int, yaml.Node] | None:
    if name and isinstance(node, yaml.MappingNode):
        for key_node, value in node.value:
            if key_node.value == name:
                return key_node.start_mark.line, value
    if index and isinstance(node, yaml.SequenceNode) and int(index) < len(node.value):
        value = node.value[int(index)]
        return value.start_mark.line, value
    return None
