"""What Tab offers in spock."""

from itertools import count
from types import SimpleNamespace
from typing import Any

from scifish.errors import SciFishError
from scifish.sardana.spock_completion import SpockCompletion, load_ipython_extension


def typed(line: str) -> Any:
    return SimpleNamespace(text_until_cursor=line)


def test_the_names_are_offered_for_the_first_argument_only() -> None:
    names = ["20260001", "20260002", "-"]
    complete = SpockCompletion(lambda _: names)
    assert complete(None, typed("scicat_proposal ")) == names
    assert complete(None, typed("%scicat_proposal 2026")) == names
    assert complete(None, typed("scicat_proposal 20260001 ")) == []
    assert complete(None, typed("scicat_proposal 20260001 x")) == []


def test_an_answer_is_used_again_for_some_seconds() -> None:
    asked = count(1)
    complete = SpockCompletion(lambda _: [str(next(asked))])
    assert [complete(None, typed("scicat_sample "))[0] for _ in range(3)] == ["1"] * 3
    complete = SpockCompletion(lambda _: [str(next(asked))], kept=-1.0)
    assert [complete(None, typed("scicat_sample "))[0] for _ in range(2)] == ["2", "3"]


def test_what_is_typed_is_asked_for() -> None:
    complete = SpockCompletion(lambda typed: [f"{typed}01"])
    assert complete(None, typed("scicat_add mot")) == ["mot01"]
    assert complete(None, typed("scicat_add moto")) == ["moto01"]


def test_nothing_is_offered_while_pathfixer_is_away() -> None:
    def away(_: str) -> list[str]:
        raise SciFishError("PathFixer demo/ctl/sdm-01 does not answer; start it")

    assert SpockCompletion(away)(None, typed("scicat_proposal ")) == []


def test_it_comes_before_spocks_own() -> None:
    hooks: list[tuple[str, int, str]] = []

    def set_hook(name: str, _hook: object, priority: int, str_key: str) -> None:
        hooks.append((name, priority, str_key))

    load_ipython_extension(SimpleNamespace(set_hook=set_hook))
    macros = ("scicat_add", "scicat_proposal", "scicat_sample", "scicat_activate", "scicat_preview")
    keys = {f"{sign}{macro}" for sign in ("", "%") for macro in macros}
    assert {key for _, _, key in hooks} == keys
    assert {(name, priority) for name, priority, _ in hooks} == {("complete_command", 0)}
