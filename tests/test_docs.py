"""What the pages of docs/ say is true: Python blocks run, commands parse, links lead somewhere, names and tests exist.

The README's own block and commands are run by `test_readme`. Python blocks of a page run in their order, in one namespace and a
folder of their own; a block whose first line is `# NAME.toml` is that file. No Python block is left out; the scripts inside shell
blocks of the page on clusters need a cluster, so they are compiled only.
"""

import re
import shlex
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
import typer

import verify
from figures.cli import Picture
from simtemp.cli import build_app

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in sorted(DOCS.rglob("*.md"))}
WITH_COMMANDS = PAGES | {
    name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "examples/README.md")
}
PACKAGES = {
    "simtemp": "simtemp",
    "verify": "verify",
    "calm": "simtemp.calm",
    "adaptive": "simtemp.adaptive",
    "sweep": "simtemp.sweep",
}


def blocks(text: str, *languages: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.S | re.M)
    return [block for language, block in found if language in languages]


def a_model(directory: Path) -> Path:
    """What `simtemp calm train` leaves, untrained: pages take the directory of a model as given."""
    from simtemp.calm import CalmModel, save_checkpoint, tiny_config
    from simtemp.calm.tokenizer import character_tokenizer

    tokenizer = character_tokenizer("The with statement")
    save_checkpoint(CalmModel(tiny_config(tokenizer.vocab_size)), directory)
    tokenizer.save(directory)
    return directory


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page, text in PAGES.items() if blocks(text, "python")])
def test_python_blocks_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    namespace: dict[str, Any] = {"__name__": "page"}
    if "directory)" in PAGES[page]:
        namespace["directory"] = a_model(tmp_path / "model")
    for file in blocks(PAGES[page], "toml"):
        (tmp_path / file.splitlines()[0].removeprefix("# ")).write_text(file, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for number, block in enumerate(blocks(PAGES[page], "python"), 1):
        exec(compile(block, f"{page}, block {number}", "exec"), namespace)
    for test in [value for name, value in namespace.items() if name.startswith("test_")]:
        assert list(signature(test).parameters) == ["assert_unbiased"]
        test(verify.assert_unbiased)


def test_scripts_for_clusters_compile() -> None:
    scripts = [
        script
        for text in PAGES.values()
        for block in blocks(text, "sh")
        for script in re.findall(r"<<'EOF'\n(.*?)^EOF$", block, re.S | re.M)
    ]
    assert len(scripts) == 2
    for script in scripts:
        compile(script, "docs/clusters.md", "exec")


@pytest.fixture(scope="module")
def application() -> Any:
    return typer.main.get_command(build_app())


def leaf(command: Any, words: list[str]) -> tuple[Any, list[str]]:
    """The innermost subcommand that the words name, and the words that are left for it."""
    while words and not words[0].startswith("-") and hasattr(command, "commands"):
        assert words[0] in command.commands, f"there is no command {words[0]!r}"
        command, words = command.commands[words[0]], words[1:]
    return command, words


def written(text: str) -> list[str]:
    lines = [line for block in blocks(text, "", "sh") for line in block.splitlines()]
    parts = [part.strip() for line in lines for part in re.split(r"&&|  #", line)]
    return [part for part in parts if part.startswith("simtemp ")]


@pytest.mark.parametrize("page", [page for page, text in WITH_COMMANDS.items() if written(text)])
def test_commands_parse(page: str, application: Any) -> None:
    for line in written(WITH_COMMANDS[page]):
        command, words = leaf(application, shlex.split(line)[1:])
        command.make_context("simtemp", words)  # names, types, choices, what is required; runs nothing


@pytest.mark.parametrize("page", WITH_COMMANDS)
def test_commands_in_sentences_exist(page: str, application: Any) -> None:
    prose = re.sub(r"^```.*?^```$", "", WITH_COMMANDS[page], flags=re.S | re.M)
    for line in re.findall(r"`(simtemp [^`]+)`", prose):
        command, words = leaf(application, shlex.split(line)[1:])
        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        assert {word.partition("=")[0] for word in words if re.match(r"--?[A-Za-z]", word)} <= known | {"--help"}


def test_parsing_sees_an_option_that_is_not_there(application: Any) -> None:
    command, words = leaf(application, ["law", "--base", "peaked9", "-T", "0.5", "--batchsize", "3"])
    with pytest.raises(Exception, match="--batchsize"):
        command.make_context("simtemp", words)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", PAGES[page]):
        assert (ROOT / page).parent.joinpath(link).exists(), link


def named(dotted: str) -> Any:
    module, _, rest = dotted.rpartition(".")
    return getattr(import_module(module), rest)


THEOREMS = [
    [re.findall(r"`([^`]+)`", cell) for cell in row]
    for row in re.findall(r"^\| .+ \| (.+) \| (.+) \|$", PAGES["docs/theory.md"], re.M)
    if row != ("function", "test")
]


@pytest.mark.slow  # imports everything
def test_every_theorem_has_a_function_and_a_test() -> None:
    assert len(THEOREMS) > 40
    for functions, tests in THEOREMS:
        assert functions and tests
        for function in functions:
            named(function)
        for test in tests:
            assert (ROOT / test).is_file(), test


@pytest.mark.slow  # imports everything
@pytest.mark.parametrize(("page", "package"), PACKAGES.items())
def test_reference_has_every_public_name(page: str, package: str) -> None:
    listed = re.findall(r"^::: (\S+)$", PAGES[f"docs/api/{page}.md"], re.M)
    assert len(set(listed)) == len(listed)
    assert {f"{package}.{name}" for name in import_module(package).__all__} <= set(listed)
    for name in listed:
        named(name)


def test_navigation_has_every_page() -> None:
    navigation = re.findall(r": (\S+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.M)
    assert sorted(f"docs/{page}" for page in navigation) == sorted(PAGES)


def test_gallery_has_every_picture() -> None:
    shown = re.findall(r"simtemp plot (\S+)", PAGES["docs/gallery.md"])
    assert sorted(shown) == sorted(picture.value for picture in Picture)


def test_sections_taken_from_the_readme_are_there() -> None:
    titles = [title for text in PAGES.values() for title in re.findall(r"<!-- README: (.+?) -->", text)]
    assert titles == ["What is not good"]
    assert f"\n## {titles[0]}\n" in WITH_COMMANDS["README.md"]
