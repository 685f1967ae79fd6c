"""What several tests of the commands start from."""

import numpy as np
import pytest


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A folder with W.npy and x.npy, which is the current one."""
    monkeypatch.chdir(tmp_path)
    np.save("W.npy", np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    np.save("x.npy", np.array([1.0, 0.5, -1.0]))
    return tmp_path
