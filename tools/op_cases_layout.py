"""Generators for what moves, repeats and selects elements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from onnx import numpy_helper

from op_random import (
    BOOL,
    F16,
    F32,
    F64,
    INTEGERS,
    NUMBERS,
    RUNTIME,
    TEXT,
    Random,
    Spec,
    cases,
)

ANY = [*NUMBERS, BOOL, TEXT]


def int64(values: Any) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def any_kind(random: Random) -> Any:
    return random.one(ANY)


@cases("Identity")
def identity(random: Random, operator: str) -> Iterator[Spec]:
    for kind in ANY:
        yield Spec(operator, [random.values(kind, random.shape())], random.opset(9))


@cases("Reshape")
def reshape(random: Random, operator: str) -> Iterator[Spec]:
    for _ in range(24):
        x = random.values(any_kind(random), random.shape(1, empty=0.1))
        # Some dimensions are copied, some joined, one may be left open.
        target = list(x.shape)
        if len(target) > 1 and random.chance(0.5):
            joined = random.integer(0, len(target) - 2)
            target[joined : joined + 2] = [target[joined] * target[joined + 1]]
        elif random.chance(0.5):
            target.insert(random.integer(0, len(target)), 1)
        opset = random.opset(9)
        attributes = {"allowzero": 1} if 0 in target and opset >= 14 else {}
        if 0 in target and not attributes and target != list(x.shape):
            # Without `allowzero` a zero is copied from the same place.
            target = list(x.shape)
        if 0 not in x.shape and random.chance(0.5):
            target[random.integer(0, len(target) - 1)] = -1
        elif 0 not in x.shape and random.chance(0.5) and target[0] == x.shape[0]:
            target[0] = 0
        yield Spec(operator, [x, int64(target)], opset, attributes, constants=random.constants(1))


@cases("Flatten")
def flatten(random: Random, operator: str) -> Iterator[Spec]:
    for _ in range(10):
        x = random.values(any_kind(random), random.shape(1))
        opset = random.opset(9)
        axis = random.integer(-x.ndim if opset >= 11 else 0, x.ndim) if random.chance(0.8) else 1
        # The reference has no shape for what is empty.
        outer = int(np.prod(x.shape[:axis]))
        wanted = x.reshape(outer, int(np.prod(x.shape[axis:])))
        yield Spec(operator, [x], opset, {"axis": axis}, wanted=[wanted])


@cases("Shape", "Size")
def sizes(random: Random, operator: str) -> Iterator[Spec]:
    for _ in range(10):
        x = random.values(any_kind(random), random.shape())
        opset = random.opset(9)
        if operator == "Size":
            yield Spec(operator, [x], opset)
            continue
        attributes = {}
        if opset >= 15:
            attributes = {name: random.integer(-6, 6) for name in ("start", "end") if random.chance(0.5)}
        # The reference counts twice from the back where that is beyond the front.
        wanted = int64(x.shape[attributes.get("start", 0) : attributes.get("end", x.ndim)])
        yield Spec(operator, [x], opset, attributes, wanted=[wanted])


@cases("Slice")
def slices(random: Random, operator: str) -> Iterator[Spec]:
    for _ in range(30):
        x = random.values(any_kind(random), random.shape(1))
        axes = random.axes(x.ndim) or [0]
        whole = random.one([np.int32, np.int64])
        edge = [np.iinfo(whole).min, np.iinfo(whole).max]
        starts = [random.integer(-7, 7) if random.chance(0.8) else random.one(edge) for _ in axes]
        ends = [random.integer(-7, 7) if random.chance(0.8) else random.one(edge) for _ in axes]
        steps = [random.one([-3, -2, -1, 1, 2, 3]) for _ in axes]
        # A start before the first element is the first, where numpy, and so the reference, has none.
        starts = [max(start, -x.shape[axis]) if step < 0 else start for start, axis, step in zip(starts, axes, steps)]
        opset = random.opset(10)
        inputs: list[np.ndarray | None] = [x, *(np.array(v, dtype=whole) for v in (starts, ends, axes, steps))]
        if random.chance(0.3):
            inputs.pop()
        yield Spec(operator, inputs, opset, constants=random.constants(1, 2, 3, 4))
    for _ in range(6):
        x = random.values(random.one([F32, np.int64, TEXT]), random.shape(1))
        axes = [axis % x.ndim for axis in random.axes(x.ndim) or [0]]
        attributes = {
            "axes": axes,
            "starts": [random.integer(-7, 7) for _ in axes],
            "ends": [random.integer(-7, 7) for _ in axes],
        }
        # The reference has no version 1.
        index = [slice(None)] * x.ndim
        for axis, start, end in zip(axes, attributes["starts"], attributes["ends"]):
            index[axis] = slice(start, end)
        yield Spec(operator, [x], 9, attributes, wanted=[np.ascontiguousarray(x[tuple(index)])])


@cases("Gather")
def gather(random: Random, operator: str) -> Iterator[Spec]:
    for _ in range(20):
        x = random.values(any_kind(random), random.shape(1, empty=0))
        axis = random.axis(x.ndim)
        length = x.shape[axis]
        opset = random.opset(9)
        low = -length if opset >= 11 else 0
        indices = random.values(random.one([np.int32, np.int64]), random.shape(0, 2), low, length - 1, odd=False)
        yield Spec(operator, [x, indices], opset, {"axis": axis}, constants=random.constants(1))


@cases("GatherElements")
def gather_elements(random: Random, operator: str) -> Iterator[Spec]:
    for _ in range(16):
        x = random.values(any_kind(random), random.shape(1, empty=0))
        axis = random.axis(x.ndim)
        shape = list(x.shape)
        shape[axis] = random.integer(1, 5)
        low, high = -x.shape[axis], x.shape[axis] - 1
        indices = random.values(random.one([np.int32, np.int64]), tuple(shape), low, high, odd=False)
        # numpy's take_along_axis; the reference chooses wrongly for some negative axes.
        wanted = np.take_along_axis(x, indices, axis)
        yield Spec(operator, [x, indices], random.opset(11), {"axis": axis}, wanted=[wanted])


@cases("GatherND")
def gather_nd(random: Random, operator: str) -> Iterator[Spec]:
    for _ in range(12):
        x = random.values(any_kind(random), random.shape(1, empty=0))
        depth = random.integer(1, x.ndim)
        outer = random.shape(0, 2, empty=0)
        columns = [
            random.values(np.int64, (*outer, 1), -x.shape[axis], x.shape[axis] - 1, odd=False)
            for axis in range(depth)
        ]
        yield Spec(operator, [x, np.concatenate(columns, -1)], random.opset(11), constants=random.constants(1))


@cases("Concat")
def concat(random: Random, operator: str) -> Iterator[Spec]:
    for kind in ANY:
        shape = list(random.shape(1))
        opset = random.opset(9)
        axis = random.axis(len(shape)) if opset >= 11 else random.integer(0, len(shape) - 1)
        inputs: list[np.ndarray | None] = []
        for _ in range(random.integer(1, 4)):
            shape[axis] = random.integer(0, 4)
            inputs.append(random.values(kind, tuple(shape)))
        yield Spec(operator, inputs, opset, {"axis": axis}, constants=random.constants(1))


@cases("Transpose")
def transpose(random: Random, operator: str) -> Iterator[Spec]:
    for kind in ANY * 2:
        x = random.values(kind, random.shape())
        order = [int(axis) for axis in random.source.permutation(x.ndim)]
        yield Spec(operator, [x], random.opset(9), {"perm": order} if order and random.chance(0.8) else {})


@cases("Squeeze", "Unsqueeze")
def squeeze(random: Random, operator: str) -> Iterator[Spec]:
    for _ in range(16):
        shape = random.shape(1)
        rank = len(shape) + 2
        added = sorted(int(axis) for axis in random.source.permutation(rank)[:2])
        wide: list[int] = list(shape)
        for axis in added:
            wide.insert(axis, 1)
        kind = any_kind(random)
        opset = random.opset(9)
        axes = [axis - (rank if opset >= 11 and random.chance(0.3) else 0) for axis in added]
        x = random.values(kind, tuple(wide) if operator == "Squeeze" else shape)
        # The reference's old squeeze takes no axes from the back.
        wanted = x.reshape(shape if operator == "Squeeze" else wide)
        if opset >= 13:
            yield Spec(operator, [x, int64(axes)], opset, constants=random.constants(1), wanted=[wanted])
        else:
            yield Spec(operator, [x], opset, {"axes": axes}, wanted=[wanted])


@cases("Expand")
def expand(random: Random, operator: str) -> Iterator[Spec]:
    for _ in range(16):
        shape = random.shape()
        x = random.values(any_kind(random), random.broadcast(shape))
        yield Spec(operator, [x, int64(shape)], random.opset(9), constants=random.constants(1))


@cases("Tile")
def tile(random: Random, operator: str) -> Iterator[Spec]:
    for _ in range(12):
        x = random.values(any_kind(random), random.shape(1))
        repeats = int64([random.integer(0 if random.chance(0.1) else 1, 3) for _ in x.shape])
        yield Spec(operator, [x, repeats], random.opset(9), constants=random.constants(1))


@cases("Pad")
def pad(random: Random, operator: str) -> Iterator[Spec]:
    for _ in range(24):
        x = random.values(random.one([*NUMBERS, BOOL]), random.shape(1, empty=0))
        mode = random.one(["constant", "reflect", "edge", "wrap"])
        pads = []
        for dim in x.shape:
            most = {"reflect": dim - 1, "wrap": dim}.get(mode, 3)
            pads.append((random.integer(0, most), random.integer(0, most)))
        opset = random.opset(19 if mode == "wrap" else 13)
        inputs: list[np.ndarray | None] = [x, int64([a for a, _ in pads] + [b for _, b in pads])]
        options: dict[str, Any] = {"mode": mode}
        if mode == "constant":
            value = np.asarray(random.values(x.dtype.type, (), odd=False))
            inputs.append(value)
            options["constant_values"] = value
        wanted = np.pad(x, pads, **options)
        yield Spec(operator, inputs, opset, {"mode": mode}, constants=random.constants(1, 2), wanted=[wanted])


@cases("Split")
def split(random: Random, operator: str) -> Iterator[Spec]:
    for _ in range(16):
        parts = [random.integer(0, 3) for _ in range(random.integer(1, 4))]
        shape = list(random.shape(1, 3))
        axis = random.axis(len(shape))
        shape[axis] = sum(parts)
        x = random.values(any_kind(random), tuple(shape))
        opset = random.opset(11)
        wanted = np.split(x, np.cumsum(parts)[:-1], axis)
        attributes: dict[str, Any] = {"axis": axis}
        inputs: list[np.ndarray | None] = [x]
        if opset >= 13:
            inputs.append(int64(parts))
        else:
            attributes["split"] = parts
        yield Spec(operator, inputs, opset, attributes, len(parts), random.constants(1), wanted=wanted)
    for _ in range(6):
        length, count = random.integer(1, 7), random.integer(1, 3)
        x = random.values(F32, (length, 2))
        size = -(-length // count)
        if size * (count - 1) > length:
            continue
        wanted = [x[size * part : size * (part + 1)] for part in range(count)]
        yield Spec(operator, [x], random.opset(18), {"axis": 0, "num_outputs": count}, count, wanted=wanted)


@cases("ConstantOfShape")
def constant_of_shape(random: Random, operator: str) -> Iterator[Spec]:
    for kind in [*NUMBERS, BOOL]:
        shape = int64(random.shape())
        value = numpy_helper.from_array(random.values(kind, (1,)))
        attributes = {"value": value} if random.chance(0.8) else {}
        yield Spec(operator, [shape], random.opset(9), attributes, constants=random.constants(0))


@cases("TopK")
def top_k(random: Random, operator: str) -> Iterator[Spec]:
    for kind in NUMBERS * 2:
        x = random.values(kind, random.shape(1, empty=0), -4, 4, odd=False)
        if kind not in INTEGERS:
            x = np.round(x)
        axis = random.axis(x.ndim)
        k = random.integer(0 if random.chance(0.1) else 1, x.shape[axis])
        opset = random.opset(10)
        largest = random.integer(0, 1) if opset >= 11 else 1
        attributes = {"axis": axis} | ({"largest": largest} if opset >= 11 else {})
        # Stable: of equals the first comes first.
        key = -x.astype(object) if largest else x.astype(object)
        order = np.take(np.argsort(key, axis=axis, kind="stable"), range(k), axis)
        wanted = [np.take_along_axis(x, order, axis), order.astype(np.int64)]
        yield Spec(operator, [x, int64([k])], opset, attributes, 2, random.constants(1), wanted=wanted)


def scattered(x: np.ndarray, indices: np.ndarray, updates: np.ndarray, axis: int, how: str) -> np.ndarray:
    made = x.copy()
    for at in np.ndindex(*indices.shape):
        to = list(at)
        to[axis] = int(indices[at])
        old, new = made[tuple(to)], updates[at]
        made[tuple(to)] = {"none": new, "add": old + new, "mul": old * new}.get(how, new) if how in (
            "none",
            "add",
            "mul",
        ) else (max(old, new) if how == "max" else min(old, new))
    return made


@cases("ScatterElements")
def scatter_elements(random: Random, operator: str) -> Iterator[Spec]:
    for _ in range(20):
        kind = random.one([F32, F64, np.int32, np.int64])
        x = random.values(kind, random.shape(1, 3, empty=0), odd=False)
        axis = random.axis(x.ndim)
        shape = tuple(random.integer(1, dim) for dim in x.shape)
        # What two updates of one element leave without a reduction is not defined.
        how = random.one(["none", "add", "mul", "max", "min"])
        if how == "none":
            order = np.argsort(random.source.random(x.shape), axis=axis)
            indices = order[tuple(slice(0, dim) for dim in shape)].astype(np.int64)
        else:
            indices = random.values(np.int64, shape, -x.shape[axis], x.shape[axis] - 1, odd=False)
        updates = random.values(kind, shape, odd=False)
        first = {"none": 11, "add": 16, "mul": 16}.get(how, 18)
        attributes: dict[str, Any] = {"axis": axis} | ({"reduction": how} if how != "none" else {})
        wanted = scattered(x, indices, updates, axis, how)
        yield Spec(operator, [x, indices, updates], random.opset(first), attributes, wanted=[wanted])


@cases("ScatterND")
def scatter_nd(random: Random, operator: str) -> Iterator[Spec]:
    for _ in range(12):
        kind = random.one([F32, F64, np.int32, np.int64])
        x = random.values(kind, random.shape(1, 3, empty=0), odd=False)
        depth = random.integer(1, x.ndim)
        places = list(np.ndindex(*x.shape[:depth]))
        chosen = random.source.permutation(len(places))[: random.integer(1, len(places))]
        indices = int64([places[place] for place in chosen]).reshape(len(chosen), depth)
        updates = random.values(kind, (len(chosen), *x.shape[depth:]), odd=False)
        wanted = x.copy()
        for place, update in zip(indices, updates):
            wanted[tuple(place)] = update
        yield Spec(operator, [x, indices, updates], random.opset(11), wanted=[wanted])


@cases("OneHot")
def one_hot(random: Random, operator: str) -> Iterator[Spec]:
    for _ in range(16):
        depth = random.integer(1, 5)
        kind = random.one([np.int32, np.int64, F32])
        indices = random.values(kind, random.shape(0, 3), -depth - 1, depth + 1, odd=False)
        indices = np.round(indices) if kind == F32 else indices
        values = random.values(random.one([F32, F64, np.int64, np.int32, BOOL]), (2,), odd=False)
        rank = indices.ndim + 1
        axis = random.axis(rank)
        # An index that is out of range gives the off value; negative ones count from the end.
        hot = np.where(indices < 0, indices + depth, indices)
        hit = np.expand_dims(hot, axis) == np.arange(depth).reshape(
            [depth if at == axis % rank else 1 for at in range(rank)]
        )
        hit &= np.expand_dims((indices >= -depth) & (indices < depth), axis)
        wanted = np.where(hit, values[1], values[0]).astype(values.dtype)
        inputs: list[np.ndarray | None] = [indices, int64(depth), values]
        stored = random.constants(1, 2)
        yield Spec(operator, inputs, random.opset(11), {"axis": axis}, constants=stored, wanted=[wanted])


@cases("Range")
def ranges(random: Random, operator: str) -> Iterator[Spec]:
    for kind in [F32, F64, np.int16, np.int32, np.int64] * 2:
        start, limit = random.integer(-9, 9), random.integer(-9, 9)
        delta = random.one([-3, -2, -1, 1, 2, 3])
        inputs: list[np.ndarray | None] = [np.array(value, dtype=kind) for value in (start, limit, delta)]
        yield Spec(operator, inputs, random.opset(11), constants=random.constants(0, 1, 2))


@cases("EyeLike")
def eye(random: Random, operator: str) -> Iterator[Spec]:
    for kind in [F32, F64, np.int32, np.int64] * 2:
        x = random.values(kind, (random.integer(0, 5), random.integer(1, 5)))
        yield Spec(operator, [x], random.opset(9), {"k": random.integer(-4, 4)})


@cases("Trilu")
def trilu(random: Random, operator: str) -> Iterator[Spec]:
    for kind in [F32, F64, np.int32, np.int64, BOOL, F16] * 2:
        x = random.values(kind, random.shape(2))
        inputs: list[np.ndarray | None] = [x]
        if random.chance(0.7):
            inputs.append(int64(random.integer(-5, 5)))
        attributes = {"upper": random.integer(0, 1)}
        yield Spec(operator, inputs, random.opset(14), attributes, constants=random.constants(1))


@cases("Compress")
def compress(random: Random, operator: str) -> Iterator[Spec]:
    for _ in range(12):
        x = random.values(any_kind(random), random.shape(1, empty=0))
        attributes = {"axis": random.axis(x.ndim)} if random.chance(0.7) else {}
        length = x.shape[attributes["axis"]] if attributes else x.size
        condition = random.values(BOOL, (random.integer(0, length),))
        yield Spec(operator, [x, condition], random.opset(11), attributes)


@cases("NonZero")
def non_zero(random: Random, operator: str) -> Iterator[Spec]:
    for kind in [F32, F64, np.int32, np.int64, BOOL, np.uint8]:
        x = random.values(kind, random.shape(1), -1, 1)
        yield Spec(operator, [np.round(x) if kind in (F32, F64) else x], random.opset(9))




@cases("DepthToSpace", "SpaceToDepth")
def blocks(random: Random, operator: str) -> Iterator[Spec]:
    for kind in [F32, F64, np.int32, np.uint8] * 2:
        size = random.integer(1, 3)
        batch, channels, height, width = (random.integer(1, 3) for _ in range(4))
        attributes: dict[str, Any] = {"blocksize": size}
        if operator == "DepthToSpace":
            x = random.values(kind, (batch, channels * size * size, height, width))
            opset = random.opset(11)
            attributes["mode"] = random.one(["DCR", "CRD"])
        else:
            x = random.values(kind, (batch, channels, height * size, width * size))
            opset = random.opset(9, 27)
        yield Spec(operator, [x], opset, attributes)


@cases("Dropout")
def dropout(random: Random, operator: str) -> Iterator[Spec]:
    for kind in [F32, F64] * 3:
        x = random.values(kind, random.shape())
        opset = random.opset(10)
        wanted = [x, np.ones(x.shape, dtype=bool)][: random.integer(1, 2)]
        inputs: list[np.ndarray | None] = [x]
        if opset >= 12 and random.chance(0.5):
            inputs.append(np.array(0.75, dtype=F32))
        yield Spec(operator, inputs, opset, {}, len(wanted), random.constants(1), wanted=wanted)


@cases("ReverseSequence")
def reverse_sequence(random: Random, operator: str) -> Iterator[Spec]:
    for _ in range(10):
        x = random.values(any_kind(random), random.shape(2, 3, empty=0))
        time = random.integer(0, 1)
        lengths = random.values(np.int64, (x.shape[1 - time],), 1, x.shape[time], odd=False)
        wanted = np.moveaxis(x, [time, 1 - time], [0, 1]).copy()
        for batch, length in enumerate(lengths):
            wanted[:length, batch] = wanted[:length, batch][::-1].copy()
        wanted = np.moveaxis(wanted, [0, 1], [time, 1 - time])
        attributes = {"time_axis": time, "batch_axis": 1 - time}
        yield Spec(operator, [x, lengths], random.opset(10), attributes, wanted=[np.ascontiguousarray(wanted)])


@cases("Scatter")
def scatter(random: Random, operator: str) -> Iterator[Spec]:
    for kind in [F32, F64, np.int64]:
        x = random.values(kind, random.shape(1, 3, empty=0), odd=False)
        axis = random.integer(0, x.ndim - 1)
        indices = np.argsort(random.source.random(x.shape), axis=axis).astype(np.int64)
        updates = random.values(kind, x.shape, odd=False)
        wanted = scattered(x, indices, updates, axis, "none")
        yield Spec(operator, [x, indices, updates], random.opset(9, 10), {"axis": axis}, wanted=[wanted])


@cases("Unique")
def unique(random: Random, operator: str) -> Iterator[Spec]:
    # The reference fails on what is not sorted.
    for kind in [F32, F64, np.int64, TEXT] * 3:
        x = random.values(kind, random.shape(1, empty=0), -2, 2, odd=False)
        x = np.round(x) if kind in (F32, F64) else x
        attributes = {"sorted": random.integer(0, 1)}
        if random.chance(0.5) and kind is not TEXT:
            attributes["axis"] = random.axis(x.ndim)
        yield Spec(operator, [x], random.opset(11, RUNTIME), attributes, random.integer(1, 4), by="onnxruntime")


@cases("Constant")
def constant(random: Random, operator: str) -> Iterator[Spec]:
    for kind in [*NUMBERS, BOOL]:
        value = random.values(kind, random.shape())
        yield Spec(operator, [], random.opset(9), {"value": numpy_helper.from_array(value)})
    forms: list[dict[str, Any]] = [
        {"value_float": 1.5},
        {"value_floats": [1.5, -2.0]},
        {"value_int": -7},
        {"value_ints": [1, 2, 3]},
        {"value_string": "ä"},
        {"value_strings": ["a", ""]},
    ]
    for form in forms:
        yield Spec(operator, [], random.opset(12), form)
