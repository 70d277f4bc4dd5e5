"""MONET, the published model that retrieval is compared with: a CLIP image tower from a folder or the hub.

Kim et al., Nat Med 2024, doi 10.1038/s41591-024-02887-x: CLIP ViT-L/14, hub id ``suinleelab/monet``. Its vector of a
tile is the projected image embedding (d = 768). As for every model here, only safetensors are opened, no code that
comes with a model is run, and the text tower is left unread.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from transformers import CLIPConfig, CLIPVisionConfig, CLIPVisionModelWithProjection
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from skintui.errors import ModelError
from skintui.model.fingerprint import base_folder, base_sha256, read_json
from skintui.model.load import checked_weights, first_line, resolve_device, resolve_dtype
from skintui.model.reader import memory_guard

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
"""Per channel (red, green, blue) on a scale of 0 to 1."""


class ClipEncoder:
    """A loaded image tower. A tile's shorter side is resized to the model's (224 px, bicubic), the centre is cut out.

    Pixels are normalised as MONET was trained, by ImageNet's mean and deviation. A ``preprocessor_config.json`` beside
    the weights is not asked: one written by a conversion to transformers carries CLIP's own figures, and with those the
    vectors would not be MONET's.
    """

    def __init__(self, model: Any, fingerprint: dict[str, str], device: torch.device, dtype: torch.dtype) -> None:
        self._model, self._fingerprint, self._device, self._dtype = model, fingerprint, device, dtype
        side = int(model.config.image_size)
        self._processor = CLIPImageProcessorPil(
            size={"shortest_edge": side},
            crop_size={"height": side, "width": side},
            resample=Image.Resampling.BICUBIC,
            image_mean=list(IMAGENET_MEAN),
            image_std=list(IMAGENET_STD),
        )

    @classmethod
    def load(cls, source: str | Path, *, device: str = "auto", dtype: str = "auto") -> ClipEncoder:
        """Load ``source`` (folder or hub id). Raises ModelError in one line for whatever does not fit."""
        place = resolve_device(device)
        kind = resolve_dtype(dtype, place)
        folder = base_folder(source, noun="MONET model", option="--monet")
        config = _vision_config(folder)
        model = checked_weights(CLIPVisionModelWithProjection, folder, kind, config=config)
        try:
            model = model.to(place).eval().requires_grad_(False)
        except RuntimeError as error:
            raise ModelError(f"the model does not fit on {place} ({first_line(error)})", where=folder) from error
        checksum = base_sha256(folder)
        name = folder.resolve().name if Path(source).expanduser().is_dir() else str(source)
        return cls(model, {"model_id": f"{name}@{checksum[:12]}", "model_sha256": checksum}, place, kind)

    @property
    def hidden_size(self) -> int:
        """Length d of an image vector: the width of the projection."""
        return int(self._model.config.projection_dim)

    @property
    def fingerprint(self) -> dict[str, str]:
        """``model_id`` and ``model_sha256``."""
        return dict(self._fingerprint)

    def pixels(self, images: Sequence[Image.Image]) -> torch.Tensor:
        """(B, 3, side, side) normalised pixels of B tiles of any size."""
        made = self._processor(images=[image.convert("RGB") for image in images], return_tensors="pt")["pixel_values"]
        return torch.as_tensor(made).to(self._device, self._dtype)

    def embed_images(self, images: Sequence[Image.Image]) -> NDArray[np.float32]:
        """(B, d) projected image embeddings, not normalised to length 1."""
        if not images:
            return np.zeros((0, self.hidden_size), np.float32)
        with torch.inference_mode(), memory_guard(len(images)):
            embedded = self._model(pixel_values=self.pixels(images)).image_embeds
        return np.ascontiguousarray(embedded.float().cpu().numpy())


def _vision_config(folder: Path) -> Any:
    """The image tower's configuration, of a whole CLIP or of its image tower saved alone."""
    kind = read_json(folder / "config.json").get("model_type")
    if kind not in ("clip", "clip_vision_model"):
        raise ModelError(f"this is a '{str(kind)[:40]}' model, not CLIP", where=folder, do="choose another --monet")
    try:
        if kind == "clip_vision_model":
            return CLIPVisionConfig.from_pretrained(folder, local_files_only=True)
        whole = CLIPConfig.from_pretrained(folder, local_files_only=True)
        # The width of the projection is the whole model's; the tower's own entry is a default that may be another.
        whole.vision_config.projection_dim = whole.projection_dim
    except Exception as error:  # the strict validators of the hub client raise types of their own
        raise ModelError(f"config.json cannot be used ({first_line(error)})", where=folder) from error
    return whole.vision_config
