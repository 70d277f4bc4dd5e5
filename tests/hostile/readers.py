"""Every reader of files that come from outside: what it is fed, and how the product reads it."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from skintui.attributes import ATTRIBUTES
from skintui.dataset.table import Table
from tests.small import read_rows, small_tile, write_small

Seeds = dict[str, list[bytes]]
"""Valid contents by the name of the file they are of."""


@dataclass(frozen=True)
class Reader:
    """One reader.

    ``prepare`` fills an empty folder once and gives the seeds; ``read`` puts a content in its place there and reads it
    as the product does. Whatever ``read`` raises but a SkintuiError is a defect.
    """

    name: str
    prepare: Callable[[Path], Seeds]
    read: Callable[[Path, str, bytes], None]
    tokens: Sequence[bytes] = ()
    text: bool = True


def _metadata_seeds(room: Path) -> Seeds:
    import polars as pl

    write_small(room / "lesions", lesions=6, patients=3)
    table = room / "lesions" / "train-metadata.csv"
    plain = table.read_bytes()
    rows = read_rows(table)
    for row in rows:
        row["note"] = 'a "quoted", text' if row is rows[1] else ""
    out = io.BytesIO()
    pl.read_csv(plain).write_parquet(out)
    raw = io.BytesIO()
    pl.read_csv(plain, infer_schema=False).write_parquet(raw, compression="uncompressed")
    quoted = plain.replace(b"male", b'"m,ale"').replace(b"\n", b"\r\n")
    return {"train-metadata.csv": [plain, quoted], "metadata.parquet": [out.getvalue(), raw.getvalue()]}


def _read_metadata(room: Path, name: str, data: bytes) -> None:
    from skintui.dataset.lesions import open_lesions
    from skintui.dataset.locate import locate
    from skintui.dataset.scan import scan_dataset
    from skintui.workspace import Workspace

    path = room / ("hostile" + Path(name).suffix)
    path.write_bytes(data)
    files = locate(room / "lesions", metadata=path)
    workspace = Workspace(_emptied(room / "workspace"))
    scan_dataset(files, workspace)
    lesions = open_lesions(files, workspace)
    lesions.labels()
    assert len(lesions.ids) == len(lesions)


def _tile_seeds(room: Path) -> Seeds:
    from PIL import Image

    row = {"isic_id": "a", "tbp_lv_areaMM2": 12}
    jpeg = small_tile(row, 41)
    picture = Image.open(io.BytesIO(jpeg))

    def saved(image: Image.Image, kind: str, **options: object) -> bytes:
        out = io.BytesIO()
        image.save(out, kind, **options)
        return out.getvalue()

    pngs = [picture, picture.convert("P"), picture.convert("L"), picture.convert("RGBA"), picture.convert("I;16")]
    exif = Image.Exif()
    exif[0x0112] = 6
    return {
        "jpg": [
            jpeg,
            saved(picture, "JPEG", progressive=True, exif=exif, comment=b"x"),
            saved(picture.convert("CMYK"), "JPEG", icc_profile=bytes(200)),
        ],
        "png": [saved(each, "PNG") for each in pngs] + [saved(picture, "PNG", save_all=True, append_images=[picture])],
    }


def _read_tile(room: Path, name: str, data: bytes) -> None:
    from skintui.dataset.tiles import check_tile, decode_tile
    from skintui.errors import TileError

    with suppress(TileError):
        check_tile(data)
    assert decode_tile(data).mode == "RGB"


def _hdf5_seeds(room: Path) -> Seeds:
    import h5py
    import numpy as np

    write_small(room / "lesions", lesions=3, patients=2)
    rows = read_rows(room / "lesions" / "train-metadata.csv")
    tiles = {row["isic_id"]: small_tile(row, 21) for row in rows}
    seeds = []
    for options in ({}, {"libver": "latest"}):
        out = io.BytesIO()
        with h5py.File(out, "w", **options) as file:
            for name, tile in tiles.items():
                file[name] = np.void(tile)
        seeds.append(out.getvalue())
    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        names = list(tiles)
        packed = np.frombuffer(tiles[names[0]], np.uint8)
        file.create_dataset(names[0], data=packed, chunks=(64,), compression="gzip")
        file.create_dataset(names[1], data=tiles[names[1]].hex(), dtype=h5py.string_dtype())
        file.create_group("group")[names[2]] = np.void(tiles[names[2]])
        file[names[2]] = h5py.SoftLink(f"/group/{names[2]}")
        file["other"] = h5py.ExternalLink("/etc/passwd", "/")
    seeds.append(out.getvalue())
    return {"train-image.hdf5": seeds}


def _read_hdf5(room: Path, name: str, data: bytes) -> None:
    from skintui.dataset.locate import locate
    from skintui.dataset.scan import scan_dataset
    from skintui.dataset.tiles import decode_tile, open_tiles
    from skintui.errors import TileError
    from skintui.workspace import Workspace

    path = room / name
    path.write_bytes(data)
    files = locate(room / "lesions", images=path)
    workspace = Workspace(_emptied(room / "workspace"))
    lesions = scan_dataset(files, workspace).lesions
    for source in (open_tiles(files), open_tiles(files, workspace.tile_offsets)):
        try:
            for isic_id in lesions.ids:
                try:
                    decode_tile(source.read(isic_id))
                except TileError:
                    continue
        finally:
            source.close()


_EXPRESSIONS = [
    b"areaMM2 > 20 AND sex = 'male'",
    b"age_approx BETWEEN 20 AND 60 OR sex IS NULL",
    b"isic_id LIKE 'ISIC_000000%' ESCAPE '!' AND NOT (target = 1)",
    b"sqrt(abs(A - B)) >= 2.5e0 * avg(A) OVER (PARTITION BY sex)",
    b"CASE WHEN sex = 'male' THEN A > 1 ELSE B > 2 END",
    b"CAST(areaMM2 AS int) IN (1, 2, 3) OR regexp_like(lower(sex), '^m(al)?e{1,3}$')",
    b"coalesce(nullif(substr(isic_id, 6, 2), '00'), \"patient_id\") = 'IP' -- a comment",
    b"areaMM2 = max(areaMM2) AND starts_with(sex, 'f') AND age_approx IS DISTINCT FROM 30",
]
_WORDS = [
    *(
        b" AND ",
        b" OR ",
        b" NOT ",
        b" BETWEEN ",
        b"CASE ",
        b" WHEN ",
        b" THEN ",
        b" END ",
        b" IN (",
        b" LIKE ",
        b" IS ",
    ),
    *(
        b"CAST(",
        b"TRY_CAST(",
        b" AS int)",
        b"::int",
        b"::date",
        b"(",
        b")",
        b"((((((",
        b"[",
        b"]",
        b"{",
        b"'",
        b'"',
        b"`",
    ),
    *(
        b"--",
        b"/*",
        b"*/",
        b"||",
        b"$$",
        b"~",
        b"!~*",
        b"E'\\''",
        b" OVER (PARTITION BY ",
        b" ORDER BY ",
        b"pow(10, ",
        b"%",
    ),
    *(
        b"SELECT ",
        b" FROM ",
        b"read_csv('/etc/passwd')",
        b"COLUMNS('.*')",
        b"INTERVAL '1' day",
        b"NULL",
        b"1e308",
        b"exp(",
    ),
    *(
        b" COLLATE x",
        b" AT TIME ZONE 'x'",
        b"EXTRACT(",
        b"ARRAY[",
        b"(.*)*",
        b"{1,100}",
        b"\\w",
        b"median(",
        b"quantile_cont(",
    ),
]


def _expression_seeds(room: Path) -> Seeds:
    write_small(room / "lesions", lesions=24, patients=3)
    return {"": _EXPRESSIONS}


def _read_expression(room: Path, name: str, data: bytes) -> None:
    from skintui.dataset.expression import matches
    from skintui.dataset.metadata import read_metadata

    if room not in _tables:
        _tables[room] = Table.of(read_metadata(room / "lesions" / "train-metadata.csv")[0])
    matches(_tables[room], data.decode("utf-8", "surrogateescape"))


_tables: dict[Path, Table] = {}


def _keymap_seeds(room: Path) -> Seeds:
    full = 'image = "half"\ntheme = "nord"\nreviewer = "ada"\nfdr = 0.05\ndecode = "mean"\n'
    keys = '[keys]\nclear = "x,y"\nquit = "ctrl+q"\n"help" = "f1"\n'
    return {"settings.toml": [full.encode(), keys.encode(), (full + keys).encode(), b"fdr = '0.2'\n[keys]\n"]}


def _read_keymap(room: Path, name: str, data: bytes) -> None:
    from skintui.settings import load_settings
    from skintui.tui.commands.keymap import Keymap

    (room / name).write_bytes(data)
    Keymap(load_settings({"SKINTUI_CONFIG": str(room / name)}).keys)


def _patch_seeds(room: Path) -> Seeds:
    write_small(room / "lesions", lesions=6, patients=3)
    table = room / "lesions" / "train-metadata.csv"
    row = read_rows(table)[0]
    cells = [f"{row['isic_id']},{c},{row[c]},1.5" for c in ("tbp_lv_A", "tbp_lv_B", "sex", "tbp_lv_L")]
    patch = "\n".join(["isic_id,column,old,new", *cells, ""]).encode()
    guarded = b'isic_id,column,old,new,more\r\n"ISIC_0000001",sex,female,"\'=1+1",\r\n'
    return {"patch.csv": [patch, patch.replace(b"\n", b"\r\n"), guarded], "metadata.csv": [table.read_bytes()]}


def _read_patch(room: Path, name: str, data: bytes) -> None:
    from skintui.steps.exchange import apply_corrections

    seeds = room / "seeds"
    if not seeds.is_dir():
        seeds.mkdir()
        for file, contents in _patch_seeds(_emptied(room / "again")).items():
            (seeds / file).write_bytes(contents[0])
    for file in ("patch.csv", "metadata.csv"):
        (room / file).write_bytes(data if file == name else (seeds / file).read_bytes())
    apply_corrections(room / "patch.csv", room / "metadata.csv", room / "out.csv", force=True)


def _flags_seeds(room: Path) -> Seeds:
    write_small(room / "lesions", lesions=6, patients=3)
    head = b"isic_id,attribute,label,predicted,verdict,proposed_value,note,reviewer,reviewed_at,dataset_sha256\n"
    one = b'ISIC_0000001,areaMM2,3.5,4,label_wrong,4.25,"a, ""note""",ada,2024-05-01T10:00:00Z,abc\n'
    two = b"ISIC_0000002,deltaL,-3.5,4,Label OK,,'=1+1,bob,,\nISIC_0000003,A,1,1,,,,,,\n"
    return {"flags.csv": [head + one + two, (head + two).replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + head + one]}


