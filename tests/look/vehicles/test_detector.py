"""Detectors that are understood, and what each kind that is not is told."""

import math
import sys

import numpy as np
import pytest
from onnx import TensorProto, helper

from sitewatch.errors import InputError
from sitewatch.look.vehicles import Detector
from sitewatch.look.vehicles.card import read_card, vehicle_classes
from tests.look.vehicles.graphs import METADATA, UPRIGHT, fixed, graph, save

BLANK = np.zeros((3, 64, 64), np.float32)


def refused(path):
    with pytest.raises(InputError) as error:
        Detector.open(path)
    return str(error.value)


def cells(rows, count=50):
    """(1, rows, count): no box."""
    return np.zeros((1, rows, count))


def find(detector):
    return detector.find(BLANK, 0.25, 100)


# --- What is understood


def test_metadata_tell_classes_licence_and_author(tmp_path):
    detector = Detector.open(graph(tmp_path / "d.onnx", UPRIGHT, (64, 96), oriented=False))
    assert detector.card.names == ("small vehicle", "large vehicle")
    assert (detector.card.licence, detector.card.author, detector.card.stride) == ("CC0-1.0", "the tests", 8)
    assert detector.shape == (64, 96)
    assert not detector.form.oriented
    assert len(detector.card.sha256) == 64


@pytest.mark.parametrize("name", ["License", ""])
def test_a_licence_that_is_not_stated_is_said_so(tmp_path, name):
    told = {key: value for key, value in METADATA.items() if key != "license"} | ({name: "x"} if name else {})
    assert Detector.open(fixed(tmp_path / "d.onnx", cells(6), metadata=told)).card.licence == "not stated"


@pytest.mark.parametrize(("rows", "oriented"), [(6, False), (7, True)])
def test_cells_upright_and_oriented_are_told_apart_by_their_rows(tmp_path, rows, oriented):
    output = cells(rows)
    output[0, :6, 3] = (20, 30, 12, 5, 0.1, 0.8)
    output[0, 6:, 3] = 0.5
    detector = Detector.open(fixed(tmp_path / "d.onnx", output))
    found = find(detector)
    assert detector.form.oriented == oriented
    assert found.centre.tolist() == [[20, 30]]
    assert found.size.tolist() == [[12, 5]]
    assert (found.score[0], found.label[0]) == (pytest.approx(0.8), 1)
    assert found.angle[0] == (0.5 if oriented else 0)


def test_listed_boxes_upright_are_two_corners_and_oriented_a_centre(tmp_path):
    row = [14, 27.5, 26, 32.5, 0.8, 1, 0.5]
    upright = Detector.open(fixed(tmp_path / "u.onnx", np.array([[row[:6], [0] * 6]])))
    oriented = Detector.open(fixed(tmp_path / "o.onnx", np.array([[row, [0] * 7]])))
    assert find(upright).centre.tolist() == [[20, 30]]
    assert find(upright).size.tolist() == [[12, 5]]
    assert find(oriented).centre.tolist() == [[14, 27.5]]
    assert find(oriented).angle.tolist() == [0.5]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, 255 / 255),
        ({"mean": "[100, 100, 100]", "std": "[50, 50, 50]"}, (255 - 100) / 50),
        ({"mean": "[0, 0, 100]", "std": "[1, 1, 50]", "order": "BGR"}, (255 - 100) / 50),
    ],
)
def test_pixels_are_prepared_as_the_metadata_tell(tmp_path, told, expected):
    detector = Detector.open(fixed(tmp_path / "d.onnx", cells(6), metadata=METADATA | told))
    red = BLANK.copy()
    red[0] = 255
    channel = 2 if "order" in told else 0
    assert detector._prepared(red)[0, channel] == pytest.approx(expected)


def test_open_axes_take_the_size_that_the_metadata_tell(tmp_path):
    path = graph(tmp_path / "d.onnx", UPRIGHT, (64, 96), oriented=False, axes=["batch", 3, "height", "width"])
    assert Detector.open(path).shape == (64, 96)


def test_vehicles_are_told_by_the_names_of_classes():
    names = (
        "['plane', 'large-vehicle', 'storage tank', 'Car', 'rail car', 'smallVehicle', 'cargo ship', 'parking truck']"
    )
    card = read_card("d.onnx", "0" * 64, {"names": names})
    assert vehicle_classes(card) == (1, 3, 5)
    assert vehicle_classes(card, ["plane"]) == (0,)
    with pytest.raises(InputError, match="it has no class tank; name some of its own: plane, large-vehicle"):
        vehicle_classes(card, ["tank"])
    with pytest.raises(InputError, match="none of its classes is called a vehicle"):
        vehicle_classes(read_card("d.onnx", "0" * 64, {"names": "{0: 'ship'}"}))


