"""Widgets from the fields of a pydantic model: one place that knows how a field becomes a slider.

A widget's key is ``PREFIX.FIELD``; its value lives in the session state under that key and survives a
change of page. :func:`fill` puts a model's values there, :func:`form` draws the widgets and reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, cast, get_args, get_origin

import streamlit as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from pages.parts.widgets import KEEP

FIXED = ("kind", "name", "type")
"""Fields that say which model it is: chosen elsewhere, not by a widget of their own."""


def fill(prefix: str, value: Any) -> None:
    """Put the values of a model into the session state, before its widgets are drawn."""
    for name, field in type(value).model_fields.items():
        key, content = f"{prefix}.{name}", getattr(value, name)
        if isinstance(content, BaseModel):
            fill(key, content)
        elif _row_model(field):
            st.session_state[f"{key}.count"] = len(content)
            for i, row in enumerate(content):
                fill(f"{key}.{i}", row)
        elif name not in FIXED:
            st.session_state[key] = content


def form(
    kind: type[BaseModel],
    prefix: str,
    *,
    leave_out: tuple[str, ...] = (),
    columns: int = 1,
    choices: Mapping[str, dict[Any, str]] = MappingProxyType({}),
) -> dict[str, Any]:
    """Draw the widgets of a model's fields and return their values, ready for validation.

    ``choices`` are the values, with their words, of fields that depend on more than the model.
    """
    values: dict[str, Any] = {}
    wanted = [(n, f) for n, f in _ordered(kind) if n not in FIXED and n not in leave_out]
    places = st.columns(columns) if columns > 1 and wanted else [st.container()]
    for i, (name, field) in enumerate(wanted):
        key = f"{prefix}.{name}"
        row = _row_model(field)
        with places[i % len(places)]:
            if field.title is None and not isinstance(field.annotation, type(BaseModel)):
                # No widget of its own: the page sets it, say from a drawing.
                usual = field.get_default(call_default_factory=True)
                values[name] = st.session_state.setdefault(key, usual)
            elif row:
                values[name] = _rows(row, key, field)
            elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
                values[name] = form(field.annotation, key)
            elif name in choices:
                values[name] = _choice(field, key, choices[name])
            else:
                values[name] = widget(field, key)
    return values


def _choice(field: FieldInfo, key: str, words: dict[Any, str]) -> Any:
    """One of the values that there are; no widget where there is but one."""
    if st.session_state.get(key) not in words:
        st.session_state[key] = next(iter(words))
    if len(words) == 1:
        return st.session_state[key]
    return st.selectbox(
        field.title or key,
        list(words),
        format_func=words.__getitem__,
        key=key,
        help=field.description,
        **KEEP,
    )


def _ordered(kind: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    """The model's own fields first, then those it inherits, the nearest ancestor's first."""

    def distance(name: str) -> int:
        return max(i for i, base in enumerate(kind.__mro__) if name in getattr(base, "model_fields", {}))

    return sorted(kind.model_fields.items(), key=lambda item: distance(item[0]))


def _row_model(field: FieldInfo) -> type[BaseModel] | None:
    """The model of the rows, where a field is a list of one model."""
    if get_origin(field.annotation) is not list:
        return None
    (inner,) = get_args(field.annotation)
    return inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None


def _bounds(field: FieldInfo) -> tuple[Any, Any]:
    low = next((m.ge for m in field.metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in field.metadata if hasattr(m, "le")), None)
    return low, high


def _rows(row: type[BaseModel], key: str, field: FieldInfo) -> list[dict[str, Any]]:
    """A slider for how many rows there are, then the widgets of each row side by side."""
    low = next((m.min_length for m in field.metadata if hasattr(m, "min_length")), 0)
    high = next(m.max_length for m in field.metadata if hasattr(m, "max_length"))
    count_key = f"{key}.count"
    if count_key not in st.session_state:
        usual = field.get_default(call_default_factory=True)
        st.session_state[count_key] = len(usual)
        for i, value in enumerate(usual):
            fill(f"{key}.{i}", value)
    count = st.slider(field.title or key, low, high, key=count_key, help=field.description, **KEEP)
    rows = []
    for i in range(count):
        for name, inner in row.model_fields.items():
            # A new row starts as a copy of the one above it.
            above = st.session_state.get(f"{key}.{i - 1}.{name}", inner.default)
            st.session_state.setdefault(f"{key}.{i}.{name}", above)
        with st.container(border=True, gap="small"):
            columns = st.columns(2 if len(row.model_fields) > 1 else 1, gap="small")
            values = {}
            for j, (name, inner) in enumerate(row.model_fields.items()):
                with columns[j % len(columns)]:
                    title = f"{i + 1}. {inner.title}" if j == 0 else None
                    values[name] = widget(inner, f"{key}.{i}.{name}", title)
        rows.append(values)
    return rows


def widget(field: FieldInfo, key: str, title: str | None = None) -> Any:
    """The widget that suits the field's type and range; its value."""
    label = title or field.title or key
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    st.session_state.setdefault(key, field.get_default(call_default_factory=True))
    common: dict[str, Any] = {"key": key, "help": field.description, **KEEP}
    annotation = field.annotation
    if annotation is bool:
        return st.toggle(label, **common)
    if get_origin(annotation) is Literal:
        return st.selectbox(label, get_args(annotation), **common)
    low, high = _bounds(field)
    kind = int if annotation is int else float
    value = kind(st.session_state[key])
    if extra.get("log"):
        ladder = sorted({*_ladder(low, high, kind), value})
        return st.select_slider(label, ladder, format_func=lambda v: f"{v:g}", **common)
    st.session_state[key] = value
    step = cast(float, extra.get("step", 1))
    if (high - low) / step > 5000:
        return st.number_input(label, kind(low), kind(high), **common)
    return st.slider(label, kind(low), kind(high), step=kind(step), **common)


def _ladder(low: float, high: float, kind: type) -> list[Any]:
    """Powers of two for whole numbers; 1, 2, 5 per power of ten for others."""
    if kind is int:
        return [2**i for i in range(20) if low <= 2**i <= high]
    steps = (float(f"{digit}e{power}") for power in range(-8, 3) for digit in (1, 2, 5))
    return [step for step in steps if low <= step <= high]
