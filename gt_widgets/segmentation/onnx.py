"""A promptable model in two ONNX files: an encoder of pictures, a decoder of hints.

Layer: segmentation. The files are the user's; none is shipped and none is fetched. The names and
shapes are those of the common export of Segment Anything (docs/guides/auto-segment.md lists
them). Needs the extra ``onnx``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from gt_widgets.errors import ImageError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from gt_widgets.segmentation.prompts import Prompt

__all__ = ["PromptableModel"]

_MEAN = np.array([123.675, 116.28, 103.53], dtype=np.float32)
_DEVIATION = np.array([58.395, 57.12, 57.375], dtype=np.float32)
_TOP_LEFT, _BOTTOM_RIGHT, _PADDING = 2.0, 3.0, -1.0
"""Labels of points beside 1 (inside) and 0 (outside): a box's corners, and no point."""


class PromptableModel:
    """Encoder and decoder, opened when first used.

    Parameters
    ----------
    encoder, decoder : Path
        ONNX files.

    Raises
    ------
    ImageError
        If onnxruntime is missing, or a file is no model of this form.
    """

    def __init__(self, encoder: Path, decoder: Path) -> None:
        self._encoder, self._decoder = _session(encoder), _session(decoder)
        shape = self._encoder.get_inputs()[0].shape
        if len(shape) != 4 or not isinstance(shape[-1], int):  # noqa: PLR2004
            raise ImageError(f"{encoder}: the encoder takes {shape}, not (1, 3, side, side).")
        self._side = int(shape[-1])

    def propose(self, pixels: NDArray[np.uint8], prompt: Prompt) -> NDArray[np.bool_]:
        """Say which pixels belong to what the hint means.

        Parameters
        ----------
        pixels : ndarray of shape (height, width, 3), uint8
        prompt : Prompt

        Returns
        -------
        ndarray of shape (height, width), bool
        """
        height, width = pixels.shape[:2]
        scale = self._side / max(width, height)
        coordinates, labels = _points(prompt)
        given = {
            "image_embeddings": self._embedding(pixels, scale),
            "point_coords": (coordinates * scale)[None].astype(np.float32),
            "point_labels": labels[None].astype(np.float32),
            "mask_input": np.zeros((1, 1, self._side // 4, self._side // 4), dtype=np.float32),
            "has_mask_input": np.zeros(1, dtype=np.float32),
            "orig_im_size": np.array([height, width], dtype=np.float32),
        }
        wanted = {each.name for each in self._decoder.get_inputs()}
        unknown = wanted - given.keys()
        if unknown:
            raise ImageError(f"the decoder asks for {sorted(unknown)}; we have {sorted(given)}.")
        try:
            masks, scores, *_ = self._decoder.run(None, {name: given[name] for name in wanted})
        except Exception as error:
            raise ImageError(f"the decoder failed: {error}") from error
        best = masks[0][int(np.argmax(scores[0]))]
        if best.shape != (height, width):
            raise ImageError(f"the decoder's mask is {best.shape}, the picture {(height, width)}.")
        return np.asarray(best > 0)

    def _embedding(self, pixels: NDArray[np.uint8], scale: float) -> NDArray[np.float32]:
        height, width = pixels.shape[:2]
        size = (max(round(width * scale), 1), max(round(height * scale), 1))
        small = Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR)
        normal = (np.asarray(small, dtype=np.float32) - _MEAN) / _DEVIATION
        padded = np.zeros((3, self._side, self._side), dtype=np.float32)
        padded[:, : normal.shape[0], : normal.shape[1]] = normal.transpose(2, 0, 1)
        try:
            found = self._encoder.run(None, {self._encoder.get_inputs()[0].name: padded[None]})
        except Exception as error:
            raise ImageError(f"the encoder failed: {error}") from error
        embedding: NDArray[np.float32] = found[0]
        return embedding


def _points(prompt: Prompt) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A hint in the decoder's words; its padding point goes where no box is given."""
    if prompt.form == "clicks":
        coordinates = [*prompt.points, (0.0, 0.0)]
        labels = [*(1.0 if inside else 0.0 for inside in prompt.inside), _PADDING]
    else:
        box = prompt.region
        coordinates = [(box.left, box.top), (box.right, box.bottom)]
        labels = [_TOP_LEFT, _BOTTOM_RIGHT]
    return np.array(coordinates, dtype=np.float32), np.array(labels, dtype=np.float32)


def _session(path: Path) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise ImageError(
            "A promptable model needs onnxruntime: pip install 'gt-widgets[onnx]'."
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # beside a notebook at work
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ImageError(f"{path} cannot be opened as an ONNX model: {error}") from error
