"""A learnt model that the analyst brings: run in both orders, its contradictions told, wrong ones refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sitewatch.errors import InputError
from sitewatch.look.structures import load_change_model, run_both_orders

pytest.importorskip("onnxruntime", reason="the extra vehicles is not installed")
onnx = pytest.importorskip("onnx", reason="onnx writes the tests' models")
SIDE = 16


def written(
    path: Path, *, kind: str = "difference", shape: tuple[Any, ...] = (1, 3, SIDE, SIDE), stacked: bool = False
) -> Path:
    """A graph that calls new what is brighter in the second image (difference), or what differs (either)."""
    helper, number = onnx.helper, onnx.TensorProto.FLOAT
    weights = np.full((1, 3, 1, 1), 10.0, np.float32)
    nodes, inits = [], []
    if stacked:
        inputs = [("pair", (1, 6, *shape[2:]))]
        sizes = onnx.numpy_helper.from_array(np.array([3, 3]), "sizes")
        inits.append(sizes)
        nodes.append(helper.make_node("Split", ["pair", "sizes"], ["before", "after"], axis=1))
    else:
        inputs = [("before", shape), ("after", shape)]
    nodes.append(helper.make_node("Sub", ["after", "before"], ["gain"]))
    if kind == "either":
        nodes.append(helper.make_node("Abs", ["gain"], ["size"]))
    inits += [
        onnx.numpy_helper.from_array(weights, "w"),
        onnx.numpy_helper.from_array(np.array([-2.0], np.float32), "b"),
    ]
    nodes.append(helper.make_node("Conv", ["size" if kind == "either" else "gain", "w", "b"], ["odds"]))
    nodes.append(helper.make_node("Identity" if kind == "odds" else "Sigmoid", ["odds"], ["p"]))
    graph = helper.make_graph(
        nodes, "change", [helper.make_tensor_value_info(name, number, size) for name, size in inputs],
        [helper.make_tensor_value_info("p", number, (1, 1, *shape[2:]))], inits,
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(model, {"license": "CC0"})
    onnx.save(model, str(path))
    return path


@pytest.fixture
def images() -> tuple[np.ndarray, np.ndarray]:
    before, after = np.full((2, 3, 40, 50), 100, np.uint8)
    before[:, 5:12, 5:12] = 200
    after[:, 25:33, 30:41] = 200
    return before, after


@pytest.mark.parametrize("stacked", [False, True])
def test_both_orders_give_new_and_removed(tmp_path: Path, images: tuple[np.ndarray, np.ndarray], stacked: bool) -> None:
    model = load_change_model(written(tmp_path / "m.onnx", stacked=stacked))
    assert (model.side, model.bands, model.licence) == (SIDE, 3, "CC0")
    said, other = run_both_orders(model, *images), run_both_orders(model, *images[::-1])
    expected = np.zeros((40, 50), np.int8)
    expected[5:12, 5:12], expected[25:33, 30:41] = -1, 1
    assert np.array_equal(said.signs, expected)
    assert said.contradicted == 0
    assert np.array_equal(other.signs, -said.signs)
    assert np.array_equal(other.new, said.removed)


def test_a_model_that_sees_no_direction_contradicts_itself(
    tmp_path: Path, images: tuple[np.ndarray, np.ndarray]
) -> None:
    said = run_both_orders(load_change_model(written(tmp_path / "m.onnx", kind="either")), *images)
    assert said.contradicted == 1
    assert not said.signs.any()


def test_nothing_told_is_no_contradiction(tmp_path: Path, images: tuple[np.ndarray, np.ndarray]) -> None:
    said = run_both_orders(load_change_model(written(tmp_path / "m.onnx")), images[0], images[0])
    assert (said.contradicted, said.signs.any()) == (0, False)


def test_wrong_models_are_refused(tmp_path: Path, images: tuple[np.ndarray, np.ndarray]) -> None:
    with pytest.raises(InputError, match="axes are not fixed"):
        load_change_model(written(tmp_path / "a.onnx", shape=(1, 3, "h", "w")))
    with pytest.raises(InputError, match="right would be one input"):
        load_change_model(written(tmp_path / "b.onnx", shape=(1, 3, SIDE, 2 * SIDE)))
    (tmp_path / "c.onnx").write_bytes(b"no graph")
    with pytest.raises(InputError, match="cannot be read as an ONNX model"):
        load_change_model(tmp_path / "c.onnx")
    with pytest.raises(InputError, match="there is no such file"):
        load_change_model(tmp_path / "none.onnx")
    with pytest.raises(InputError, match="sigmoid"):
        run_both_orders(load_change_model(written(tmp_path / "d.onnx", kind="odds")), *images)
    model = load_change_model(written(tmp_path / "e.onnx"))
    with pytest.raises(InputError, match="squares of 16 px"):
        run_both_orders(model, images[0][:, :10], images[1][:, :10])
    with pytest.raises(InputError, match="3 bands"):
        run_both_orders(model, images[0][:2], images[1][:2])
