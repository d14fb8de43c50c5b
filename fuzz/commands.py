"""Command lines, plausible and hostile; those that are legal ask for little work."""

from __future__ import annotations

from hypothesis import strategies as st

from fuzz import world

HOSTILE = (
    "", " ", "0", "1", "-1", "2", "-0.0", "0.5", "1.0", "1.5", "1e3", "1e16", "nan", "NaN", "inf", "-inf", "1e400", "1e-400",
    "1e-320", "1e308", "1_0", "0x10", "٣", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1" * 40,
    "1" * 400, "9" * 5000, "true", "None", "[/x]", "[bold]", "$x$", "a\0b", "\ud800", "\udcff", "é", "\u202e", "a b", "*", "~",
    "~nobody/x", "%s{0}", "--", "-", "-x", "--json", "x" * 300, "/", "..", ".", "a/b", "/dev/null", "/proc/self/mem",
    "x" * 5000, "\n", "a\nb",
)  # fmt: skip

_hostile = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(exclude_characters="/\\"), max_size=8),
    st.floats().map(repr),
    st.integers().map(str),
)


def _of(*values: str) -> st.SearchStrategy[str]:
    return st.sampled_from(values)


_good = _of(
    "two", "two:0.3", "uniform:4", "peaked9", "near", "geometric:5,0.5", "file:base.csv", "file:base.json", "file:base.tsv",
    "file:a[b].csv", "file:[/x].csv", "file:\udcff.csv", "file:x$\\q$.csv", "file::smile:.csv", "file:surrogate.json",
    "file:ünï cödé.csv", "file:{0}%s.csv",
)  # fmt: skip
_spec = st.one_of(
    _good,
    _good,
    _of("two:1", "geometric:5,0.5", "zipf:9,1.1", "dirichlet:4,1,0", "softmax:4,1,0", "probs:0.5,0.5"),
    st.sampled_from(world.TABLES).map(lambda name: f"file:{name}"),
    st.sampled_from(world.ODD_NAMES).map(lambda name: f"file:{name}"),
    st.builds(lambda name, length: f"text:{name},{length}", st.sampled_from(world.TEXTS), _of("1", "2", "0", "-1", "x", "1e3", "99999")),
    st.builds(
        lambda name, values: f"{name}:{','.join(values)}",
        _of("two", "uniform", "geometric", "zipf", "dirichlet", "softmax", "probs", "file", "text", "peaked9", "", " two", "TWO", "[/x]"),
        st.lists(st.one_of(_of("1", "2", "0.5", "1e-9"), _hostile.filter(lambda text: len(text) < 50)), max_size=4),
    ),
)  # fmt: skip

_temperature = _of("0.5", "0.25", "0.1", "1", "2", "0", "0.3", "inf", "0.01", "1e-5", "1e3", "0.9999999")
_method = _of("duel", "collision", "accepted", "batch", "chain", "Duel", "")
_seed = _of("0", "1", "123456789012345678901234567890")
_small = _of("1", "2", "10", "100")
_rate = _of("0.1", "0.05", "1e-6", "0.5", "0", "1")
_METHOD_OPTIONS = {
    "--early-exit": None, "--rule": _of("published", "plug-in", "falling", "corrected", "x"), "--split": _of("1", "2", "0", "9"),
    "--fraction": _of("proposal", "last", "x"), "--steps": _of("0", "1", "20"),
}  # fmt: skip
_MORE = _METHOD_OPTIONS | {
    "--coupling": _of("past", "stream", "x"),
    "--budget": _small,
    "--batch-size": _small,
    "--threads": _of("1", "2", "0"),
}
_table = st.sampled_from(world.TEXTS)
_picture = _of(
    "out.svg", "out.png", "out.pdf", "no/out.svg", "folder.csv", "out.txt", "", "a[b].svg", "out.SVG", ".svg"
)

