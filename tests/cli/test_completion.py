"""The completion scripts: every shell that is installed accepts its own and completes with it."""

import shutil
import subprocess

import pytest

from indicial.cli.main import main
from indicial.cli.options import SHELLS, Parsers

PARSERS = Parsers("0").commands


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    """The script of each shell, in a file."""
    folder = tmp_path_factory.mktemp("completion")
    files = {}
    for shell in SHELLS:
        files[shell] = folder / f"indicial.{shell}"
        with pytest.MonkeyPatch.context() as patch, files[shell].open("w", encoding="utf-8") as file:
            patch.setattr("sys.stdout", file)
            assert main(["completion", shell]) == 0
    return files


def shell_says(shell: str, *words: str) -> str:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    done = subprocess.run([shell, *words], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_and_option_is_in_it(scripts, shell):
    script = scripts[shell].read_text(encoding="utf-8")
    flags = [flag for parser in PARSERS.values() for flag in parser._option_string_actions]
    for word in [*PARSERS, *flags]:
        assert word in script or (shell == "fish" and word.lstrip("-") in script)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_reads_it(scripts, shell):
    assert shell_says(shell, "-n", str(scripts[shell])) == ""


@pytest.mark.parametrize(
    ("words", "answers"),
    [
        (["pl"], {"plan"}),
        (["derive", "--m"], {"--matrix"}),
        (["derive", "x", "--code", "j"], {"jax"}),
        (["derive", "x", "--layout", ""], {"numerator", "denominator"}),
        (["completion", ""], set(SHELLS)),
        (["eval", "x", "--wrt", ""], set()),
    ],
)
def test_bash_completes(scripts, words, answers):
    line = " ".join([f"'{word}'" for word in ["indicial", *words]])
    code = f"source '{scripts['bash']}'; COMP_WORDS=({line}); COMP_CWORD={len(words)}; _indicial; "
    assert set(shell_says("bash", "-c", code + 'echo "${COMPREPLY[@]}"').split()) == answers


@pytest.mark.parametrize(
    ("line", "answers"),
    [
        ("indicial pl", {"plan"}),
        ("indicial derive x --code j", {"jax"}),
        ("indicial derive --mat", {"--matrix"}),
    ],
)
def test_fish_completes(scripts, line, answers):
    code = f"source {scripts['fish']}; complete -C '{line}'"
    printed = shell_says("fish", "--no-config", "-c", code)
    assert {each.split("\t")[0] for each in printed.splitlines()} == answers


def test_zsh_loads_it(scripts):
    code = f"autoload -U compinit; compinit -D; source {scripts['zsh']}; print $_comps[indicial]"
    assert shell_says("zsh", "-f", "-c", code).strip() == "_indicial"


def test_another_shell_is_refused(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["completion", "tcsh"])
    assert caught.value.code == 2
    assert "bash" in capsys.readouterr().err
