"""Completion scripts for shells, written from the parsers themselves.

A script is static: completing a word starts no Python and imports no NumPy, which would take longer than
typing the word; and the scripts name no option that the parsers lack.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from indicial.cli.options import Parsers

_FILE = "FILE"  # the metavar of an option that names a file
Commands = Mapping[str, argparse.ArgumentParser]


@dataclass(frozen=True, slots=True)
class Option:
    """What a shell is told of an option, or of an argument, which has no flags."""

    flags: tuple[str, ...]
    help: str
    value: str | None  # what it takes, None for nothing
    choices: tuple[str, ...]
    repeats: bool

    @property
    def file(self) -> bool:
        """Whether its value is a file, as any argument may be that has no choices."""
        return self.value == _FILE or (not self.flags and not self.choices)


def run_completion(options: argparse.Namespace) -> int:
    """Prints the completion script of a shell."""
    print(completion_script(options.shell, Parsers("").commands), end="")
    return 0


def completion_script(shell: str, commands: Commands) -> str:
    """The script of one of SHELLS."""
    return _SCRIPTS[shell](commands)


def _options(parser: argparse.ArgumentParser) -> list[Option]:
    return [_option(action) for action in parser._actions]  # argparse has no public list of them


def _option(action: argparse.Action) -> Option:
    takes = not action.option_strings or action.nargs != 0
    value = action.metavar if isinstance(action.metavar, str) else action.dest
    return Option(
        tuple(action.option_strings),
        _clause(action.help or ""),
        value if takes else None,
        tuple([str(choice) for choice in action.choices or ()]),
        isinstance(action, argparse._AppendAction) or action.nargs == "*",
    )


def _clause(text: str) -> str:
    """The first clause of a help text: what a person reads beside a flag."""
    return re.split(r"[:;]", text)[0]


def _summary(parser: argparse.ArgumentParser) -> str:
    return (parser.description or "").rstrip(".")


# ---- bash --------------------------------------------------------------------------------------


def _bash(commands: Commands) -> str:
    cases = "\n".join([_bash_case(name, _options(parser)) for name, parser in commands.items()])
    return f"""\
# Completion of indicial for bash, written by `indicial completion bash`.
_indicial() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}} known=""
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        known="{" ".join(commands)} --help --version"
    else
        case ${{COMP_WORDS[1]}} in
{cases}
        esac
    fi
    if [[ -n $known ]]; then
        COMPREPLY=($(compgen -W "$known" -- "$word"))
    fi
}}
complete -o bashdefault -o default -F _indicial indicial
"""


def _bash_case(name: str, options: Sequence[Option]) -> str:
    """The words that may follow; where there are none to tell, bash offers files."""
    flags = " ".join([flag for option in options for flag in option.flags])
    words = " ".join([word for option in options if not option.flags for word in option.choices])
    lines = [f"        {name})", "            case $before in"]
    for option in options:
        if option.flags and option.value is not None:
            known = f'known="{" ".join(option.choices)}"' if option.choices else ":"
            lines.append(f"            {'|'.join(option.flags)}) {known} ;;")
    other = f'known="{words}"' if words else ":"
    lines.append(f'            *) if [[ $word == -* ]]; then known="{flags}"; else {other}; fi ;;')
    return "\n".join([*lines, "            esac", "            ;;"])


# ---- zsh ---------------------------------------------------------------------------------------


def _zsh(commands: Commands) -> str:
    names = " ".join([_quoted(f"{name}:{_summary(parser)}") for name, parser in commands.items()])
    cases = "\n".join([_zsh_case(name, _options(parser)) for name, parser in commands.items()])
    return f"""\
#compdef indicial
# Completion of indicial for zsh, written by `indicial completion zsh`.
_indicial() {{
    local context state state_descr line
    local -a commands=({names})
    typeset -A opt_args
    _arguments -C '--help[show the help]' '--version[show the version]' '1: :->command' '*:: :->rest'
    case $state in
    command) _describe -t commands command commands ;;
    rest)
        case $words[1] in
{cases}
        esac
        ;;
    esac
}}
if [[ $funcstack[1] == _indicial ]]; then
    _indicial "$@"
else
    compdef _indicial indicial
fi
"""


def _zsh_case(name: str, options: Sequence[Option]) -> str:
    specs = [spec for option in options for spec in _zsh_specs(option)]
    return f"        {name}) _arguments {' '.join([_quoted(spec) for spec in specs])} ;;"


def _zsh_specs(option: Option) -> Iterator[str]:
    """`--flag[help]:value:action`, as _arguments reads it."""
    action = f"({' '.join(option.choices)})" if option.choices else "_files" if option.file else " "
    value = "" if option.value is None else f":{_plain(option.value)}:{action}"
    if not option.flags:
        yield f"*{value}" if option.repeats else value
    for flag in option.flags:
        alone = "*" if option.repeats else f"({' '.join(option.flags)})"
        yield f"{alone}{flag}[{_plain(option.help)}]{value}"


def _plain(text: str) -> str:
    """Without the signs that mean something to _arguments."""
    return "".join([f"\\{sign}" if sign in "[]:\\" else sign for sign in text])


# ---- fish --------------------------------------------------------------------------------------


def _fish(commands: Commands) -> str:
    lines = ["# Completion of indicial for fish, written by `indicial completion fish`."]
    for name, parser in commands.items():
        about = _quoted(_summary(parser), fish=True)
        lines.append(f"complete -c indicial -n __fish_use_subcommand -f -a {name} -d {about}")
    for name, parser in commands.items():
        here = f"complete -c indicial -n '__fish_seen_subcommand_from {name}'"
        lines += [f"{here} {_fish_words(option)}" for option in _options(parser) if _fish_words(option)]
    return "\n".join([*lines, ""])


def _fish_words(option: Option) -> str:
    """The arguments of fish's `complete` for an option; nothing where fish offers files by itself."""
    words = [f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags]
    if option.choices:
        words.append(f"{'-x ' if option.flags else '-f '}-a {_quoted(' '.join(option.choices))}")
    elif option.flags and option.value is not None:
        words.append("-r -F" if option.file else "-x")
    return " ".join([*words, f"-d {_quoted(option.help, fish=True)}"]) if words else ""


def _quoted(text: str, *, fish: bool = False) -> str:
    """In single quotes, as a shell reads them."""
    if fish:
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return "'" + text.replace("'", "'\\''") + "'"


_SCRIPTS: Mapping[str, Callable[[Commands], str]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
