"""Landscape: the loss of a recorded network over a plane of its parameters, and the path it took across.

The plane is the one that explains most of the path's variance ("pca" of the snapshots), or the one through
the end points of three runs ("ends"), or, for a network of two parameters, those two ("exact": nothing is
left out), or a random one whose directions are scaled filter by filter to the weights themselves ("random").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nncore.arrays import Array
from nncore.derived import derived
from nncore.errors import BadInput
from nncore.network import Network
from nncore.plane import flatten, plane_losses, unflatten
from nncore.recording import Recording
from nncore.threads import one_thread

VERSION = 2
KINDS = ("pca", "ends", "exact", "random")


@dataclass(frozen=True)
class Landscape:
    """Loss over alpha (columns) and beta (rows), and recorded paths: true loss, and the loss below.

    Shapes: alpha (G,), beta (G,), loss (G, G), variance (2,); path (S, 2), path_loss, slice_loss, steps (S,).
    Units: alpha and beta in units of parameter distance (PCA) or of filter-normalised directions (random).
    """

    alpha: Array
    beta: Array
    loss: Array
    variance: Array
    paths: tuple[Array, ...]
    path_losses: tuple[Array, ...]
    slice_losses: tuple[Array, ...]
    path_steps: tuple[Array, ...]

    @property
    def path(self) -> Array:
        """The first recording's path in the plane. Shapes: (S, 2)."""
        return self.paths[0]

    @property
    def path_loss(self) -> Array:
        """The true training loss at each point of the path. Shapes: (S,)."""
        return self.path_losses[0]

    @property
    def slice_loss(self) -> Array:
        """The loss in the plane below each point of the path. Shapes: (S,)."""
        return self.slice_losses[0]

    @property
    def steps(self) -> Array:
        """The steps of the path. Shapes: (S,)."""
        return self.path_steps[0]


@dataclass(frozen=True)
class Plane:
    """A point and two directions in parameter space, with the share of the paths' variance each explains.

    Shapes: origin, u, v (D,), variance (2,).
    """

    origin: Array
    u: Array
    v: Array
    variance: Array

    def coordinates(self, points: Array) -> Array:
        """Where points project onto the plane. Shapes: (S, D) -> (S, 2)."""
        directions = np.stack([self.u, self.v], axis=1)
        return np.linalg.solve(directions.T @ directions, directions.T @ (points - self.origin).T).T


def recorded_landscape(recording: Recording, **options: Any) -> Landscape:
    """The landscape of one recording."""
    return landscape([recording], **options)


@one_thread
def landscape(
    recordings: Sequence[Recording],
    *,
    grid: int = 51,
    margin: float = 0.45,
    subset: int | None = None,
    kind: str = "pca",
    seed: int = 0,
    fit: int | None = None,
    batch: int | None = None,
) -> Landscape:
    """The loss over one plane for recordings of one network on one dataset, kept in the cache.

    `margin` is the room around the paths, as a share of their larger extent; both axes have one scale.
    `fit` numbers the recording that decides the plane (None: all together); `subset` takes only the first
    training examples; `batch` only those the first recording's update at that step was made from: the same
    plane and grid, another loss.
    Raises: BadInput for recordings that cannot share a landscape, an unknown kind, or a step without a batch.
    """
    _check(recordings, grid, kind)
    if batch is not None and (subset is not None or not 0 <= batch < recordings[0].n_steps):
        raise BadInput(f"batch = {batch}: must be a step below {recordings[0].n_steps}, without a subset")
    args = {"grid": grid, "margin": margin, "subset": subset, "kind": kind, "seed": seed, "fit": fit}
    if batch is not None:
        args["batch"] = batch
    digests = [recording.digest for recording in recordings]
    found = derived(
        "landscape",
        VERSION,
        digests,
        args,
        lambda: _compute(recordings, grid, margin, subset, kind, seed, fit, batch),
    )
    parts = {
        name: tuple(found[f"{name}_{i}"] for i in range(len(recordings)))
        for name in ("paths", "path_losses", "slice_losses", "path_steps")
    }
    return Landscape(found["alpha"], found["beta"], found["loss"], found["variance"], **parts)


def _check(recordings: Sequence[Recording], grid: int, kind: str) -> None:
    first = recordings[0]
    for other in recordings[1:]:
        if other.manifest["dataset"]["digest"] != first.manifest["dataset"]["digest"]:
            raise BadInput(f"{first.name} and {other.name} have different data; they share no landscape")
        if other.layout.keys != first.layout.keys or other.layer_sizes != first.layer_sizes:
            raise BadInput(f"{first.name} and {other.name} have different layers; they share no landscape")
    if grid < 2:
        raise BadInput(f"grid = {grid}: must be 2 or more")
    if kind not in KINDS:
        raise BadInput(f"kind = {kind!r}: must be {', '.join(KINDS)}")
    if kind == "ends" and len(recordings) < 3:
        raise BadInput(f"kind = 'ends': needs three recordings or more, not {len(recordings)}")
    count = sum(w.size for w in first.params(0).values())
    if kind == "exact" and count != 2:
        raise BadInput(f"kind = 'exact': needs a network of two parameters; {first.name} has {count}")