def _read_flags(room: Path, name: str, data: bytes) -> None:
    from skintui.steps.exchange import import_sheet
    from skintui.steps.place import open_place

    (room / name).write_bytes(data)
    place = open_place(room / "lesions", workspace=_kept(room / "workspace"))
    (room / "workspace" / "review.sqlite").unlink(missing_ok=True)
    found = import_sheet(place, room / name)
    found.summary()
    list(found.rows())


def _adapter_seeds(room: Path) -> Seeds:
    """A tiny base and an adapter trained on it for one step."""
    from skintui.cli.main import run
    from tests.tiny import write_tiny_model

    base, adapter, lesions = room / "base", room / "adapter", write_small(room / "lesions", lesions=12, patients=4)
    write_tiny_model(base)
    words = ["train", lesions, "--workspace", room / "w", "--base", base, "--out", adapter, "--steps", 2]
    assert run([*map(str, words), "--batch-size", "2", "--progress", "none"]) == 0
    names = ["adapter_config.json", "adapter_model.safetensors", "skintui.json", "split.json", "metrics.jsonl"]
    seeds = {f"adapter/{name}": [(adapter / name).read_bytes()] for name in names if (adapter / name).is_file()}
    more = ["config.json", "preprocessor_config.json", "tokenizer_config.json", "tokenizer.json"]
    more.append("model.safetensors.index.json")
    return seeds | {f"base/{name}": [(base / name).read_bytes()] for name in more if (base / name).is_file()}


