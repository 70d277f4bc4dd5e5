from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from skintui.progress import SILENT
from skintui.review.export import EXPORT_COLUMNS
from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict
from skintui.steps.audit import audit
from skintui.steps.card import audit_card
from skintui.steps.chosen import Wanted
from skintui.steps.croissant import Described, croissant, describe_export
from skintui.steps.export import export
from skintui.steps.patch import patch
from skintui.steps.place import Place
from tests.small import read_rows, write_rows, write_small


@pytest.fixture
def place(predicted: Place) -> Place:
    """Audited, with a verdict each of two people."""
    audit(predicted, SILENT)
    with ReviewRecord(predicted.workspace.review) as record:
        for day, name in ((2, "ann"), (3, "ben")):
            at = f"2026-01-0{day}T10:00:00Z"
            record.record(Verdict("ISIC_0000004", "deltaL", "label_wrong", name, proposed_value=-9.5, reviewed_at=at))
    return predicted


@pytest.fixture
def told(place: Place, tmp_path: Path) -> dict[str, Any]:
    """The sidecar of the usual export."""
    export(place, str(tmp_path / "out.csv"), SILENT)
    return described(place, tmp_path)


def described(place: Place, folder: Path, wanted: Wanted | None = None) -> dict[str, Any]:
    describe_export(place, str(folder / "out.csv"), str(folder / "out.json"), SILENT, wanted)
    read: dict[str, Any] = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    return read


def test_it_is_a_croissant_1_0_data_set(told: dict[str, Any]) -> None:
    assert (told["@type"], told["conformsTo"]) == ("sc:Dataset", "http://mlcommons.org/croissant/1.0")


def test_the_file_is_named_with_its_digest(told: dict[str, Any], tmp_path: Path) -> None:
    (file,) = told["distribution"]
    assert (file["@type"], file["contentUrl"], file["encodingFormat"]) == ("cr:FileObject", "out.csv", "text/csv")
    assert file["sha256"] == hashlib.sha256((tmp_path / "out.csv").read_bytes()).hexdigest()


def test_a_file_elsewhere_is_named_from_the_sidecars_folder(place: Place, tmp_path: Path) -> None:
    (tmp_path / "sheets").mkdir()
    export(place, str(tmp_path / "sheets" / "out.csv"), SILENT)
    card = audit_card(place, SILENT)
    file = croissant(Described(tmp_path / "sheets" / "out.csv", [], [], "", ""), card, tmp_path)["distribution"][0]
    assert file["contentUrl"] == "sheets/out.csv"


def test_every_column_is_a_field_with_a_type(told: dict[str, Any]) -> None:
    fields = told["recordSet"][0]["field"]
    assert [field["source"]["extract"]["column"] for field in fields] == list(EXPORT_COLUMNS)
    kinds = {field["name"]: field["dataType"] for field in fields}
    assert (kinds["label"], kinds["isic_id"], kinds["reviewed_at"]) == ("sc:Float", "sc:Text", "sc:DateTime")


def test_columns_of_the_wide_table_are_told_of_their_attribute(place: Place, tmp_path: Path) -> None:
    export(place, str(tmp_path / "out.csv"), SILENT, wide=True)
    fields = {field["name"]: field for field in described(place, tmp_path)["recordSet"][0]["field"]}
    assert fields["areaMM2_label"]["description"].startswith("area (mm²): Value in the data set")
    assert fields["A_flagged"]["dataType"] == "sc:Boolean"


def test_it_is_derived_from_the_audited_table(told: dict[str, Any], place: Place) -> None:
    source = told["prov:wasDerivedFrom"]
    assert (source["@type"], source["@id"]) == ("prov:Entity", f"urn:sha256:{place.lesions().dataset_sha256}")
    assert "identifier" not in source  # a drawn table is no published data set


def test_slice_3d_is_cited_with_doi_and_licence(tmp_path: Path) -> None:
    from skintui.steps.place import open_place

    folder = write_small(tmp_path / "lesions")
    rows = read_rows(folder / "train-metadata.csv")
    write_rows(folder / "train-metadata.csv", [row | {"attribution": "ACEMID MIA"} for row in rows])
    place = open_place(folder, workspace=tmp_path / "w")
    export(place, str(tmp_path / "out.csv"), SILENT)
    told = described(place, tmp_path)
    assert told["prov:wasDerivedFrom"]["identifier"] == "https://doi.org/10.34970/2024-slice-3d"
    assert told["license"] == ["https://creativecommons.org/licenses/by-nc/4.0/"]
    assert "Scientific Data 11, 884 (2024)" in told["citeAs"]


def test_it_is_generated_by_an_audit_with_its_models_and_times(told: dict[str, Any]) -> None:
    activity = told["prov:wasGeneratedBy"]
    assert activity["@type"] == "prov:Activity"
    assert {"@type": "prov:Entity", "@id": "urn:sha256:m", "name": "good@0: base model"} in activity["prov:used"]
    ends = [activity[f"prov:{end}AtTime"]["@value"] for end in ("started", "ended")]
    assert ends == ["2026-01-02T10:00:00Z", "2026-01-03T10:00:00Z"]


def test_it_is_attributed_to_those_whose_verdicts_are_in_it(place: Place, tmp_path: Path) -> None:
    wanted = Wanted(reviewer="ann")
    export(place, str(tmp_path / "out.csv"), SILENT, wanted)
    told = described(place, tmp_path, wanted)
    assert told["prov:wasAttributedTo"] == [{"@type": "prov:Person", "name": "ann"}]
    assert told["datePublished"] == "2026-01-02"


@pytest.mark.filterwarnings("ignore:DataFrame is highly fragmented")  # how mlcroissant reads a wide table
@pytest.mark.parametrize("form", ["long", "wide", "patch"])
def test_mlcroissant_accepts_it_and_reads_the_rows(place: Place, tmp_path: Path, form: str) -> None:
    mlcroissant = pytest.importorskip("mlcroissant", reason="mlcroissant is not installed")
    if form == "patch":
        count = patch(place, str(tmp_path / "out.csv"), SILENT).rows
    else:
        count = export(place, str(tmp_path / "out.csv"), SILENT, wide=form == "wide").rows
    described(place, tmp_path)
    records = list(mlcroissant.Dataset(jsonld=str(tmp_path / "out.json")).records(record_set="rows"))
    assert len(records) == count > 0
