"""From a grid file to cells."""

from pathlib import Path

import pytest

from simtemp.sweep import GridError, read_grid
from simtemp.sweep.cell import Cell
from simtemp.sweep.cell import run_seed as child_seed

LAW = 'kind = "law"\nbase = "two"\ntemperature = 0.5\n'
SAMPLE = 'kind = "sample"\nbase = "two"\ntemperature = 0.5\n'


def cells(tmp_path: Path, text: str) -> list[Cell]:
    file = tmp_path / "grid.toml"
    file.write_text(text, encoding="utf-8")
    return read_grid(file)


def test_a_table_is_every_combination_and_defaults_are_filled_in(tmp_path: Path) -> None:
    found = cells(
        tmp_path,
        '[[cells]]\nkind = "sample"\nbase = ["two", "near"]\ntemperature = [0.5, 1]\nseed = { from = 3, to = 7, step = 2 }',
    )
    assert [(c.parameters["base"], c.parameters["temperature"], c.parameters["seed"]) for c in found] == [
        (base, temperature, seed) for base in ("two", "near") for temperature in (0.5, 1.0) for seed in (3, 5, 7)
    ]
    assert found[0].parameters["method"] == "duel"
    assert found[0].parameters["split"] == 2
    assert "budget" not in found[0].parameters


def test_equal_cells_are_one_however_they_are_written(tmp_path: Path) -> None:
    one, other = (
        SAMPLE,
        'kind = "sample"\ntemperature = [5e-1, 0.5]\nbase = " two "\nsize = 1e4\nmethod = "duel"\nsplit = 2\n',
    )
    assert len(cells(tmp_path, f"[[cells]]\n{one}[[cells]]\n{other}")) == 1


def test_a_key_is_the_hash_of_what_the_result_depends_on(tmp_path: Path) -> None:
    (cell,) = cells(tmp_path, f"[[cells]]\n{LAW}")
    # Frozen: another key would orphan every store there is.
    assert cell.key == "d32ee326d1eef57372f3377f0578b02162641b1362aae3cbefa7eeef11c4dd16"
    assert child_seed(cell.seed_sequence()) == 4930907602634190
    others = [
        cells(tmp_path, f"[[cells]]\n{LAW}batch_size = 201")[0],
        cells(tmp_path, f"[[cells]]\n{SAMPLE}")[0],
        cells(tmp_path, f"[[cells]]\n{SAMPLE}seed = 1")[0],
    ]
    assert len({c.key for c in [cell, *others]}) == 4
    assert len({child_seed(c.seed_sequence()) for c in [cell, *others]}) == 4


@pytest.mark.parametrize("form", ["file:{}", "text:{},1"])
def test_a_key_holds_the_content_of_a_file(form: str, tmp_path: Path) -> None:
    file = tmp_path / "counts.csv"
    grid = f'[[cells]]\nkind = "law"\nbase = "{form.format(file)}"\ntemperature = 0.5'
    file.write_text("a,1\nb,3\n")
    (before,) = cells(tmp_path, grid)
    file.write_text("a,1\nb,4\n")
    (after,) = cells(tmp_path, grid)
    assert before.key != after.key
    assert before.parameters["base"] == after.parameters["base"]


