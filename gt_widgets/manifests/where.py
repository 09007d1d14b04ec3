"""The WHERE clause of a dataset selection: SQL as S3 Select had it, turned into a safe predicate.

Layer: manifests. DuckDB's parser reads the expression. Of its tree only a whitelist of fields,
operators and functions is written again, with every constant and every path as a bound parameter,
so that the text of a user is never run.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = ["Where", "parse_where"]

_MAX_CHARACTERS = 256 * 1024
"""Of an expression, as in S3 Select."""
_MAX_DEPTH = 100
"""Of brackets; the parser's time grows with the square of it."""
_QUOTED = re.compile(r"'(?:[^']|'')*'" + r'|"(?:[^"]|"")*"')
_HEAD = re.compile(
    r"\s*SELECT\s+(?:\*|\w+\.\*)\s+FROM\s+S3Object(?:\s*\[\s*\*\s*\])*"
    r"(?:\s+(?:AS\s+)?(?!WHERE\b|LIMIT\b)(?P<alias>\w+))?(?P<rest>(?:\s.*)?)\Z",
    re.IGNORECASE | re.DOTALL,
)
_OPTIONS = "skip_null := true, skip_empty := true, skip_default := true"
_COMPARE = {
    "COMPARE_EQUAL": "=",
    "COMPARE_NOTEQUAL": "<>",
    "COMPARE_LESSTHAN": "<",
    "COMPARE_LESSTHANOREQUALTO": "<=",
    "COMPARE_GREATERTHAN": ">",
    "COMPARE_GREATERTHANOREQUALTO": ">=",
}
_LIKE = {"~~": "LIKE", "!~~": "NOT LIKE"}
_ARITHMETIC = {"+", "-", "*", "/", "%"}
_TEXT_FUNCTIONS = {"lower", "upper", "trim"}
_LENGTHS = {"char_length", "character_length", "length"}
_SUBSTRINGS = {"substring", "substr"}
_CASTS = {
    "VARCHAR": "text",
    "STRING": "text",
    "TEXT": "text",
    "CHAR": "text",
    "BOOLEAN": "boolean",
    "BOOL": "boolean",
    "TIMESTAMP": "time",
    "DATE": "time",
    **dict.fromkeys(
        ("INTEGER", "INT", "BIGINT", "SMALLINT", "FLOAT", "REAL", "DOUBLE", "DECIMAL", "NUMERIC"),
        "number",
    ),
}
_TYPES = {"text": "VARCHAR", "number": "DOUBLE", "boolean": "BOOLEAN", "time": "TIMESTAMP"}
_KINDS = {"STRING": "text", "INTEGER": "number", "NUMERIC": "number", "BOOLEAN": "boolean"}
_CAN = (
    'A filter may use paths such as s."logos-metadata"."human-annotated", texts, numbers, TRUE, '
    "FALSE, = <> < <= > >=, AND OR NOT, IN, BETWEEN, LIKE, IS NULL, + - * / %, CAST, LOWER, UPPER, "
    "TRIM, SUBSTRING, CHAR_LENGTH, COALESCE and NULLIF."
)


