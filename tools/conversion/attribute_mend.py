"""A container that lets a converter's nodes be mended before they are added."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Mend = Callable[[str, dict[str, Any]], "str | None"]


class MendedContainer:
    """A converter's container; `mend(operator, attributes)` sees each node of a tree ensemble on its way in, and may
    answer with the name of an operator to put behind it."""

    def __init__(self, scope: Any, container: Any, mend: Mend) -> None:
        self.scope = scope
        self.container = container
        self.mend = mend

    def __getattr__(self, name: str) -> Any:
        return getattr(self.container, name)

    def add_node(self, op_type: str, inputs: Any, outputs: Any, *rest: Any, **attributes: Any) -> None:
        behind = self.mend(op_type, attributes) if op_type.startswith("TreeEnsemble") else None
        if behind:
            between = self.scope.get_unique_variable_name("trees")
            self.container.add_node(op_type, inputs, [between], *rest, **attributes)
            op_type, inputs, rest = behind, [between], ()
            attributes = {"name": self.scope.get_unique_operator_name(behind)}
        self.container.add_node(op_type, inputs, outputs, *rest, **attributes)
