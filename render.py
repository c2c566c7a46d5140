"""The command line: parses, calls the studio or the training core, prints. No logic lives here.

Every import of a room happens inside the command that needs it, so `--help` and `list` answer at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

from nncore import __version__
from nncore.errors import BadInput, NNReelError, did_you_mean

EXIT_FINDINGS = 1
EXIT_INTERRUPTED = 130
EXIT_OUTPUT = 74
FILE = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


class Group(click.Group):
    """Commands in the order of the work, with "did you mean" for a wrong one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            raise BadInput(f"no command '{args[0]}'.{did_you_mean(args[0], self.commands)}")
        return super().resolve_command(ctx, args)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="nnreel")
def cli() -> None:
    """Clips of how neural networks learn, drawn from real recorded training runs."""


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


@cli.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON, with every beat.")
def list_(as_json: bool) -> None:
    """Show the scenes in the order of the story."""
    from studio.listing import listing

    click.echo(listing(as_json))


@cli.command()
@click.argument("scenes", nargs=-1, metavar="[SCENE...]")
@click.option("--all", "everything", is_flag=True, help="Every scene of the library.")
@click.option("-o", "--output", type=FOLDER, default="build", show_default=True, help="Folder for the clips.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes to draw with (default: all cores).")
@click.option(
    "--sound",
    type=click.Choice(["off", "data", "full"]),
    default="off",
    show_default=True,
    help="A copy of each clip that sounds like its recording; full: over a quiet bed.",
)
@engine_options
@look_options("blog", several=True)
def render(scenes: tuple[str, ...], output: Path, workers: int | None, **look: Any) -> None:
    """Draw SCENEs as MP4 clips, each with its manifest.

    A scene of your own is named path/to/file.py:Class.
    """
    from studio import commands

    engine = {name: look.pop(option) for option, name in ENGINE_OPTIONS.items()}
    click.echo(commands.render(scenes, output, workers, engine=engine, **look))


@cli.command()
@click.argument("scene")
@click.option("--beat", help="The end of this beat (default: the last).")
@click.option("--at", type=float, metavar="SECONDS", help="This moment instead.")
@click.option("-o", "--output", type=FILE, required=True, help="PNG file.")
@look_options("blog")
def still(scene: str, beat: str | None, at: float | None, output: Path, **look: Any) -> None:
    """Draw one picture of SCENE."""
    from studio import commands

    click.echo(commands.still(scene, beat, at, output, **look))


@cli.command()
@click.argument("scenes", nargs=-1, metavar="[SCENE...]")
@click.option("--all", "everything", is_flag=True, help="Every scene of the library.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="PNG file, or for several sheets a folder.",
)
@click.option("--columns", type=click.IntRange(1, 12), help="Pictures in a row.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes to draw with (default: all cores).")
@look_options("preview", several=True)
def sheet(scenes: tuple[str, ...], **options: Any) -> None:
    """Draw contact sheets of SCENEs: the end of every beat with its caption."""
    from studio import batch

    click.echo(batch.sheets(scenes, **options))


@cli.command()
@click.argument("scene")
@click.option("--beat", required=True, help="The beat to look through.")
@click.option("-n", "--number", default=8, show_default=True, help="How many pictures.")
@click.option("-o", "--output", type=FILE, required=True, help="PNG file.")
@click.option("--columns", type=click.IntRange(1, 12), help="Pictures in a row.")
@look_options("preview")
def strip(scene: str, beat: str, number: int, output: Path, columns: int | None, **look: Any) -> None:
    """Draw frames evenly through one beat of SCENE, transitions included."""
    from studio import commands

    click.echo(commands.strip(scene, beat, number, output, columns, **look))


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


@cli.command()
@click.argument("recipe", required=False)
@click.option("--all", "every", is_flag=True, help="Train every recipe and list what came of each.")
@click.option("--spec", "file", type=FILE, help="Train the run a TOML file describes.")
@run_options
@click.option("--set", "fields", multiple=True, metavar="FIELD=VALUE", help="Any other field of the run.")
@click.option("--data", type=FILE, help="A CSV (last column the label) or NPZ (x, y) of your own.")
@click.option("--data-dir", type=FOLDER, help="The folder with MNIST's four files.")
@click.option("-o", "--output", type=FOLDER, help="Folder for the recording (default: the cache).")
@click.option(
    "--overwrite", is_flag=True, help="Replace a recording that is there, once the new one is whole."
)
@click.option("--json", "as_json", is_flag=True, help="Time, size, digest and final figures as JSON.")
def train(recipe: str | None, every: bool, output: Path | None, **options: Any) -> None:
    """Train RECIPE, or a run of your own, in NumPy and record it."""
    from studio import train_command

    click.echo(train_command.run(recipe, every, output, **options))


