"""Models as folders of plain files: JSON and NumPy arrays, with a manifest of SHA-256. No pickle.

``model.json`` labels and settings · ``weights.npz`` arrays · ``card.json`` and ``card.md`` what it
was learnt from and how good it is · ``manifest.json`` the hashes of all these.
"""

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from lifang.core.errors import Invalid
from lifang.understanding.text import card
from lifang.understanding.text.joined import Joined
from lifang.understanding.text.model import CHANNELS, Channel, Model
from lifang.understanding.text.naming import Named

FORMAT = 1
MANIFEST, SETTINGS, WEIGHTS = "manifest.json", "model.json", "weights.npz"
#: the files that decide what a model says; the card only tells of it
_ESSENCE = (SETTINGS, WEIGHTS)
#: arrays of the words, in a model of history and names
_NAMED = "named_"

AnyModel = Model | Named | Joined


def save(model: AnyModel, folder: Path, about: dict[str, Any]) -> str:
    """Write a model with its card; the folder is replaced as a whole. Answers the model's hash.

    Raises :class:`Invalid` where the folder holds something else or cannot be written.
    """
    import numpy as np

    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or _foreign(folder)):
        raise Invalid(
            "classify.folder", _("“%(path)s”里有别的东西，请换一个文件夹") % {"path": str(folder)}
        )
    settings, arrays = _whole(model)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as problem:
        raise Invalid(
            "classify.folder",
            _("文件夹“%(path)s”无法写入：%(e)s") % {"path": str(folder), "e": problem.strerror},
        ) from problem
    try:
        whole = {"format": FORMAT, "kind": model.kind, **settings}
        (new / SETTINGS).write_text(_json(whole), encoding="utf-8")
        np.savez(new / WEIGHTS, **arrays)
        digest = _essence({name: _sha(new / name) for name in _ESSENCE})
        about = {"model": digest, **about}
        (new / "card.json").write_text(_json(about), encoding="utf-8")
        (new / "card.md").write_text(card.as_markdown(about), encoding="utf-8")
        hashes = {p.name: _sha(p) for p in sorted(new.iterdir())}
        (new / MANIFEST).write_text(
            _json({"format": FORMAT, "model": digest, "files": hashes}), encoding="utf-8"
        )
        new.chmod(0o755)
        if folder.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
            folder.replace(old / "was")
            new.replace(folder)
            shutil.rmtree(old, ignore_errors=True)
        else:
            new.replace(folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return digest


def _foreign(folder: Path) -> bool:
    """Whether a folder holds something that is no model."""
    return any(folder.iterdir()) and not (folder / MANIFEST).is_file()


def load(folder: Path) -> AnyModel:
    """The model in a folder, its hashes checked; raises :class:`Invalid` in words."""
    import numpy as np

    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = dict(manifest["files"])
        version = manifest["format"]
    except OSError as problem:
        raise Invalid(
            "classify.model",
            _("“%(path)s”不是模型文件夹：里面没有 manifest.json。请先用 lifang classify train 训练")
            % {"path": str(folder)},
        ) from problem
    except (ValueError, KeyError, TypeError) as problem:
        raise _damaged(folder, MANIFEST) from problem
    if version != FORMAT:
        raise Invalid(
            "classify.version",
            _("模型的格式是第 %(v)s 版，本程序只认第 %(w)s 版，请重新训练")
            % {"v": version, "w": FORMAT},
        )
    for name in _ESSENCE:
        if not (folder / name).is_file() or _sha(folder / name) != files.get(name):
            raise _damaged(folder, name)
    try:
        settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        with np.load(folder / WEIGHTS, allow_pickle=False) as held:
            arrays = {name: held[name] for name in held.files}
        if settings["kind"] == Named.kind:
            return Named.of(settings, arrays)
        if settings["kind"] == Joined.kind:
            own = {n.removeprefix(_NAMED): a for n, a in arrays.items() if n.startswith(_NAMED)}
            return Joined(_model(settings, arrays), Named.of(settings["named"], own))
        return _model(settings, arrays)
    except (ValueError, KeyError, TypeError, OSError) as problem:
        raise _damaged(folder, SETTINGS) from problem


def about(folder: Path) -> dict[str, Any]:
    """The card of a model, empty where there is none."""
    try:
        return dict(json.loads((folder / "card.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _damaged(folder: Path, name: str) -> Invalid:
    return Invalid(
        "classify.damaged",
        _("模型文件夹“%(path)s”已损坏（%(name)s 与清单不符），请重新训练")
        % {"path": str(folder), "name": name},
    )


def _whole(model: AnyModel) -> tuple[dict[str, Any], dict[str, Any]]:
    """Settings and arrays of any model."""
    if isinstance(model, Named):
        return model.parts()
    if isinstance(model, Joined):
        settings, arrays = _parts(model.learnt)
        named, more = model.named.parts()
        return settings | {"named": named}, arrays | {_NAMED + n: a for n, a in more.items()}
    return _parts(model)


def _parts(model: Model) -> tuple[dict[str, Any], dict[str, Any]]:
    import numpy as np

    arrays = {
        "bias": np.asarray(model.bias, dtype=np.float32),
        "offsets": np.asarray(model.offsets, dtype=np.float64),
        "known": np.asarray(model.known, dtype=np.int64),
    }
    for name, channel in model.channels.items():
        arrays |= {
            f"{name}_ids": channel.ids,
            f"{name}_idf": channel.idf,
            f"{name}_weights": channel.weights,
        }
    settings = {
        "labels": list(model.labels),
        "slope": round(float(model.slope), 9),
        "level": list(model.level),
        "rare": round(float(model.rare), 9),
        "prior_slope": round(float(model.prior_slope), 9),
        "threshold": model.threshold,
        "target": model.target,
    }
    return settings, arrays


def _model(settings: dict[str, Any], arrays: dict[str, Any]) -> Model:
    return Model(
        labels=tuple(settings["labels"]),
        channels={
            name: Channel(arrays[f"{name}_ids"], arrays[f"{name}_idf"], arrays[f"{name}_weights"])
            for name in CHANNELS
        },
        bias=arrays["bias"],
        offsets=arrays["offsets"],
        slope=float(settings["slope"]),
        level=(float(settings["level"][0]), float(settings["level"][1])),
        rare=float(settings["rare"]),
        prior_slope=float(settings["prior_slope"]),
        threshold=settings["threshold"],
        target=float(settings["target"]),
        known=arrays["known"],
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _sha(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _essence(hashes: dict[str, str]) -> str:
    return hashlib.sha256(_json(hashes).encode()).hexdigest()
