"""The command line: parses, calls the studio or the training core, prints. No logic lives here.

Every import of a room happens inside the command that needs it, so `--help` and `list` answer at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from nncore import __version__
from nncore.errors import NNReelError, did_you_mean
from studio.options import (
    ENGINE_OPTIONS,
    FILE,
    FOLDER,
    Group,
    WithVoice,
    embed_options,
    engine_options,
    film_options,
    look_options,
    run_options,
)

EXIT_FINDINGS = 1
EXIT_INTERRUPTED = 130
EXIT_OUTPUT = 74


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="nnreel")
def cli() -> None:
    """Clips of how neural networks learn, drawn from real recorded training runs."""


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
@embed_options
def embed(scene: str, output: Path, interactive: bool, **options: Any) -> None:
    """Make a pack for a blog post: clip, GIF, poster, captions, texts, snippets to paste."""
    from studio.embed import command

    make = command.interactive if interactive else command.embed
    click.echo(make(scene, output, **options))


@cli.command(cls=WithVoice)
@click.argument("name", default="how-neural-networks-learn", metavar="[FILM]")
@click.option("-o", "--output", type=FOLDER, default="build", show_default=True, help="Folder for the film.")
@film_options
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
