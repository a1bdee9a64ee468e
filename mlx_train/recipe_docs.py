"""docs/recipe.md, made from the recipe's models so that it cannot fall behind.

python -m mlx_train.recipe_docs > docs/recipe.md
"""

from __future__ import annotations

import inspect
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from mlx_train.recipe import Base, Data, Gates, Part, Recipe, Select, Source, Train

TABLES: tuple[tuple[str, type[Part]], ...] = (
    ("", Recipe),
    ("[base]", Base),
    ("[data]", Data),
    ("[[data.sources]]", Source),
    ("[train]", Train),
    ("[select]", Select),
    ("[gates]", Gates),
)
PLAIN = {str: "text", int: "whole number", float: "number", bool: "true or false"}
SIGNS = ((Ge, "ge", "at least"), (Gt, "gt", "above"), (Le, "le", "at most"), (Lt, "lt", "below"))
HEAD = """\
# Recipes

A recipe is one TOML file that decides everything a run does. Unknown keys are refused, and all faults are reported at
once. A key without a default must be given. This page is generated: `python -m mlx_train.recipe_docs > docs/recipe.md`.
"""


def render() -> str:
    """The page, as Markdown."""
    return HEAD + "".join(_table(name, model) for name, model in TABLES)


def _table(name: str, model: type[Part]) -> str:
    rows = [
        _row(f"`{key}`", _type(field.annotation, field.metadata), _default(field), _line(field.description or ""))
        for key, field in model.model_fields.items()
        if not _is_table(field.annotation)
    ]
    title = f"`{name}`" if name else "Top level"
    about = _line(inspect.getdoc(model) or "")
    head = [_row("key", "type", "default", "meaning"), _row(*["---"] * 4)]
    return f"\n## {title}\n\n{about}\n\n" + "\n".join([*head, *rows]) + "\n"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _is_table(annotation: Any) -> bool:
    return any(isinstance(part, type) and issubclass(part, Part) for part in (annotation, *get_args(annotation)))


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")


def _type(annotation: Any, metadata: list[Any] | tuple[Any, ...] = ()) -> str:
    """A type in words, with its limits."""
    limits = [
        f"{words} {getattr(one, name):g}" for one in metadata for kind, name, words in SIGNS if isinstance(one, kind)
    ]
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        found = [one for part in more for one in (part.metadata if isinstance(part, FieldInfo) else [part])]
        return _type(inner, [*metadata, *found])
    if get_origin(annotation) is Literal:
        return " or ".join(f"`{_toml(value)}`" for value in get_args(annotation))
    if get_origin(annotation) is tuple:
        return f"list of {_type(get_args(annotation)[0])}"
    if get_origin(annotation) in (Union, UnionType):
        return " or ".join(map(_type, get_args(annotation)))
    return ", ".join([PLAIN[annotation], *limits])


def _default(field: FieldInfo) -> str:
    return "required" if field.default is PydanticUndefined else f"`{_toml(field.default)}`"


def _toml(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return repr(value)


if __name__ == "__main__":
    print(render(), end="")
