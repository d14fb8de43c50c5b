"""Without the extra: one line that says how to install it, and a core that works."""

import subprocess
import sys

import pytest

import simtemp.calm
from simtemp.calm import TorchRequired
from simtemp.calm.torch_required import torch_required
from simtemp.errors import SimtempError

WITHOUT_TORCH = "import sys; sys.modules['torch'] = None; "


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_a_name_that_needs_torch_says_in_one_line_how_to_install_it() -> None:
    message = run(
        WITHOUT_TORCH + "import simtemp, simtemp.calm\n"
        "try: simtemp.calm.CalmModel\n"
        "except simtemp.SimtempError as error: print(error, end='')"
    )
    assert message == 'the language model needs torch: pip install "simtemp[calm]" -c constraints.txt'


def test_the_configuration_works_without_torch_and_imports_none() -> None:
    code = "import sys, simtemp.calm; print(simtemp.calm.tiny_config(vocab_size=9).vocab_size, 'torch' in sys.modules)"
    assert run(code) == "9 False\n"


def test_it_is_an_error_of_the_package_and_an_import_error() -> None:
    with pytest.raises(TorchRequired, match=r"pip install") as caught, torch_required():
        raise ModuleNotFoundError("No module named 'safetensors'", name="safetensors.torch")
    assert isinstance(caught.value, SimtempError) and isinstance(caught.value, ImportError)


def test_another_missing_module_is_not_blamed_on_torch() -> None:
    with pytest.raises(ModuleNotFoundError) as caught, torch_required():
        raise ModuleNotFoundError("No module named 'numba'", name="numba")
    assert not isinstance(caught.value, TorchRequired)


def test_unknown_names_are_attribute_errors_and_known_ones_are_listed() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = simtemp.calm.nothing
    assert set(simtemp.calm.__all__) <= set(dir(simtemp.calm))