COMMANDS: dict[
    str,
    tuple[list[st.SearchStrategy[str]], dict[str, st.SearchStrategy[str]], dict[str, st.SearchStrategy[str] | None]],
] = {
    "sample": (
        [],
        {"--base": _spec, "-T": _temperature, "--size": _of("1", "50", "400"), "--max-draws": _of("1e5", "1000")},
        _MORE
        | {"--method": _method, "--seed": _seed, "-o": _of("x.npy", "folder.csv", "no/x.npy", "", "x"), "--json": None},
    ),
    "law": (
        [],
        {"--base": _spec, "-T": _temperature},
        {
            "--batch-size": _small,
            "--rule": _of("published", "plug-in", "falling", "corrected"),
            "--seed": _seed,
            "--json": None,
        },
    ),
    "verify": (
        [
            st.one_of(
                _method,
                st.sampled_from(world.OUTPUTS).map(lambda name: f"file:{name}"),
                _of(
                    "judge:right",
                    "judge:wrong",
                    "judge:number",
                    "judge:no",
                    "no:x",
                    ":",
                    "::",
                    "..:x",
                    ".:x",
                    "os.path:join",
                    "file:",
                    "builtins:len",
                    "math:pi.real",
                    "judge:right.x",
                ),
            )
        ],
        {
            "--base": _spec,
            "-T": _temperature,
            "--max-samples": _of("500", "2000", "1"),
            "--max-draws": _of("1e6", "1000"),
        },
        _MORE
        | {
            "--epsilon": _rate,
            "--alpha": _rate,
            "--delta": _rate,
            "--expected-draws": _of("1", "0", "5"),
            "--seed": _seed,
            "-o": _picture,
            "--json": None,
        },
    ),
    "plot": (
        [
            _of(
                "shapes",
                "rejection",
                "cost",
                "draws",
                "error",
                "rules",
                "spread",
                "choice",
                "nulls",
                "evidence",
                "certificate",
                "detection",
                "sweep",
                "adaptive-scores",
                "adaptive-kinds",
                "adaptive-places",
                "adaptive-learning",
                "adaptive-world",
                "x",
            )
        ],
        {
            "-o": _picture,
            "--base": _spec.filter(lambda spec: not spec.startswith("text")),
            "--size": _of("10", "30"),
            "--quick": None,
        },
        {
            "-T": _temperature,
            "-N": _small,
            "--method": _method,
            "--seed": _seed,
            "--threads": _of("1"),
            "--model": st.sampled_from(world.MODELS),
            "--text": _table,
        },
    ),
    "plot sweep": (
        [],
        {"-o": _picture, "--store": st.sampled_from(world.STORES)},
        {
            "--x": _of("temperature", "tv", "kind", "key", "no", ""),
            "--y": _of("tv", "", "temperature", "mean_draws", "seed", "error", "seconds"),
            "--by": _of("base", "method", "base,method", ",", "temperature,base", "", "base,base", "tv"),
            "--base": _of("two", "near", "x"),
        },
    ),
    "plot adaptive": (
        [_of("adaptive-scores", "adaptive-kinds", "adaptive-places", "adaptive-learning", "adaptive-world")],
        {"-o": _picture, "--results": st.sampled_from(world.RESULTS)},
        {"--base": _spec},
    ),
    "report": (
        [],
        {"--base": _of("x", "two:2", "file:no.csv", "uniform:0")},
        {
            "-o": _of("report", "text.txt", "no/deeper"),
            "--seed": _seed,
            "--quick": None,
            "--calm": st.sampled_from(world.MODELS),
            "--adapt": st.sampled_from(world.RESULTS),
        },
    ),
    "sweep": (
        [st.sampled_from(world.GRIDS)],
        {"--store": st.sampled_from(world.STORES), "--threads": _of("1", "0")},
        {
            "--retry": None,
            "--fresh": None,
            "--resume": None,
            "--dry-run": None,
            "--export": _of("x.csv", "x.parquet", "x.txt", "folder.csv", "no/x.csv", ""),
            "--json": None,
            "--wait": _of("0", "1"),
        },
    ),
    "calm train": (
        [],
        {
            "--text": _table,
            "--size": st.sampled_from(world.CONFIGS[1:]),
            "--steps": _of("1", "2"),
            "--autoencoder-steps": _of("1", "2"),
            "-o": st.sampled_from(world.RUNS),
            "--threads": _of("1"),
        },
        {
            "--tokenizer": st.sampled_from(world.TOKENIZERS),
            "--head": _of("energy", "flow", "diffusion", "x"),
            "--seed": _seed,
            "--resume": None,
            "--fresh": None,
            "--json": None,
        },
    ),
    "calm decode": (
        [st.sampled_from(world.MODELS)],
        {"-T": _temperature, "--blocks": _of("1", "2"), "--max-draws": _of("1000", "10"), "--budget": _of("4", "32")},
        _METHOD_OPTIONS
        | {
            "--prompt": _of("abc", "a", "", "zzz", "[/x]", "\0"),
            "--prompt-file": _table,
            "--method": _method,
            "--exact": None,
            "--seed": _seed,
            "--device": _of("cpu", "cuda", "x", "meta"),
            "--dtype": _of("float32", "bfloat16", "int8"),
            "--json": None,
        },
    ),
    "calm verify": (
        [],
        {
            "-T": _temperature,
            "--contexts": _of("1", "2"),
            "--codebook": _of("8", "16"),
            "--max-samples": _of("20", "50"),
            "--max-draws": _of("2e3", "100"),
            "--law-draws": _of("100", "1000"),
        },
        _METHOD_OPTIONS
        | {
            "--tiny": None,
            "--continuous": None,
            "--own-law": None,
            "--path": _of("network", "lookup", "x"),
            "--method": _method,
            "--budget": _small,
            "--epsilon": _rate,
            "--alpha": _rate,
            "--seed": _seed,
            "--json": None,
        },
    ),
    "calm verify model": (
        [st.sampled_from(world.MODELS)],
        {
            "-T": _temperature,
            "--contexts": _of("1"),
            "--codebook": _of("8"),
            "--max-samples": _of("50"),
            "--max-draws": _of("2e4"),
            "--text": _table,
        },
        {"--method": _method, "--json": None},
    ),
    "adapt train": (
        [_of("world", "repeats", "x", "all", "")],
        {"--loss": _of("x", " ", "LATENT"), "--quick": None},
        {
            "--model": _of("logits", "blocks", "both", "x"),
            "-o": st.sampled_from(world.RUNS),
            "--seed": _of("-1"),
            "--workers": _of("0"),
            "--json": None,
        },
    ),
    "adapt evaluate": (
        [_of("repeats", "x", "mixed")],
        {"--loss": _of("x", "NLL"), "--quick": None},
        {
            "--model": _of("logits", "blocks", "x"),
            "-o": st.sampled_from(world.RUNS),
            "--workers": _of("0"),
            "--json": None,
        },
    ),
}
"""By name: arguments, options that keep the work small and are nearly always given, options that may be given."""