# --- Files that are no detector


def test_no_detector_is_named():
    with pytest.raises(InputError, match=r"no detector is named, and Sitewatch brings none.*--detector FILE"):
        Detector.open(None)


def test_without_onnxruntime_the_way_to_install_it_is_told(tmp_path, monkeypatch):
    path = fixed(tmp_path / "d.onnx", cells(6))
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert "pip install 'sitewatch[vehicles]'" in refused(path)


@pytest.mark.parametrize("content", [b"no graph at all" * 50, b"\x08\x08", b"PK\x03\x04" + bytes(200)])
def test_a_file_that_is_no_onnx(tmp_path, content):
    path = tmp_path / "weights.pt"
    path.write_bytes(content)
    said = refused(path)
    assert "weights.pt: onnxruntime" in said
    assert "right would be a detector exported to ONNX" in said


def test_a_cut_off_file(tmp_path):
    whole = fixed(tmp_path / "d.onnx", cells(6)).read_bytes()
    path = tmp_path / "cut.onnx"
    path.write_bytes(whole[: len(whole) // 2])
    assert "cannot load it" in refused(path)


def test_an_empty_file_and_one_that_is_not_there(tmp_path):
    (tmp_path / "empty.onnx").touch()
    assert "the file is empty" in refused(tmp_path / "empty.onnx")
    assert "it cannot be read: No such file or directory" in refused(tmp_path / "none.onnx")
    assert "it cannot be read: Is a directory" in refused(tmp_path)


def test_operators_that_onnxruntime_does_not_know(tmp_path):
    nodes = [helper.make_node("NMSRotated", ["images"], ["output0"], domain="mmdeploy")]
    path = save(
        tmp_path / "d.onnx", nodes, {}, inputs=[("images", [1, 3, 64, 64])], outputs=[("output0", None)],
        metadata=METADATA,
    )  # fmt: skip
    assert "standard operators" in refused(path)


# --- Outputs and inputs that are not understood


@pytest.mark.parametrize("shape", [(1, 100, 85), (6, 50), (2, 6, 50), (1, 6, 10, 10), (1, 3, 50)])
def test_unknown_outputs_are_named_with_those_that_are_understood(tmp_path, shape):
    said = refused(fixed(tmp_path / "d.onnx", np.zeros(shape)))
    assert f"({', '.join(map(str, shape))})" in said
    assert "(1, 4 + classes + 1, n) oriented" in said
    assert "(1, n, 7) oriented" in said


def test_two_outputs_are_not_understood(tmp_path):
    nodes = [helper.make_node("Identity", ["a"], ["dets"]), helper.make_node("Identity", ["b"], ["labels"])]
    constants = {"a": np.zeros((1, 10, 5), np.float32), "b": np.zeros((1, 10), np.float32)}
    path = save(
        tmp_path / "d.onnx", nodes, constants, inputs=[("images", [1, 3, 64, 64])],
        outputs=[("dets", [1, 10, 5]), ("labels", [1, 10])], metadata=METADATA,
    )  # fmt: skip
    assert "its outputs are (1, 10, 5); (1, 10); understood is one output" in refused(path)


@pytest.mark.parametrize(("task", "rows", "fits"), [("obb", 20, 15), ("detect", 84, 80)])
def test_a_class_list_that_does_not_match_the_output(tmp_path, task, rows, fits):
    said = refused(fixed(tmp_path / "d.onnx", cells(rows, 100), metadata=METADATA | {"task": task}))
    assert f"its class list does not match: the output (1, {rows}, 100) has room for {fits} classes" in said
    assert "its metadata name 2 (small vehicle, large vehicle)" in said


def test_a_task_that_the_output_contradicts(tmp_path):
    said = refused(fixed(tmp_path / "d.onnx", cells(6), metadata=METADATA | {"task": "obb"}))
    assert "its metadata say that its boxes are oriented (task obb), and its output (1, 6, 50) with 2 classes" in said


def test_an_output_that_can_be_read_in_two_ways(tmp_path):
    assert "can be read in 2 ways" in refused(fixed(tmp_path / "d.onnx", cells(6, 7)))


def test_open_axes_without_a_size(tmp_path):
    path = graph(
        tmp_path / "d.onnx", UPRIGHT, (64, 64), oriented=False, axes=["batch", 3, "height", "width"], metadata=METADATA
    )
    assert "its input images is (batch, 3, height, width), which leaves height and width open" in refused(path)
    assert "no imgsz" in refused(path)


@pytest.mark.parametrize(
    ("axes", "words"), [([4, 3, 64, 64], "(4, 3, 64, 64)"), ([1, 10, 64, 64], "(1, 10, 64, 64)"), ([1, 3], "(1, 3)")]
)
def test_inputs_that_are_no_image(tmp_path, axes, words):
    nodes = [helper.make_node("Identity", ["a"], ["output0"])]
    path = save(
        tmp_path / "d.onnx", nodes, {"a": cells(6).astype(np.float32)}, inputs=[("images", axes)],
        outputs=[("output0", [1, 6, 50])], metadata=METADATA,
    )  # fmt: skip
    assert words in refused(path)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("names", "{0: 'car', 2: 'bus'}", "numbered from 0 without a gap"),
        ("names", "__import__('os').system('true')", "names cannot be read"),
        ("names", "{}", "numbered from 0"),
        ("task", "segment", "right would be a detector of boxes"),
        ("imgsz", "[0, 64]", "right would be [height, width]"),
        ("imgsz", "big", "imgsz cannot be read"),
        ("stride", "'a'", "right would be whole pixels"),
        ("mean", "[1, 2, 3]", "right would be both or neither"),
        ("mean", "[1, 2]", "right would be three numbers"),
        ("std", "[1, 2, 1e999]", "three finite numbers"),
        ("order", "GBR", "right would be RGB or BGR"),
    ],
)
def test_metadata_that_cannot_be_understood(tmp_path, key, value, words):
    assert words in refused(fixed(tmp_path / "d.onnx", cells(6), metadata=METADATA | {key: value}))