def _read_adapter(room: Path, name: str, data: bytes) -> None:
    from skintui.dataset.split import PatientSplit
    from skintui.steps.training_record import read_losses
    from skintui.steps.weights import choose_weights

    path, kept = room / name, (room / name).read_bytes()
    try:
        path.write_bytes(data)
        if path.name == "split.json":
            PatientSplit.load(path).train_rows(["a"])
        elif path.name == "metrics.jsonl":
            read_losses(path.parent)
        else:
            choose_weights(str(room / "base"), room / "adapter", device="cpu").load()
    finally:
        path.write_bytes(kept)


_FINGERPRINT = {"dataset_sha256": "d", "model_sha256": "m", "adapter_sha256": "a", "prompt_sha256": "p"}


def _manifest_seeds(room: Path) -> Seeds:
    import numpy as np
    import polars as pl

    from skintui.vectors.graph import build_graphs
    from skintui.vectors.store import VectorStore

    chance = np.random.default_rng(0)
    with VectorStore.create(room / "vectors", _FINGERPRINT, ("image", "A"), 40, 16, 20) as store:
        for shard in (0, 1):
            rows = {view: chance.standard_normal((20, 16)).astype(np.float32) for view in ("image", "A")}
            store.write_shard(shard, rows, pl.DataFrame({"isic_id": [f"I{i}" for i in range(20)]}))
        store.finish()
        build_graphs(store, threads=1)
    return {name: [(room / "vectors" / name).read_bytes()] for name in ("manifest.json", "store.json", "journal.jsonl")}