_WORDS = {"plot sweep": ["plot", "sweep"], "plot adaptive": ["plot"], "calm verify model": ["calm", "verify"]}
_KEEP_LEGAL = {
    "--size",
    "--max-samples",
    "--max-draws",
    "--blocks",
    "--contexts",
    "--codebook",
    "--law-draws",
    "--steps",
    "--autoencoder-steps",
    "--loss",
    "--quick",
}
"""A legal large value of these is a long command, not a finding; of hostile ones only those that are refused."""

_REFUSED = (" ", "0", "-1", "nan", "-inf", "x", "1e400", "-0.0", "1" * 400, "9" * 5000, "a b", "[/x]")


_LEGAL = (
    "sample --base {base} -T 0.5 --size 50 --max-draws 1e5 --json",
    "sample --base {base} -T 0.3 --method batch --batch-size 20 --rule plug-in --size 50 --max-draws 1e5 --json",
    "sample --base {base} -T 0.25 --method collision --early-exit --size 20 --max-draws 1e5 --threads 1",
    "sample --base {base} -T 0.4 --budget 50 --rule falling --split 1 --fraction last --size 50 --max-draws 1e5 --json",
    "sample --base {base} -T 3 --method chain --steps 5 --size 50 --seed 7 -o x.npy --max-draws 1e5",
    "sample --base {base} -T 0.4 --method accepted --size 50 --max-draws 1e5 --json",
    "sample --base {base} -T 0.4 --coupling stream --size 50 --max-draws 1e5 --json",
    "law --base {base} -T 0.5 --batch-size 10 --json",
    "law --base {base} -T 0.3 --batch-size 30 --rule plug-in",
    "law --base {base} -T 0 --json",
    "verify duel --base {base} -T 0.5 --max-samples 2000 --max-draws 1e6 --epsilon 0.3 --alpha 0.01 --delta 0.01 --json",
    "verify batch --batch-size 5 --base {base} -T 0.5 --max-samples 2000 --max-draws 1e6 --epsilon 0.1 --alpha 0.01 --delta 0.01",
    "verify judge:right --base two:0.7 -T 1 --max-samples 2000 --epsilon 0.2 -o out.svg --json",
    "verify judge:wrong --base two:0.7 -T 1 --max-samples 2000 --json",
    "verify file:outputs.csv --base file:base.csv -T 1 --max-samples 2000 --json",
    "verify file:odd.jsonl --base file:surrogate.json -T 1 --max-samples 2000",
    "verify file:outputs.npy --base two:0.5 -T 1 --max-samples 2000 -o out.png",
    "plot shapes --base {base} -T 0.5 --quick -o out.svg",
    "plot choice --base {base} -T 0.5 -N 10 --size 30 --quick -o out.png --threads 1",
    "plot error --base two:0.3 -T 0.5 -N 10 --size 30 --quick -o out.svg",
    "plot sweep --store store.sqlite -o out.svg",
    "plot sweep --store store.sqlite --y mean_draws --x temperature --by base -o out.png",
    "plot adaptive-scores --results results -o out.svg",
    "plot adaptive-world --results results -o out.svg",
    "sweep grid.toml --store new.sqlite --threads 1 --export x.csv --json",
    "sweep failing.toml --store other.sqlite --threads 1 --retry",
    "sweep --store store.sqlite --export x.csv",
    "calm train --text text.txt --size size.json --steps 1 --autoencoder-steps 1 -o run-new --threads 1 --fresh --json",
    "calm decode model -T 0.5 --prompt abc --blocks 1 --budget 8 --max-draws 1000 --json",
    "calm decode sharded -T 2 --method batch --prompt a --prompt bc --blocks 1 --budget 8 --max-draws 1000",
    "calm decode bin -T 0 --prompt-file short.txt --blocks 1 --budget 8 --max-draws 1000",
    "calm verify --tiny -T 1 --contexts 1 --codebook 8 --max-samples 20 --max-draws 2e3 --json",
    "calm verify --tiny -T 1 --contexts 1 --continuous --law-draws 100 --max-samples 20 --max-draws 2e3",
    "adapt train repeats --loss x --quick -o run-new --workers 1",
)
"""Command lines that do something, to be damaged at a word or two."""