def _compute(
    recordings: Sequence[Recording],
    grid: int,
    margin: float,
    subset: int | None,
    kind: str,
    seed: int,
    fit: int | None,
    batch: int | None = None,
) -> dict[str, Array]:
    steps = [_finite_steps(recording) for recording in recordings]
    paths = [
        np.stack([flatten(r.params(int(s))) for s in own]) for r, own in zip(recordings, steps, strict=True)
    ]
    plane = _plane(recordings[0], paths, kind, seed, fit)
    data, network = recordings[0].dataset(), recordings[0].network(0, "float64")
    chosen = slice(subset) if batch is None else recordings[0].batch(batch)
    x, y = data.x_train[chosen], data.y_train[chosen]
    where = [plane.coordinates(path) for path in paths]
    alpha, beta = _axes(where if fit is None else [where[fit]], grid, margin, kind)
    points = np.stack(np.meshgrid(alpha, beta), axis=-1).reshape(-1, 2)
    every = np.concatenate([points, *where])
    losses = plane_losses(network, x, y, plane.origin, plane.u, plane.v, every)
    result = {
        "alpha": alpha,
        "beta": beta,
        "loss": losses[: grid * grid].reshape(grid, grid),
        "variance": plane.variance,
    }
    at = grid * grid
    for i, (path, own) in enumerate(zip(paths, steps, strict=True)):
        result |= {
            f"paths_{i}": where[i],
            f"path_steps_{i}": own,
            f"path_losses_{i}": np.array([_true_loss(network, point, x, y) for point in path]),
            f"slice_losses_{i}": losses[at : at + len(own)],
        }
        at += len(own)
    return result


def _plane(recording: Recording, paths: Sequence[Array], kind: str, seed: int, fit: int | None) -> Plane:
    if kind == "random":
        return _random_plane(recording, paths, seed)
    if kind == "exact":
        one, two = np.eye(2)
        return Plane(np.zeros(2), one, two, _explained(paths, np.eye(2)))
    return _pca_plane(paths, fit) if kind == "pca" else _ends_plane(paths)


def _finite_steps(recording: Recording) -> Array:
    keep = [
        all(np.isfinite(w).all() for w in recording.params(int(step)).values()) for step in recording.steps
    ]
    return recording.steps[np.array(keep)]


def _true_loss(network: Network, point: Array, x: Array, y: Array) -> float:
    with np.errstate(all="ignore"):
        return network.load(unflatten(point, network)).loss(x, y)


def _pca_plane(paths: Sequence[Array], fit: int | None) -> Plane:
    """The two directions of largest variance of the snapshots about their mean, from their Gram matrix."""
    points = np.concatenate(paths) if fit is None else paths[fit]
    if len(points) < 3:
        raise BadInput(f"{len(points)} snapshots do not span a plane; at least 3 are needed")
    mean = points.mean(axis=0)
    centred = points - mean
    values, vectors = np.linalg.eigh(centred @ centred.T)
    directions = (centred.T @ vectors[:, [-1, -2]]).T
    sizes = np.linalg.norm(directions, axis=1)
    if not sizes[1] > 1e-12 * max(sizes[0], 1e-300):
        raise BadInput("the snapshots lie on a line; they span no plane")
    directions /= sizes[:, None]
    path = paths[fit or 0]
    for i, along in enumerate(directions @ (path - mean).T):  # a sign that does not depend on the solver
        reference = along[-1] - along[0] if i == 0 else along[np.abs(along).argmax()]
        directions[i] *= -1 if reference < 0 else 1
    return Plane(mean, directions[0], directions[1], values[[-1, -2]] / values.clip(0).sum())


def _ends_plane(paths: Sequence[Array]) -> Plane:
    """The plane through the last points of the first three paths, its origin midway between them."""
    ends = np.stack([path[-1] for path in paths[:3]])
    units, triangle = np.linalg.qr((ends[1:] - ends[0]).T)
    if abs(triangle[1, 1]) < 1e-12 * abs(triangle[0, 0]):
        raise BadInput("the three runs end on one line; no plane goes through it alone")
    units = units * np.sign(np.diagonal(triangle))
    return Plane(ends.mean(axis=0), units[:, 0], units[:, 1], _explained(paths, units))


def _explained(paths: Sequence[Array], units: Array) -> Array:
    """The share of the paths' variance about their mean along each orthonormal direction. Shapes: (2,)."""
    points = np.concatenate(paths)
    centred = points - points.mean(axis=0)
    share: Array = ((centred @ units) ** 2).sum(axis=0) / (centred**2).sum()
    return share


def _random_plane(recording: Recording, paths: Sequence[Array], seed: int) -> Plane:
    """Two Gaussian directions, each filter scaled to the norm of the trained one; vectors stay as they are.

    Source: Li et al. 2018, "Visualizing the Loss Landscape of Neural Nets", section 4.
    """
    rng = np.random.default_rng(seed)
    trained = recording.params(int(_finite_steps(recording)[-1]))
    directions = []
    for _ in range(2):
        parts = []
        for w in trained.values():
            d = np.zeros(w.shape)
            if w.ndim >= 2:
                d = rng.standard_normal(w.shape)
                axes = tuple(range(1, w.ndim))
                scale = np.sqrt((w.astype(np.float64) ** 2).sum(axis=axes, keepdims=True))
                d *= scale / np.sqrt((d**2).sum(axis=axes, keepdims=True))
            parts.append(d.ravel())
        directions.append(np.concatenate(parts))
    origin = flatten(trained)
    u, v = directions
    return Plane(origin, u, v, _explained(paths, np.linalg.qr(np.stack([u, v], axis=1))[0]))


def _axes(where: Sequence[Array], grid: int, margin: float, kind: str) -> tuple[Array, Array]:
    if kind == "random":
        return np.linspace(-1, 1, grid), np.linspace(-1, 1, grid)
    points = np.concatenate(where)
    low, high = points.min(axis=0), points.max(axis=0)
    # One scale for both axes: a step of a given size is as long in every direction.
    half = (0.5 + margin) * (high - low).max()
    alpha, beta = np.linspace((low + high) / 2 - half, (low + high) / 2 + half, grid).T
    return alpha, beta
