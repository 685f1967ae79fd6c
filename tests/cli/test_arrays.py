"""NAME=VALUE: every form gives the array it says, every mistake an error that helps."""

import contextlib
import io
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicial.cli.arrays import read_bindings, require_writable_format, write_arrays
from indicial.errors import BackendError, IndicialError, MemoryLimitError, ShapeError
from indicial.planning import memory


def read_one(word: str, **options: object) -> np.ndarray:
    (array,) = read_bindings([word], **options).values()
    return array


@pytest.mark.parametrize(
    ("value", "shape"), [("3x4", (3, 4)), ("4", (4,)), ("2×3x1", (2, 3, 1)), ("scalar", ()), ("0x3", (0, 3))]
)
def test_a_shape_gives_random_data(value, shape):
    assert read_one(f"W={value}").shape == shape


def test_random_data_depend_on_name_and_seed_only():
    first = read_bindings(["W=3x4", "x=4"], seed=1)
    again = read_bindings(["x=4", "W=3x4"], seed=1)
    other = read_bindings(["W=3x4", "y=4"], seed=2)
    assert np.array_equal(first["W"], again["W"])
    assert np.array_equal(first["x"], again["x"])
    assert not np.array_equal(first["W"], other["W"])
    assert not np.array_equal(other["W"][0], other["y"])


def test_positive_random_data():
    data = read_one("x=1000", positive=True)
    assert data.min() >= 0.5
    assert data.max() <= 1.5


@pytest.mark.parametrize(
    ("value", "number"), [("2.5", 2.5), ("4.0", 4.0), ("-1", -1.0), ("+2", 2.0), ("1e-3", 1e-3), (".5", 0.5)]
)
def test_a_number(value, number):
    array = read_one(f"s={value}")
    assert array.shape == ()
    assert array == number


def test_entries():
    assert np.array_equal(read_one("W=[[1,2],[3,4]]"), [[1, 2], [3, 4]])
    assert np.array_equal(read_one("x = [0.5, -2]"), [0.5, -2])


@pytest.mark.parametrize("value", ["[1,[2]]", "[1,2", '["a"]', "[null]", "[" * 100_000, f"[{'9' * 400}]"])
def test_entries_that_are_no_numbers(value):
    with pytest.raises(BackendError, match="x="):
        read_bindings([f"x={value}"])


@pytest.mark.parametrize(
    "word", ["W", "=3", "W=", "", "=", "W=3xx4", "W=three", "W=x", "W=1e", "W=3x", "W=.txt"]
)
def test_words_that_say_nothing(word):
    with pytest.raises(IndicialError) as caught:
        read_bindings([word])
    assert "3x4" in str(caught.value)


def test_a_name_given_twice():
    with pytest.raises(IndicialError, match="x is given twice"):
        read_bindings(["x=3", "x=4"])


@pytest.mark.parametrize(
    "value", ["99999x99999999", "9" * 30, "9" * 5000, "9999999999x0x9999999999x9999999999"]
)
def test_a_shape_larger_than_memory_is_refused_before_it_is_allocated(value):
    with pytest.raises(MemoryLimitError):
        read_bindings([f"W={value}"])


def test_more_axes_than_numpy_has():
    with pytest.raises(ShapeError, match="40 axes"):
        read_bindings(["W=" + "x".join(["1"] * 40)])


# ---- files -------------------------------------------------------------------------------------


def test_npy_and_npz_and_csv_round_trip(tmp_path):
    matrix = np.arange(6.0).reshape(2, 3) / 7
    for suffix in ("npy", "npz", "csv"):
        path = f"{tmp_path}/data.{suffix}"
        write_arrays(path, {"W": matrix})
        assert np.array_equal(read_one(f"W={path}"), matrix)


def test_members_of_an_archive(tmp_path):
    path = f"{tmp_path}/both.npz"
    write_arrays(path, {"W": np.eye(2), "x": np.ones(3)})
    assert read_one(f"x={path}").shape == (3,)
    assert read_one(f"weights={path}:W").shape == (2, 2)
    with pytest.raises(BackendError, match="no member y; it has W, x"):
        read_bindings([f"y={path}"])


def test_an_archive_takes_arrays_of_any_name(tmp_path):
    path = f"{tmp_path}/data.npz"
    write_arrays(path, {"file": np.ones(2), "allow_pickle": np.zeros(3), "x W": np.ones((2, 2))})
    with np.load(path) as archive:
        assert sorted(archive.files) == ["allow_pickle", "file", "x W"]
        assert archive["allow_pickle"].shape == (3,)


def test_the_only_member_needs_no_name(tmp_path):
    np.savez(tmp_path / "one.npz", np.arange(3))
    assert np.array_equal(read_one(f"x={tmp_path}/one.npz"), [0, 1, 2])