@cli.command()
@click.option("-o", "--output", type=FOLDER, default="build", show_default=True, help="Folder for the film.")
@click.option("--recording", "recordings", multiple=True, type=FOLDER, help="Draw from this one.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes to draw with (default: all cores).")
@click.option("--preset", default="blog", show_default=True, help="preview, blog or hd.")
def demo(output: Path, recordings: tuple[Path, ...], workers: int | None, preset: str) -> None:
    """Train on handwritten digits, draw three scenes and join them into one MP4."""
    from studio import commands

    click.echo(commands.demo(output, recordings, workers, preset))


@cli.command()
@click.argument("scene")
@click.option("--port", type=click.IntRange(1, 65535), help="Exactly this port (default: any free one).")
@click.option("--open/--no-open", "opens", default=True, help="Open the page in the browser.")
@click.option("--watch/--no-watch", "watches", default=True, help="Draw anew when a file is saved.")
@click.option("-o", "--output", type=FOLDER, default="build", show_default=True, help="For what is saved.")
@look_options("preview")
def preview(scene: str, **options: Any) -> None:
    """Show SCENE in the browser: scrub, step, see its numbers' sources, and every change as you save it."""
    from studio.preview import command

    command.preview(scene, say=click.echo, **options)


@cli.command()
@click.argument(
    "posts", nargs=-1, required=True, metavar="POST.md|FOLDER...", type=click.Path(path_type=Path)
)
@click.option("-o", "--output", type=FOLDER, help="Folder for the woven copies (default: in place).")
@click.option("--suggest", is_flag=True, help="Propose a clip for each section, with the reason.")
@click.option("--apply", "apply_", is_flag=True, help="With --suggest: write the markers into the posts.")
@click.option("--check", is_flag=True, help="Check the posts' arithmetic; exit 1 where it is wrong.")
@click.option("--snippet", default="html", show_default=True, help="Kind of snippet, as in a pack.")
@click.option("--base-url", help="Where the clips' folder is as seen from the page (default: clips/).")
@click.option("--json", "as_json", is_flag=True, help="Say what was done or found as JSON.")
@look_options("blog")
def weave(posts: tuple[Path, ...], suggest: bool, apply_: bool, check: bool, **options: Any) -> None:
    """Put clips into Markdown posts, where `<!-- nnreel: Scene:beat aspect=1:1 -->` asks for one."""
    from studio.weave import command

    text, right = command.run(posts, suggest=suggest, apply=apply_, check=check, **options)
    click.echo(text)
    sys.exit(0 if right else EXIT_FINDINGS)


@cli.command()
@click.argument("scenes", nargs=-1, metavar="[SCENE...]")
@click.option("--aspect", default="all", show_default=True, help="16:9, 1:1, 4:5, 9:16 or all.")
@click.option("--theme", default="all", show_default=True, help="dark, light or all.")
@click.option("--recording", "recordings", multiple=True, type=FOLDER, help="Draw from this recording.")
def lint(scenes: tuple[str, ...], aspect: str, theme: str, recordings: tuple[Path, ...]) -> None:
    """Look over the layout of SCENEs (default: all) without drawing; exit 1 with a line per finding."""
    from studio.lint import lint_scenes

    text, clean = lint_scenes(scenes, aspect, theme, recordings)
    click.echo(text)
    sys.exit(0 if clean else EXIT_FINDINGS)


@cli.command()
@click.argument("scene", metavar="SCENE[:BEAT]")
@click.option("-o", "--output", type=FOLDER, default="build", show_default=True, help="Folder for the pack.")
@click.option("--format", "formats", multiple=True, help="mp4, av1, vp9, gif or webp (default: all but vp9).")
@click.option("--max-bytes", type=click.IntRange(1_000), help="Limit of GIF and WebP [default: 2000000].")
@click.option("--platform", "platforms", multiple=True, help="Upload files for linkedin, medium, youtube, x.")
@click.option("--base-url", metavar="URL", help="Where the pack's folder will be, as the page sees it.")
@click.option("--autoplay", is_flag=True, help="Play when in view, unless the reader wants less motion.")
@click.option("--transparent", is_flag=True, help="Also a WebM without background.")
@click.option("--interactive", is_flag=True, help="One HTML file to scrub through the training, instead.")
@click.option("--snippet", metavar="KIND", help="Print this snippet: html, markdown, hugo, jekyll, ...")
@click.option("--recording", "recordings", multiple=True, type=FOLDER, help="Draw from this recording.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes to draw with (default: all cores).")
@click.option("--preset", default="blog", show_default=True, help="preview, blog or hd.")
@click.option("--aspect", help="16:9, 1:1, 4:5 or 9:16 (default: 16:9, or what the platform shows best).")
@click.option("--theme", default="dark", show_default=True, help="dark or light.")
@click.option("--set", "params", multiple=True, metavar="NAME=VALUE", help="A parameter of the scene.")
def embed(scene: str, output: Path, interactive: bool, **options: Any) -> None:
    """Make a pack for a blog post: clip, GIF, poster, captions, texts, snippets to paste."""
    from studio.embed import command

    make = command.interactive if interactive else command.embed
    click.echo(make(scene, output, **options))


