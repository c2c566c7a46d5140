"""Options that commands share, and how their words are read; the rest of click stands in render.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from nncore.errors import BadInput, did_you_mean
from studio.film import LOUDNESS

FILE = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
Decorator = Callable[[Any], Any]


class Group(click.Group):
    """Commands in the order of the work, with "did you mean" for a wrong one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            raise BadInput(f"no command '{args[0]}'.{did_you_mean(args[0], self.commands)}")
        return super().resolve_command(ctx, args)


class WithVoice(click.Command):
    """A command whose `--voice recorded DIR` and `--voice command "..."` are one value without quotes."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        words, joined = list(args), []
        while words:
            joined.append(words.pop(0))
            if joined[-1] == "--voice" and len(words) > 1 and words[0] in ("recorded", "command"):
                joined.append(f"{words.pop(0)} {words.pop(0)}")
        return super().parse_args(ctx, joined)


def look_options(default_preset: str, *, several: bool = False) -> Callable[..., Any]:
    """The options that decide what a scene looks like; `several` commands take many looks at once."""
    more = " Several: A,B or all." if several else ""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in (
            click.option(
                "--recording", "recordings", multiple=True, type=FOLDER, help="Draw from this recording."
            ),
            click.option("--preset", default=default_preset, show_default=True, help="preview, blog or hd."),
            click.option(
                "--aspect", default="16:9", show_default=True, help="16:9, 1:1, 4:5 or 9:16." + more
            ),
            click.option("--theme", default="dark", show_default=True, help="dark or light." + more),
            click.option(
                "--set", "params", multiple=True, metavar="NAME=VALUE", help="A parameter of the scene."
            ),
            click.option("--captions/--no-captions", default=True, help="Draw each beat's sentence."),
        ):
            command = option(command)
        return command

    return add


#: Options of the command line and what the engine calls them.
ENGINE_OPTIONS = {
    "engine": "name",
    **{name: name for name in ("scheduler", "tls_ca_file", "tls_cert", "tls_key")},
}


def engine_options(command: Any) -> Any:
    """The options that decide where the drawing is done."""
    for option in (
        click.option("--engine", default="local", show_default=True, help="local or dask (nnreel[cluster])."),
        click.option("--scheduler", metavar="ADDRESS", help="Dask's scheduler (default: a cluster here)."),
        click.option("--tls-ca-file", type=FILE, help="Certificate authority for tls:// schedulers."),
        click.option("--tls-cert", type=FILE, help="This side's certificate."),
        click.option("--tls-key", type=FILE, help="The certificate's key."),
    ):
        command = option(command)
    return command


#: Fields of a run that have an option of their own; every other one is set with --set FIELD=VALUE.
RUN_FIELDS = {
    "dataset": "Its name: digits, moons, ...",
    "layers": "units:activation, comma between, as 128:relu,10:softmax.",
    "loss": "mse, cross_entropy or binary_cross_entropy.",
    "optimizer": "sgd, momentum, rmsprop, adam or adamw.",
    "learning_rate": "The rate of the first step.",
    "batch_size": "Examples in a batch.",
    "epochs": "Passes over the training set.",
    "seed": "Decides everything that is drawn by lot.",
    "dtype": "float32 or float64.",
    "l2": "Weight decay.",
}


def run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that change a run."""
    for name, text in reversed(RUN_FIELDS.items()):
        command = click.option(f"--{name.replace('_', '-')}", name, metavar="VALUE", help=text)(command)
    return command


def together(command: Any, options: Sequence[Decorator]) -> Any:
    """The command with all of the options, the first one listed first."""
    for option in reversed(options):
        command = option(command)
    return command


def embed_options(command: Any) -> Any:
    """What a pack for a post is to hold and to look like."""
    options = (
        click.option(
            "--format", "formats", multiple=True, help="mp4, av1, vp9, gif or webp (default: all but vp9)."
        ),
        click.option(
            "--max-bytes", type=click.IntRange(1_000), help="Limit of GIF and WebP [default: 2000000]."
        ),
        click.option(
            "--platform", "platforms", multiple=True, help="Upload files for linkedin, medium, youtube, x."
        ),
        click.option(
            "--base-url", metavar="URL", help="Where the pack's folder will be, as the page sees it."
        ),
        click.option(
            "--autoplay", is_flag=True, help="Play when in view, unless the reader wants less motion."
        ),
        click.option("--transparent", is_flag=True, help="Also a WebM without background."),
        click.option(
            "--sound",
            type=click.Choice(["off", "data", "full"]),
            default="off",
            show_default=True,
            help="Also a copy of the clip that sounds like its recording; full: over a quiet bed.",
        ),
        click.option(
            "--interactive", is_flag=True, help="One HTML file to scrub through the training, instead."
        ),
        click.option(
            "--snippet", metavar="KIND", help="Print this snippet: html, markdown, hugo, jekyll, ..."
        ),
        click.option(
            "--recording", "recordings", multiple=True, type=FOLDER, help="Draw from this recording."
        ),
        click.option(
            "--workers", type=click.IntRange(1, 256), help="Processes to draw with (default: all cores)."
        ),
        click.option("--preset", default="blog", show_default=True, help="preview, blog or hd."),
        click.option(
            "--aspect", help="16:9, 1:1, 4:5 or 9:16 (default: 16:9, or what the platform shows best)."
        ),
        click.option("--theme", default="dark", show_default=True, help="dark or light."),
        click.option(
            "--set", "params", multiple=True, metavar="NAME=VALUE", help="A parameter of the scene."
        ),
    )
    return together(command, options)


def film_options(command: Any) -> Any:
    """Who speaks in a film, how it sounds and looks."""
    options = (
        click.option(
            "--check", is_flag=True, help="Say what it would be and what is wrong with it; make nothing."
        ),
        click.option(
            "--voice",
            default="none",
            show_default=True,
            help="none, espeak, recorded DIR or command PROGRAM.",
        ),
        click.option(
            "--sound", default="full", show_default=True, help="off, data, or full: data over a quiet bed."
        ),
        click.option(
            "--loudness", type=float, default=LOUDNESS, show_default=True, help="Of the sound, in LUFS."
        ),
        click.option(
            "--burn/--no-burn",
            default=None,
            help="Draw captions in (default: where nobody speaks, and in 9:16).",
        ),
        click.option(
            "--captions", "translation", type=FILE, help="Captions in another language too, from this TOML."
        ),
        click.option(
            "--recording", "recordings", multiple=True, type=FOLDER, help="Draw from this recording."
        ),
        click.option(
            "--workers", type=click.IntRange(1, 256), help="Processes to draw with (default: all cores)."
        ),
        click.option("--preset", default="blog", show_default=True, help="preview, blog or hd."),
        click.option("--aspect", help="16:9, 1:1, 4:5 or 9:16 (default: what the film says)."),
        click.option("--theme", help="dark or light (default: what the film says)."),
    )
    return together(command, options)