def _read_manifest(room: Path, name: str, data: bytes) -> None:
    import numpy as np

    from skintui.vectors.manifest import open_manifest
    from skintui.vectors.search import ViewIndex
    from skintui.vectors.store import VectorStore

    folder = room / "hostile"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(room / "vectors", folder)
    (folder / name).write_bytes(data)
    if name == "manifest.json":
        open_manifest(folder).damaged_files()
        index = ViewIndex(open_manifest(folder), "image")
        try:
            index.search(np.ones(16, np.float32), 3)
            index.neighbours(1, 3)
        finally:
            index.close()
        return
    with VectorStore.open(folder) as store:
        store.verify()
    with VectorStore.create(folder, _FINGERPRINT, ("image", "A"), 40, 16, 20) as store:
        list(store.remaining())


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    return _kept(folder)


def _kept(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


_COLUMNS = [column.encode() for column in ("isic_id", "patient_id", *(a.column for a in ATTRIBUTES))]
_TOML = [b"[keys]", b'quit = ""', b"'''", b"1979-05-27T07:32:00Z", b"[[keys]]", b"a.b.c = 1", b"0xfff", b"'ctrl+'"]
_NUMBERS = [b"true", b"-1", b"1e400", b"9007199254740993", b"null", b"NaN", b"[]", b'"x"', b"1000000000000", b"0"]
_HDF5 = [b"TREE", b"HEAP", b"SNOD", b"OHDR", b"GCOL", b"FRHP", b"BTHD", b"\x89HDF\r\n\x1a\n"]
_TILES = [
    b"\xff\xd8",
    b"\xff\xda",
    b"\xff\xc0\0\x11\x08\xff\xff\xff\xff\3",
    b"\xff\xfe\xff\xff",
    b"IDAT",
    b"IEND",
    b"iTXt",
]

READERS: Mapping[str, Reader] = {
    each.name: each
    for each in (
        Reader("metadata", _metadata_seeds, _read_metadata, _COLUMNS),
        Reader("tiles", _tile_seeds, _read_tile, _TILES, text=False),
        Reader("hdf5", _hdf5_seeds, _read_hdf5, _HDF5, text=False),
        Reader("expression", _expression_seeds, _read_expression, _WORDS),
        Reader("keymap", _keymap_seeds, _read_keymap, _TOML),
        Reader("patch", _patch_seeds, _read_patch, _COLUMNS),
        Reader("flags", _flags_seeds, _read_flags, [b"areaMM2", b"label_wrong", b"reviewer", b"2024-13-01T99:99:99Z"]),
        Reader("adapter", _adapter_seeds, _read_adapter, _NUMBERS),
        Reader("manifest", _manifest_seeds, _read_manifest, _NUMBERS),
    )
}
