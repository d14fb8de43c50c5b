import pytest

from figures.gallery import GALLERY, plot_command, settings
from figures.seeds import child_seed
from simtemp import SUITE


def test_defaults():
    assert settings(GALLERY["cost"])["bases"] == (*SUITE, "text")
    assert settings(GALLERY["shapes"]) == {"bases": ("peaked9", "text")}


def test_what_is_given_beats_quick_beats_the_default():
    assert settings(GALLERY["cost"], quick=True)["size"] == 400
    assert settings(GALLERY["cost"], quick=True, size=7)["size"] == 7
    assert "size" not in settings(GALLERY["cost"])


@pytest.mark.parametrize(
    ("picture", "given"),
    [
        ("shapes", {"size": 5}),
        ("cost", {"batch_sizes": [5]}),
        ("rejection", {"batch_sizes": [20]}),
        ("shapes", {"size": 0}),
        ("nulls", {"batch_sizes": [20]}),
        ("certificate", {"method": "duel"}),
    ],
)
def test_settings_that_a_picture_does_not_have(picture, given):
    with pytest.raises(ValueError, match="is no setting of the picture"):
        settings(GALLERY[picture], **given)


def test_threads_only_where_samplers_run():
    assert settings(GALLERY["evidence"], threads=2, method="duel")["threads"] == 2
    assert "threads" not in settings(GALLERY["nulls"], threads=2)
    assert settings(GALLERY["nulls"], seed=3)["seed"] == 3
    assert {name for name, entry in GALLERY.items() if entry.of_judge} == {
        "nulls",
        "evidence",
        "certificate",
        "detection",
    }


def test_commands():
    assert plot_command(GALLERY["shapes"], "a.svg", seed=3) == "simtemp plot shapes -o a.svg"
    assert (
        plot_command(GALLERY["cost"], "a.svg", bases=["file:my file.csv"], seed=3, quick=True)
        == "simtemp plot cost --base 'file:my file.csv' --seed 3 --quick -o a.svg"
    )


def test_seeds_of_roles_differ():
    seeds = {child_seed(seed, role, i) for seed in range(10) for role in ("a", "b") for i in range(500)}
    assert len(seeds) >= 10_000 - 2  # 10,000 of 2**32: a coincidence has probability 0.012, two have 1e-4
    assert child_seed(0, "a", "b") != child_seed(0, "ab")
    assert child_seed(0, "cost") == 3855304380
