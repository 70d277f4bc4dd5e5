"""Text of data files in what is written for people and machines: report, card, description. None of it acts."""

from __future__ import annotations

import base64
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from skintui.cli.main import run
from skintui.steps.card import DatasetFacts
from skintui.steps.card_text import escaped
from skintui.steps.croissant import inert, licence_addresses
from skintui.steps.evaluation.report import report_html
from skintui.steps.place import Place
from tests.hostile import data
from tests.hostile.sequences import kinds
from tests.steps.evaluation.made_evaluation import evaluation

MARKED = (
    *data.PAYLOADS, "![x](javascript:alert(1))", "[x](javascript:alert(1))", "<javascript:alert(1)>",
    "[x]: javascript:x", "<img src=x onerror=alert(1)>", "</title><script>alert(1)</script>",
    '" onmouseover="alert(1)', "' autofocus onfocus='x", "<!--", "]]>", "<![CDATA[", "&lt;script&gt;",
    "http://evil.example", "www.evil.example", "a|b|c", "`x`", "**b**", "# x", "- x", "+ x", "---", "===", "1. x",
    "2) x", "> x", "    code", "$\\input{/etc/passwd}$", "<svg onload=alert(1)>", "\\",
)  # fmt: skip


class Elements(HTMLParser):
    """Every start tag with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    @property
    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(tag, tuple(attributes)) for tag, attributes in self.found]


def _with_texts(texts: list[str]) -> dict[str, Any]:
    """A small evaluation whose every text is one of these, in turn."""
    found = evaluation()
    kept = ("setup", "notes", "groups", "groups_left_out", "leave_one_source_out", "probe", "cost")
    found = {key: found[key] for key in kept}
    for one in (*found["groups"], *found["leave_one_source_out"]):
        one["fit"] = {"areaMM2": one["fit"]["areaMM2"]}
        one["retrieval"] = {method: {"areaMM2": row["areaMM2"]} for method, row in one["retrieval"].items()}
    found["groups"] = [{**found["groups"][0], "group": text} for text in texts[:22]]
    found["leave_one_source_out"] = [{**found["leave_one_source_out"][0], "group": text} for text in texts[22:]]
    found["groups_left_out"] = [{**found["groups_left_out"][0], "group": text, "reason": text} for text in texts]
    found["notes"] = texts
    for side in ("database", "queries"):
        found["setup"][side] = {**found["setup"][side], "name": texts[0], "dataset_sha256": texts[1]}
    found["setup"]["model"] = dict.fromkeys(("model_id", "model_sha256", "adapter_sha256", "prompt_sha256"), texts[2])
    found["setup"] |= {"predictions": texts[3], "held_out_by": texts[4]}
    found["cost"] |= {"machine": texts[5]}
    found["cost"]["stages"] = [{**found["cost"]["stages"][0], "stage": text, "device": text} for text in texts]
    found["probe"]["monet"]["note"] = texts[6]
    return found


@pytest.fixture(scope="module")
def report() -> str:
    return report_html(_with_texts(list(MARKED)), command=" ".join(MARKED))


def test_no_text_makes_an_element_of_the_report(report: str) -> None:
    plain = Elements(report_html(_with_texts(["plain"] * len(MARKED)), command="plain"))
    evil = Elements(report)
    assert evil.shape == plain.shape
    assert kinds(report.encode()) == {"control '\\n'"}
    for _, attributes in evil.found:
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("href") or "#").startswith("#")
        assert (attributes.get("src") or "data:image/svg+xml;base64,").startswith("data:image/svg+xml;base64,")


def test_no_text_makes_an_element_of_a_plot(report: str) -> None:
    plots = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', report)
    assert plots
    for plot in plots:
        drawn = ElementTree.fromstring(base64.b64decode(plot))  # noqa: S314 -- our own
        tags = {element.tag.rpartition("}")[2] for element in drawn.iter()}
        assert not tags & {"script", "foreignObject", "image", "a", "iframe", "animate", "set"}


def _tokens(markdown: str) -> list[str]:
    """What CommonMark with tables makes of a text, HTML allowed, as a careless page would."""
    found = []
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown):
        found.append(token.type)
        found += [child.type for child in token.children or () if child.type != "text_special"]
    return [kind for kind in found if kind != "text"]


@pytest.mark.parametrize("around", ["- {}", "- {}: 5", "# {}", "| {} | b |\n| --- | --- |\n| {} | c |", "a {} b"])
def test_text_stays_text_in_markdown(around: str) -> None:
    plain = _tokens(around.replace("{}", "plain"))
    for text in MARKED:
        assert _tokens(around.replace("{}", escaped(text))) == plain, text


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, Place]:
    return data.clean(tmp_path_factory.mktemp("clean")), data.hostile(tmp_path_factory.mktemp("hostile"))


def _written(place: Place, folder: Path) -> tuple[str, str]:
    """Card and description of an export, which must succeed."""
    folder.mkdir()
    out, card, described = folder / "out.csv", folder / "card.md", folder / "out.json"
    words = [str(place.files.root), str(out), "--workspace", str(place.workspace.root), "--progress", "none"]
    assert run(["export", *words, "--card", str(card), "--croissant", str(described)]) == 0
    return card.read_text(encoding="utf-8"), described.read_text(encoding="utf-8")


def test_card_and_description_have_the_shape_of_a_clean_data_sets(places: tuple[Place, Place], tmp_path: Path) -> None:
    (card, described), (evil_card, evil_described) = (_written(p, tmp_path / str(k)) for k, p in enumerate(places))
    assert set(_tokens(evil_card)) == set(_tokens(card))
    assert _tokens(evil_card).count("heading_open") == _tokens(card).count("heading_open")
    assert kinds(evil_card.encode()) == {"control '\\n'"}
    assert kinds(evil_described.encode()) == {"control '\\n'"}
    assert json.loads(evil_described).keys() == json.loads(described).keys()
    assert any("[bold red]" in each["name"] for each in json.loads(evil_described)["creator"])


def test_json_says_the_same_and_is_seen() -> None:
    told = {text: f"ä{text}\U000e0001\ud800" for text in MARKED}
    said = inert(json.dumps(told, ensure_ascii=False, indent=2))
    assert json.loads(said) == told
    assert kinds(said.encode()) == {"control '\\n'"}


def test_a_licence_leads_nowhere_but_to_the_web() -> None:
    words = ["javascript:alert(1)", " java\tscript:x", "data:text/html,x", "https://example.org/l", "own terms"]
    said = licence_addresses(DatasetFacts("a", "b", 1, 1, 1, "c", dict.fromkeys(words, 1), None))
    assert said == [*(f"“{word}”" for word in words[:3]), *words[3:]]
