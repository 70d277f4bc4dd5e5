"""The report: the same bytes twice, nothing loaded, nothing obeyed, no empty heading."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from skintui.errors import WorkspaceError
from skintui.steps.evaluation.report import page, report_html, write_report
from tests.steps.evaluation.made_evaluation import evaluation, readings


@pytest.fixture(scope="module")
def html() -> str:
    return report_html(evaluation(), readings=readings(), command="skintui evaluate cohort")


class Elements(HTMLParser):
    """Every start tag with its attributes, and the text of headings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def without(*keys: str) -> dict[str, Any]:
    return {key: value for key, value in evaluation().items() if key not in keys}


def titles(found: dict[str, Any]) -> list[str]:
    return [section.title for section in page(found).sections]


def test_the_same_evaluation_gives_the_same_bytes(html: str) -> None:
    assert report_html(evaluation(), readings=readings(), command="skintui evaluate cohort") == html


def test_it_names_no_address_to_load_anything_from(html: str) -> None:
    plain = re.sub(r'src="data:[^"]+"', "", html)
    assert "http" not in plain.replace("http-equiv", "")


def test_every_resource_is_inside_the_file(html: str) -> None:
    found = Elements(html)
    sources = [image["src"] or "" for image in found.named("img")]
    assert sources
    assert all(source.startswith("data:image/svg+xml;base64,") for source in sources)
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in found.tags}


def test_every_plot_is_told_in_words(html: str) -> None:
    assert all(len(image["alt"] or "") > 20 for image in Elements(html).named("img"))


def test_the_contents_lead_to_the_headings(html: str) -> None:
    found = Elements(html)
    wanted = {str(a["href"]).removeprefix("#") for a in found.named("a")} - {"report"}
    assert wanted == {str(h["id"]) for h in found.named("h2")} - {"contents"}


def test_text_from_the_data_is_not_obeyed() -> None:
    found = evaluation()
    evil = '<script>alert("x")</script>'
    found["setup"] = {**found["setup"], "database": {**found["setup"]["database"], "name": evil}}
    found["notes"] = [evil, "{{ 7 * 7 }}"]
    found["groups"][0]["group"] = "<img src=x onerror=alert(1)>"
    few = {key: found[key] for key in ("setup", "notes", "groups")}
    cost = {**found["cost"], "machine": evil}
    text = report_html({**few, "cost": cost}, command=f"skintui evaluate '{evil}'")
    assert "<script" not in text
    assert "<img src=x" not in text
    assert "{{ 7 * 7 }}" in text


def test_a_group_with_the_signs_of_a_formula_is_drawn_as_it_is() -> None:
    found = evaluation()
    found["groups"][0]["group"] = r"$\frac{1}{$ & <b> \undefined"
    groups = next(section for section in page(found).sections if section.key == "groups")
    assert groups.figures[0].svg.startswith("<?xml")


def test_characters_that_steer_a_screen_are_taken_out() -> None:
    assert "\u202e" not in report_html(without("groups", "retrieval_intervals", "fit") | {"notes": ["a\u202eb\x1b[2J"]})


def test_sections_without_numbers_have_no_heading() -> None:
    left = without("fit", "retrieval_intervals", "joint", "groups", "leave_one_source_out", "probe", "cost", "r2")
    left.pop("retrieval")
    assert titles(left) == ["What was evaluated", "Limits", "Making this report again"]


def test_an_evaluation_without_training_patients_shows_no_gap() -> None:
    found = evaluation()
    found["fit"] = {"test": found["fit"]["test"], "train": {}, "gap": {}}
    assert "Training against held-out patients" not in titles(found)


def test_numbers_that_could_not_be_had_are_dashes() -> None:
    found = evaluation()
    nothing = {"value": None, "low": float("nan"), "high": None}
    found["fit"]["test"]["areaMM2"] = {"n": 0, "r2": nothing, "mae": nothing, "spearman": nothing}
    accuracy = next(section for section in page(found).sections if section.key == "accuracy")
    assert accuracy.tables[0].rows[0].cells[3] == "–"


def test_a_probe_that_could_not_be_made_says_why() -> None:
    probe = next(section for section in page(evaluation()).sections if section.key == "probe")
    assert (len(probe.tables[0].rows), probe.points) == (2, ("MONET: not measured, too few",))


def test_it_says_that_no_diagnosis_is_claimed(html: str) -> None:
    assert "No diagnosis is claimed" in html


def test_the_published_order_is_counted() -> None:
    found = without("fit", "joint", "groups", "leave_one_source_out")
    rows = {"attribute": (5, 5), "hierarchical": (6, 4), "image": (7, 7)}
    found["retrieval_intervals"] = {
        method: {"areaMM2": {"value": a}, "deltaL": {"value": b}} for method, (a, b) in rows.items()
    }
    retrieval = next(section for section in page(found).sections if section.key == "retrieval")
    assert "holds on 1 of the 2 attributes" in retrieval.texts[1]


def test_the_file_is_not_written_over(tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    out.write_text("kept", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="exists already"):
        write_report(evaluation(), out)
    assert out.read_text(encoding="utf-8") == "kept"