@dataclass(frozen=True, slots=True)
class Where:
    """A predicate over a column ``j`` that holds one manifest line as text.

    Attributes
    ----------
    sql : str
        ``""`` if every line matches.
    parameters : tuple
        Values of its question marks, in order.
    limit : int or None
        Matching lines at most.
    """

    sql: str
    parameters: tuple[Any, ...] = ()
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of SQL; ``kind`` is None for what takes the kind of its surroundings."""

    sql: str
    parameters: tuple[Any, ...]
    kind: str | None


def parse_where(expression: str, connection: Any) -> Where:
    """Read a whole ``SELECT * FROM S3Object s WHERE ...``, or the condition alone.

    Parameters
    ----------
    expression : str
        In the condition alone ``s`` is the line, and may be left out. A key with other
        characters than letters, digits and ``_`` stands in double quotes.
    connection : duckdb.DuckDBPyConnection
        Only its parser is used.

    Raises
    ------
    QueryError
        If it is not SQL, or uses more than a filter may.
    """
    if len(expression) > _MAX_CHARACTERS:
        raise QueryError(f"the expression has more than {_MAX_CHARACTERS} characters.")
    if _depth(expression) > _MAX_DEPTH:
        raise QueryError(f"the expression nests brackets more than {_MAX_DEPTH} deep.")
    found = _HEAD.match(expression)
    alias = (found["alias"] or "s3object") if found else "s"
    rest = found["rest"] if found else f" WHERE {expression}" if expression.strip() else ""
    try:
        # only parsed, never run
        node = _parse(f"SELECT * FROM s3object AS {alias}{rest}", expression, connection)  # noqa: S608
        condition = node.get("where_clause")
        part = _Writer({alias.lower(), "s3object"}).boolean(condition) if condition else None
    except QueryError:
        raise
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise QueryError(f"the filter {_shown(expression)} is not understood. {_CAN}") from error
    limit = _limit(node)
    return Where(part.sql, part.parameters, limit) if part else Where("", (), limit)


def _depth(expression: str) -> int:
    deepest = depth = 0
    for character in _QUOTED.sub("", expression):
        depth += (character in "([") - (character in ")]")
        deepest = max(deepest, depth)
    return deepest


def _parse(sql: str, expression: str, connection: Any) -> dict[str, Any]:
    import duckdb

    try:
        rows = connection.execute(f"SELECT json_serialize_sql(?, {_OPTIONS})", [sql]).fetchall()
        tree = json.loads(rows[0][0])
    except (duckdb.Error, ValueError) as error:
        raise QueryError(f"the filter {_shown(expression)} cannot be read: {error}") from error
    if tree["error"]:
        hint = " Write IS NULL for IS MISSING." if "missing" in expression.lower() else ""
        raise QueryError(
            f"the filter {_shown(expression)} is not SQL: {tree['error_message']}.{hint} {_CAN}"
        )
    [statement] = tree["statements"]
    node: dict[str, Any] = statement["node"]
    allowed = {"type", "modifiers", "cte_map", "select_list", "from_table", "where_clause"}
    extra = {key for key, value in node.items() if value and key not in allowed}
    extra -= {"aggregate_handling", "query_location", "query_location_length"}
    if node["type"] != "SELECT_NODE" or extra or node["from_table"]["type"] != "BASE_TABLE":
        raise QueryError(
            f"the filter {_shown(expression)} is more than one condition on S3Object. {_CAN}"
        )
    return node


def _limit(node: Mapping[str, Any]) -> int | None:
    modifiers = node.get("modifiers") or []
    if not modifiers:
        return None
    [modifier] = modifiers if len(modifiers) == 1 else [{}]
    literal = modifier.get("limit", {}).get("literal", {})
    if modifier.get("type") != "LIMIT_MODIFIER" or "offset" in modifier or not literal:
        raise QueryError(f"behind the condition only LIMIT <number> may stand. {_CAN}")
    if not literal.get("text", "").isdecimal() or len(literal["text"]) > _DIGITS:
        raise QueryError(f"LIMIT needs a whole number, not {literal.get('text')!r}.")
    return int(literal["text"])


_DIGITS = 18


class _Writer:
    """Writes a tree again; one method per class of node."""

    def __init__(self, aliases: set[str]) -> None:
        self._aliases = aliases
        self._classes: dict[str, Callable[[Mapping[str, Any]], _Part]] = {
            "COLUMN_REF": self._path,
            "CONSTANT": self._constant,
            "COMPARISON": self._comparison,
            "CONJUNCTION": self._conjunction,
            "OPERATOR": self._operator,
            "BETWEEN": self._between,
            "FUNCTION": self._function,
            "CAST": self._cast,
        }

    def boolean(self, node: Mapping[str, Any]) -> _Part:
        return _as(self.part(node), "boolean")

    def part(self, node: Mapping[str, Any]) -> _Part:
        write = self._classes.get(node["class"])
        if write is None:
            raise QueryError(f"{node['class'].lower()} may not be used in a filter. {_CAN}")
        return write(node)

    def _path(self, node: Mapping[str, Any]) -> _Part:
        pointer = "".join(
            "/" + str(key).replace("~", "~0").replace("/", "~1") for key in self._keys(node)
        )
        if not pointer:
            raise QueryError(f"a filter compares members of a line, not the whole line. {_CAN}")
        return _Part("json_extract_string(j, ?)", (pointer,), None)

    def _keys(self, node: Mapping[str, Any]) -> list[str | int]:
        if node["class"] == "COLUMN_REF":
            names = list(node["column_names"])
            return names[1:] if names[0].lower() in self._aliases else names
        if node["type"] not in {"STRUCT_EXTRACT", "ARRAY_EXTRACT"}:
            raise QueryError(f"{node['type'].lower()} may not be used in a path. {_CAN}")
        inner, key = node["children"]
        return [*self._keys(inner), key["literal"]["text"]]

    def _constant(self, node: Mapping[str, Any]) -> _Part:
        literal = node["literal"]
        if literal["kind"] == "NULL_LITERAL":
            return _Part("NULL", (), None)
        kind = _KINDS.get(literal["kind"])
        if kind is None:
            raise QueryError(f"a filter knows no constant of kind {literal['kind']}. {_CAN}")
        text = literal.get("text", "")
        value = {"number": float, "boolean": lambda t: t.lower() == "true"}.get(kind, str)(text)
        return _Part("?", (value,), kind)

    def _comparison(self, node: Mapping[str, Any]) -> _Part:
        operator = _COMPARE.get(node["type"])
        if operator is None:
            raise QueryError(f"{node['type'].lower()} may not be used in a filter. {_CAN}")
        left, right = _alike([self.part(node["left"]), self.part(node["right"])])
        return _join("boolean", f"({left.sql} {operator} {right.sql})", left, right)

    def _conjunction(self, node: Mapping[str, Any]) -> _Part:
        parts = [self.boolean(child) for child in node["children"]]
        word = " AND " if node["type"] == "CONJUNCTION_AND" else " OR "
        return _join("boolean", f"({word.join(part.sql for part in parts)})", *parts)

    def _operator(self, node: Mapping[str, Any]) -> _Part:
        kind, children = node["type"], node["children"]
        if kind in {"STRUCT_EXTRACT", "ARRAY_EXTRACT"}:
            return self._path(node)
        if kind == "OPERATOR_NOT":
            part = self.boolean(children[0])
            return _join("boolean", f"(NOT {part.sql})", part)
        if kind in {"OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"}:
            part = self.part(children[0])
            no = "NOT " if kind == "OPERATOR_IS_NOT_NULL" else ""
            return _join("boolean", f"({part.sql} IS {no}NULL)", part)
        if kind in {"COMPARE_IN", "OPERATOR_COALESCE"}:
            parts = _alike([self.part(child) for child in children])
            first, rest = parts[0], ", ".join(part.sql for part in parts[1:])
            if kind == "COMPARE_IN":
                return _join("boolean", f"({first.sql} IN ({rest}))", *parts)
            return _join(first.kind, f"coalesce({first.sql}, {rest})", *parts)
        raise QueryError(f"{kind.lower()} may not be used in a filter. {_CAN}")

    def _between(self, node: Mapping[str, Any]) -> _Part:
        parts = _alike([self.part(node[key]) for key in ("input", "lower", "upper")])
        value, lower, upper = parts
        return _join("boolean", f"({value.sql} BETWEEN {lower.sql} AND {upper.sql})", *parts)

    def _function(self, node: Mapping[str, Any]) -> _Part:
        name = str(node["function_name"]).lower()
        parts = [self.part(argument["expression"]) for argument in node.get("arguments", [])]
        if name in _ARITHMETIC:
            return _operation(name, [_as(part, "number") for part in parts])
        if name in _LIKE or name == "like_escape":
            texts = [_as(part, "text") for part in parts]
            escape = f" ESCAPE {texts[2].sql}" if name == "like_escape" else ""
            word = _LIKE.get(name, "LIKE")
            sql = f"({texts[0].sql} {word} {texts[1].sql}{escape})"
            return _join("boolean", sql, *texts)
        if name == "nullif":
            left, right = _alike(parts)
            return _join(left.kind, f"nullif({left.sql}, {right.sql})", left, right)
        return self._text_function(name, parts)

    def _text_function(self, name: str, parts: Sequence[_Part]) -> _Part:
        if name in _TEXT_FUNCTIONS | _LENGTHS:
            [text] = [_as(part, "text") for part in parts]
            kind = "number" if name in _LENGTHS else "text"
            call = "length" if name in _LENGTHS else name
            return _join(kind, f"{call}({text.sql})", text)
        if name in _SUBSTRINGS:
            text, *numbers = parts
            given = [_as(text, "text"), *(_as(number, "number") for number in numbers)]
            rest = ", ".join(f"TRY_CAST({number.sql} AS BIGINT)" for number in given[1:])
            return _join("text", f"substring({given[0].sql}, {rest})", *given)
        raise QueryError(f"the function {name!r} may not be used in a filter. {_CAN}")

    def _cast(self, node: Mapping[str, Any]) -> _Part:
        name = str(node["type_expr"]["type_name"]).upper()
        if name not in _CASTS:
            raise QueryError(f"a filter cannot CAST to {name}. {_CAN}")
        part = self.part(node["child"])
        kind = _CASTS[name]
        return _join(kind, f"TRY_CAST({part.sql} AS {_TYPES[kind]})", part)


def _operation(name: str, parts: Sequence[_Part]) -> _Part:
    if len(parts) == 1:
        return _join("number", f"({name} {parts[0].sql})", *parts)
    left, right = parts
    return _join("number", f"({left.sql} {name} {right.sql})", left, right)


def _join(kind: str | None, sql: str, *parts: _Part) -> _Part:
    return _Part(sql, tuple(value for part in parts for value in part.parameters), kind)


def _as(part: _Part, kind: str) -> _Part:
    """Read a part as of a kind; what cannot be read so is NULL, which matches nothing."""
    if part.kind == kind or (part.kind is None and kind == "text"):
        return part
    return _Part(f"TRY_CAST({part.sql} AS {_TYPES[kind]})", part.parameters, kind)


def _alike(parts: Iterable[_Part]) -> list[_Part]:
    """Read parts that are compared as of one kind: of time, number, boolean, or else text."""
    found = list(parts)
    kinds = {part.kind for part in found}
    kind = next((k for k in ("time", "number", "boolean") if k in kinds), "text")
    return [_as(part, kind) for part in found]


def _shown(expression: str) -> str:
    return repr(expression if len(expression) <= _SHOWN else expression[:_SHOWN] + "...")


_SHOWN = 200