def test_kinds_of_other_packages_are_found(kinds: Path, tmp_path: Path) -> None:
    found = cells(tmp_path, '[[cells]]\nkind = "draw"\nnumber = { from = 1, to = 3 }')
    assert [cell.parameters for cell in found] == [{"number": number} for number in (1, 2, 3)]
    assert cells(tmp_path, '[[cells]]\nkind = "optional"')[0].parameters == {"x": 0.5}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must have one or more tables [[cells]], got none"),
        ("cells = []", "must have one or more tables [[cells]], got none"),
        ("cells = [1]", "must have one or more tables"),
        ("cell = 1", "unknown key 'cell' at the top"),
        ("[[cells]", "at line 1"),
        ("[[cells]]", "table 1 of [[cells]]: kind must be one of "),
        (f'[[cells]]\n{LAW}[[cells]]\nkind = "low"', "table 2 of [[cells]]: kind must be one of "),
        ("[[cells]]\nkind = [1]", "kind must be one of "),
        ('[[cells]]\nkind = "law"\ntemperature = 1', "table 1 of [[cells]]: base is missing"),
        (f"[[cells]]\n{LAW}bach = 2", "unknown key 'bach'; allowed are kind, base, temperature, batch_size, rule"),
        (f"[[cells]]\n{LAW}batch_size = []", "batch_size must have at least one value, got an empty list"),
        (f"[[cells]]\n{LAW}batch_size = [10, 0]", "batch_size must be an integer from 1 to 10000000, got 0"),
        (f"[[cells]]\n{LAW}batch_size = 1979-05-27", "batch_size must be an integer"),
        (f"[[cells]]\n{LAW}batch_size = {{ from = 1 }}", "batch_size must be a value, a list or { from = 0"),
        (f"[[cells]]\n{LAW}batch_size = {{ from = 2, to = 1 }}", "batch_size.to must be an integer from 2"),
        (f"[[cells]]\n{LAW}batch_size = {{ from = 1, to = 9e9 }}", "must have at most 1,000,000 values"),
        (
            f"[[cells]]\n{SAMPLE}seed = {{ from = 1, to = 2000 }}\nsize = {{ from = 1, to = 2000 }}",
            "at most 1,000,000 cells, got 4,000,000",
        ),
        (f"[[cells]]\n{LAW}rule = 'corrected'", "no exact law is known of the corrected one"),
        (f"[[cells]]\n{SAMPLE}early_exit = true", "early_exit is no option of method 'duel'"),
        (f"[[cells]]\n{SAMPLE}early_exit = 1", "early_exit must be true or false, got 1"),
        (f"[[cells]]\n{SAMPLE}method = ['duel', 'chain']", "temperature must be in (1, inf] for the chain"),
        (f"[[cells]]\n{SAMPLE}method = 'dual'", "method must be one of collision, batch, duel"),
        (f"[[cells]]\n{LAW.replace('0.5', 'inf')}", "temperature must be in [0, inf), got inf"),
        (f"[[cells]]\n{LAW.replace('0.5', 'nan')}", "temperature must be a real number, got nan"),
        (f"[[cells]]\n{LAW.replace('0.5', '[[1, 2]]')}", "temperature must be a real number"),
        (f"[[cells]]\n{LAW.replace('two', 'too')}", "did you mean 'two'"),
        (f"[[cells]]\n{LAW.replace('two', 'file:none.csv')}", "cannot read the file"),
        ('[[cells]]\nkind = "gone"', "kind 'gone' cannot be loaded from sweep_test_gone:cell: ModuleNotFoundError"),
        ('[[cells]]\nkind = "no_kind"', "kind 'no_kind' must be made by simtemp.sweep.cell_kind"),
        ("a = " + "[" * 5000 + "]" * 5000, "nested too deeply"),
    ],
)
def test_a_bad_grid_is_one_clear_line(text: str, said: str, kinds: Path, tmp_path: Path) -> None:
    with pytest.raises(GridError) as error:
        cells(tmp_path, text)
    message = str(error.value)
    assert message.startswith(str(tmp_path / "grid.toml"))
    assert said in message
    assert "\n" not in message


def test_a_combination_that_cannot_be_is_named(tmp_path: Path) -> None:
    with pytest.raises(GridError, match=r"table 1 of .*temperature = 0.5, method = 'chain': temperature must be"):
        cells(tmp_path, f"[[cells]]\n{SAMPLE}method = ['duel', 'chain']")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_grid(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"a = '\xff'")
    with pytest.raises(GridError, match="not UTF-8"):
        read_grid(tmp_path / "latin.toml")