def test_a_csv_row_or_column_is_a_vector(tmp_path):
    (tmp_path / "row.csv").write_text("# three numbers\n1, 2, 3\n")
    (tmp_path / "column.csv").write_text("1\n2\n3\n\n")
    assert np.array_equal(read_one(f"x={tmp_path}/row.csv"), [1, 2, 3])
    assert np.array_equal(read_one(f"x={tmp_path}/column.csv"), [1, 2, 3])


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "1,2\n3\n", "# nothing\n"])
def test_a_csv_file_without_numbers(tmp_path, text):
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(BackendError, match=r"x.csv cannot be read"):
        read_bindings([f"x={tmp_path}/x.csv"])


def test_pickled_objects_are_refused(tmp_path):
    np.save(tmp_path / "x.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "x.npz", x=np.array([{}], dtype=object))
    for suffix in ("npy", "npz"):
        with pytest.raises(BackendError, match="cannot be read"):
            read_bindings([f"x={tmp_path}/x.{suffix}"])


@pytest.mark.parametrize("suffix", ["npy", "npz", "csv", "NPY"])
def test_absent_files_and_folders(tmp_path, suffix):
    with pytest.raises(BackendError, match="no such file"):
        read_bindings([f"x={tmp_path}/absent.{suffix}"])
    (tmp_path / f"folder.{suffix}").mkdir()
    with pytest.raises(BackendError, match="folder"):
        read_bindings([f"x={tmp_path}/folder.{suffix}"])


def valid_file(suffix: str) -> bytes:
    buffer = io.BytesIO()
    if suffix == "npy":
        np.save(buffer, np.arange(6.0).reshape(2, 3))
    elif suffix == "npz":
        np.savez_compressed(buffer, x=np.arange(6.0))
    else:
        buffer.write(b"1,2\n3,4\n")
    return buffer.getvalue()


@pytest.mark.parametrize("suffix", ["npy", "npz", "csv"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_files_give_errors_of_the_family(tmp_path, suffix, data):
    content = bytearray(valid_file(suffix))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / f"x.{suffix}"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    with contextlib.suppress(IndicialError):
        read_bindings([f"x={path}"])


def test_a_member_larger_than_memory_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "x.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", valid_file("npy") + bytes(1 << 20))
    monkeypatch.setattr(memory, "allowed", lambda: 1 << 19)
    with pytest.raises(MemoryLimitError, match=r"x.npy of"):
        read_bindings([f"x={tmp_path}/x.npz"])


def test_complex_numbers_in_csv_round_trip(tmp_path):
    matrix = np.array([[1 + 2j, -0.1j, 3], [np.pi - 1e-300j, -1e30 + 1j, complex(-0.0, 2)]])
    for array in (matrix, matrix[0], np.array(1 - 2j), np.array([np.inf + 1j, -np.inf * 1j, np.nan + 0j])):
        write_arrays(f"{tmp_path}/z.csv", {"result": array})
        again = read_one(f"z={tmp_path}/z.csv")
        assert again.dtype == complex
        assert np.array_equal(again.real, array.real, equal_nan=True)
        assert np.array_equal(again.imag, array.imag, equal_nan=True)


def test_complex_numbers_as_others_write_them(tmp_path):
    np.savetxt(tmp_path / "z.csv", np.array([[1 + 2j, 3 - 4j]]), delimiter=",")
    (tmp_path / "mixed.csv").write_text("1, 2.5\n-1j, 3+1j\n")
    assert np.array_equal(read_one(f"z={tmp_path}/z.csv"), [1 + 2j, 3 - 4j])
    assert np.array_equal(read_one(f"z={tmp_path}/mixed.csv"), [[1, 2.5], [-1j, 3 + 1j]])


# ---- writing -----------------------------------------------------------------------------------


def test_formats_that_cannot_be_written(tmp_path):
    with pytest.raises(IndicialError, match="known format"):
        require_writable_format("J.txt")
    with pytest.raises(ShapeError, match="two axes at most"):
        write_arrays(f"{tmp_path}/J.csv", {"result": np.zeros((2, 2, 2))})
    with pytest.raises(IndicialError, match="the result has 2"):
        write_arrays(f"{tmp_path}/J.npy", {"W": np.zeros(2), "x": np.zeros(2)})
    with pytest.raises(IndicialError, match="cannot be written: no such file"):
        write_arrays(f"{tmp_path}/absent/J.npy", {"result": np.zeros(2)})


def test_a_number_is_written(tmp_path):
    for suffix in ("npy", "npz", "csv"):
        write_arrays(f"{tmp_path}/s.{suffix}", {"result": np.float64(0.1)})
        assert read_one(f"s={tmp_path}/s.{suffix}") == 0.1
