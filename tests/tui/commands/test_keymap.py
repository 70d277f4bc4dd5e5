from __future__ import annotations

import pytest

from skintui.errors import UsageError
from skintui.tui.commands.keymap import Keymap, shown
from skintui.tui.commands.table import COMMANDS, GROUPS


def test_the_table_has_no_key_twice() -> None:
    Keymap()


def test_every_command_is_in_a_group_of_the_help() -> None:
    assert {command.group for command in COMMANDS} == set(GROUPS)


def test_an_own_key_takes_the_place_of_all_the_tables() -> None:
    assert Keymap({"redo": "Z"}).keys["redo"] == ("Z",)


def test_only_the_users_own_keys_are_given_to_textual() -> None:
    assert Keymap().changed == {}
    assert Keymap({"redo": "Z,f9"}).changed == {"redo": "Z,f9"}


def test_two_own_keys_are_separated_by_a_comma() -> None:
    assert Keymap({"redo": "Z, ctrl+y"}).keys["redo"] == ("Z", "ctrl+y")


def test_a_key_with_two_meanings_is_refused_naming_both() -> None:
    with pytest.raises(UsageError, match=r"'x' is bound to both 'label_wrong' and 'note'"):
        Keymap({"note": "x"})


def test_two_commands_may_trade_keys() -> None:
    keymap = Keymap({"note": "x", "label_wrong": "t"})
    assert (keymap.keys["note"], keymap.keys["label_wrong"]) == (("x",), ("t",))


def test_an_unknown_command_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"unknown command 'lable_ok'.*did you mean 'label_ok'"):
        Keymap({"lable_ok": "z"})


@pytest.mark.parametrize("text", ["", "a,,b", ","])
def test_an_empty_key_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a key"):
        Keymap({"note": text})


@pytest.mark.parametrize(
    ("key", "words"),
    [("ctrl+d", "^d"), ("slash", "/"), ("pagedown", "PgDn"), ("G", "G"), ("backspace", "Backspace")],
)
def test_keys_are_shown_as_people_write_them(key: str, words: str) -> None:
    assert shown(key) == words