class WithVoice(click.Command):
    """A command whose `--voice recorded DIR` and `--voice command "..."` are one value without quotes."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        words, joined = list(args), []
        while words:
            joined.append(words.pop(0))
            if joined[-1] == "--voice" and len(words) > 1 and words[0] in ("recorded", "command"):
                joined.append(f"{words.pop(0)} {words.pop(0)}")
        return super().parse_args(ctx, joined)


@cli.command(cls=WithVoice)
@click.argument("name", default="how-neural-networks-learn", metavar="[FILM]")
@click.option("-o", "--output", type=FOLDER, default="build", show_default=True, help="Folder for the film.")
@click.option("--check", is_flag=True, help="Say what it would be and what is wrong with it; make nothing.")
@click.option(
    "--voice", default="none", show_default=True, help="none, espeak, recorded DIR or command PROGRAM."
)
@click.option("--sound", default="full", show_default=True, help="off, data, or full: data over a quiet bed.")
@click.option("--loudness", type=float, default=-16.0, show_default=True, help="Of the sound, in LUFS.")
@click.option("--burn/--no-burn", default=None, help="Draw captions in (default: where nobody speaks).")
@click.option(
    "--captions", "translation", type=FILE, help="Captions in another language too, from this TOML."
)
@click.option("--recording", "recordings", multiple=True, type=FOLDER, help="Draw from this recording.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes to draw with (default: all cores).")
@click.option("--preset", default="blog", show_default=True, help="preview, blog or hd.")
@click.option("--aspect", help="16:9, 1:1, 4:5 or 9:16 (default: what the film says).")
@click.option("--theme", help="dark or light (default: what the film says).")
def film(name: str, output: Path, **options: Any) -> None:
    """Make a film of many scenes, with voice, sound, chapters, captions and transcript.

    FILM is one of the project's (how-neural-networks-learn, sixty-seconds) or a TOML file of your own.
    """
    from studio.film import command

    click.echo(command.run(name, output, **options))


@cli.command()
@click.argument("clip", type=FILE)
@click.option("--recording", "recordings", multiple=True, type=FOLDER, help="Check against this one.")
def verify(clip: Path, recordings: tuple[Path, ...]) -> None:
    """Derive every number in CLIP again from its recording, and replay the run."""
    from studio import commands

    click.echo(commands.verify(clip, recordings))


@cli.command()
def doctor() -> None:
    """Check this machine: versions, fonts, one real frame, one real encode."""
    from studio import commands

    click.echo(commands.doctor())


@cli.command()
@click.argument("action", type=click.Choice(["info", "clear"]), default="info")
def cache(action: str) -> None:
    """Show or clear the cache of drawn segments."""
    from studio import commands

    click.echo(commands.cache(action))


def fail(message: str, code: int) -> NoReturn:
    """What went wrong on stderr, one line for each thing, and the exit code."""
    for line in message.splitlines():
        click.echo(f"nnreel: {line}", err=True)
    sys.exit(code)


def main() -> None:
    """Runs the command line and turns what can go wrong into one line and an exit code."""
    try:
        cli.main(prog_name="nnreel", standalone_mode=False)
    except NNReelError as error:
        fail(str(error), error.exit_code)
    except click.exceptions.Abort:
        fail("interrupted.", EXIT_INTERRUPTED)
    except click.NoSuchOption as error:
        fail(
            f"no option '{error.option_name}'.{did_you_mean(error.option_name, error.possibilities or [])}", 2
        )
    except click.ClickException as error:
        fail(error.format_message(), error.exit_code)
    except KeyboardInterrupt:
        fail("interrupted.", EXIT_INTERRUPTED)
    except OSError as error:
        from studio.files import OUTPUT_ERRNOS

        if error.errno not in OUTPUT_ERRNOS:
            raise
        fail(f"{error.filename or 'output'}: {error.strerror}", EXIT_OUTPUT)


if __name__ == "__main__":
    main()
