"""Gives one setting of a YAML or JSON file another value; every other byte stays as it was."""

from __future__ import annotations

from repro_gui.errors import CannotPlan
from repro_gui.facts.configs import Scalar, Setting, read_config
from repro_gui.facts.decoded_text import decode_text
from repro_gui.facts.yaml_places import YamlNode, read_yaml
from repro_gui.text import text


def set_setting(content: bytes, path: str, key: str, written: str) -> bytes:
    """The file with `written` in the place of a setting's value; raises `CannotPlan` where that cannot be done alone."""
    before = read_config(path, content)
    decoded = decode_text(content)
    if decoded is None or before.kind not in {"yaml", "json"} or before.get(key) is None:
        raise CannotPlan(text("{path} does not hold {name} in a form that is edited.", path=path, name=key), _BY_HAND)
    # JSON is read as the YAML that it is.
    root = read_yaml(decoded.content)
    node = _node_at(root, key) if isinstance(root, YamlNode) else None
    if node is None or node.text is None or node.text.startswith("*"):
        raise CannotPlan(text("{path} does not hold {name} in a form that is edited.", path=path, name=key), _BY_HAND)
    start, end = node.start, node.end
    # `seed:` with nothing behind it: YAML places the value right behind the colon.
    space = " " if start == end and decoded.content[start - 1 : start] == ":" else ""
    after = decoded.encode(decoded.content[:start] + space + written + decoded.content[end:])
    if _others(before.settings, key) != _others(read_config(path, after).settings, key):
        raise CannotPlan(text("{name} in {path} cannot be changed alone.", path=path, name=key), _BY_HAND)
    return after


_BY_HAND = text("Change it by hand.")


def _node_at(root: YamlNode, key: str) -> YamlNode | None:
    """The value of a dotted key; names that hold dots themselves are tried whole."""
    if not key:
        return root
    for index, item in enumerate(root.items or ()):
        head, _, rest = key.partition(".")
        if head == str(index):
            return _node_at(item, rest)
    for name, value in reversed(root.pairs or []):
        if name.text is not None and (key == name.text or key.startswith(f"{name.text}.")):
            found = _node_at(value, key[len(name.text) + 1 :])
            if found is not None:
                return found
    return None


def _others(settings: tuple[Setting, ...], key: str) -> list[tuple[str, Scalar]]:
    return [(one.key, one.value) for one in settings if one.key != key]