def test_metadata_without_classes_tell_how_to_write_them(tmp_path):
    said = refused(fixed(tmp_path / "d.onnx", cells(6), metadata={}))
    assert "its metadata name no classes" in said
    assert "set_model_props" in said


@pytest.mark.parametrize(
    ("rows", "numbers", "words"),
    [
        (6, (20, 30, 12, 5, 0.1, 3.5), "should be probabilities runs from 0 to 3.5"),
        (6, (20, 30, 12, math.nan, 0.1, 0.9), "not finite"),
        (6, (0.2, 0.3, 0.1, 0.05, 0.1, 0.9), "shares of the image"),
        (7, (20, 30, 12, 5, 0.1, 0.9, 45), "right would be radians"),
    ],
)
def test_numbers_that_are_no_boxes(tmp_path, rows, numbers, words):
    output = cells(rows)
    output[0, :, 3] = numbers
    detector = Detector.open(fixed(tmp_path / "d.onnx", output))
    with pytest.raises(InputError, match=words):
        find(detector)


@pytest.mark.parametrize("label", [2, 0.5, -1])
def test_a_listed_class_that_the_metadata_do_not_name(tmp_path, label):
    detector = Detector.open(fixed(tmp_path / "d.onnx", np.array([[[14, 27, 26, 32, 0.8, label], [0] * 6]])))
    with pytest.raises(InputError, match="class list does not match"):
        find(detector)


def test_a_graph_that_fails_when_it_is_run(tmp_path):
    nodes = [helper.make_node("Reshape", ["images", "shape"], ["output0"])]
    path = save(
        tmp_path / "d.onnx", nodes, {"shape": np.array([1, 6, 50], np.int64)},
        inputs=[("images", [1, 3, 64, 64])], outputs=[("output0", ["a", "b", "c"])], metadata=METADATA,
    )  # fmt: skip
    with pytest.raises(InputError, match="it fails on an image of 64 x 64 pixels"):
        find(Detector.open(path))


def test_half_precision_is_fed_as_such(tmp_path):
    nodes = [helper.make_node("Cast", ["images"], ["wide"], to=TensorProto.FLOAT)]
    nodes += [helper.make_node("ReduceMean", ["wide"], ["mean"], keepdims=0)]
    nodes += [helper.make_node("Add", ["output", "mean"], ["output0"])]
    path = save(
        tmp_path / "d.onnx", nodes, {"output": cells(6).astype(np.float32)}, inputs=[("images", [1, 3, 64, 64])],
        outputs=[("output0", [1, 6, 50])], metadata=METADATA, kind=TensorProto.FLOAT16,
    )  # fmt: skip
    assert len(find(Detector.open(path))) == 0