@st.composite
def _near_legal(draw: st.DrawFn) -> list[str]:
    base = draw(_good)
    words = [word.replace("{base}", base) for word in draw(st.sampled_from(_LEGAL)).split()]
    for _ in range(draw(st.sampled_from((0, 0, 1, 1, 2)))):
        place = draw(st.integers(1, len(words) - 1))
        cheap = words[place - 1] in _KEEP_LEGAL
        what = draw(st.sampled_from(("value", "value", "value", "remove", "repeat", "swap")))
        if what == "value" and words[place] not in _KEEP_LEGAL:
            words[place] = draw(st.sampled_from(_REFUSED) if cheap else _hostile)
        elif what == "remove" and not cheap and words[place] not in _KEEP_LEGAL:
            del words[place]
        elif what == "repeat":
            words.insert(place, words[place])
        elif what == "swap" and not any(word in _KEEP_LEGAL for word in words[place - 1 : place + 2]):
            other = draw(st.integers(1, len(words) - 1))
            if words[other] not in _KEEP_LEGAL and words[other - 1] not in _KEEP_LEGAL:
                words[place], words[other] = words[other], words[place]
        if len(words) < 2:
            break
    return words


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    """One command line."""
    if draw(st.booleans()):
        return draw(_near_legal())
    if draw(st.integers(0, 19)) == 0:
        return draw(
            st.lists(
                st.one_of(
                    _hostile, st.sampled_from([word for name in COMMANDS if name != "report" for word in name.split()])
                ),
                max_size=4,
            )
        )
    name = draw(st.sampled_from(list(COMMANDS)))
    arguments, needed, further = COMMANDS[name]
    hostility = draw(st.sampled_from((0, 0, 1, 3)))
    parts: list[list[str]] = []
    for argument in arguments:
        if draw(st.integers(0, 39)):
            parts.append([draw(argument) if draw(st.integers(0, 9)) >= hostility else draw(_hostile)])
    for option, values in needed.items():
        if option in _KEEP_LEGAL or name in ("report", "plot") or draw(st.integers(0, 19)):
            parts.append(
                _option(draw, option, values, 0 if name == "report" else hostility)
            )  # a report that is legal takes minutes
    for option in draw(st.lists(st.sampled_from(list(further)), max_size=4)):
        parts.append(_option(draw, option, further[option], hostility))
    words = [word for part in draw(st.permutations(parts)) for word in part]
    if name != "report" and draw(st.integers(0, 99)) == 0:  # it must not lose its bad base
        words.insert(
            draw(st.integers(0, len(words))), draw(st.sampled_from(("--help", "-h", "--", "--no", "-o", "extra")))
        )
    return [*_WORDS.get(name, name.split()), *words]


def _option(draw: st.DrawFn, option: str, values: st.SearchStrategy[str] | None, hostility: int) -> list[str]:
    if values is None:
        return [option]
    if draw(st.integers(0, 9)) >= hostility:
        value = draw(values)
    else:
        value = draw(st.sampled_from(_REFUSED) if option in _KEEP_LEGAL else _hostile)
    return [f"{option}={value}"] if option.startswith("--") and draw(st.integers(0, 4)) == 0 else [option, value]
