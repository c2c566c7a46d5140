"""What is read beside the film: chapters for YouTube, the transcript with its stills, the thumbnail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from scenes.kit.layout import Look
from scenes.kit.style import THEMES
from studio.film.audio import Chapter
from studio.film.pictures import last_frame
from studio.film.shots import Film
from studio.film.timing import Moment, Timeline
from studio.presets import preset
from studio.request import Request
from studio.segments import SegmentStore

#: YouTube shows chapters if there are at least three, each of at least ten seconds.
FEWEST_CHAPTERS, SHORTEST_CHAPTER = 3, 10.0
_STILL_WIDTH = 960
#: A thumbnail is as large as this preset's pictures.
THUMBNAIL_PRESET = "blog"
#: Units of height that notes take at the foot of a stage.
_NOTES, _NOTES_UPRIGHT = 0.75, 1.3


def clock(seconds: float) -> str:
    """m:ss, as YouTube reads it."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def youtube_chapters(chapters: Sequence[Chapter]) -> str:
    """One line for each chapter, for a video's description."""
    return "".join(f"{clock(chapter.start)} {chapter.title}\n" for chapter in chapters)


def chapter_problems(chapters: Sequence[Chapter]) -> list[str]:
    """What would keep YouTube from showing the chapters."""
    problems = [
        f"chapter '{each.title}' lasts {each.end - each.start:.1f} s; YouTube wants {SHORTEST_CHAPTER:g} s."
        for each in chapters
        if each.end - each.start < SHORTEST_CHAPTER
    ]
    if len(chapters) < FEWEST_CHAPTERS:
        problems.append(f"{len(chapters)} chapters; YouTube shows them from {FEWEST_CHAPTERS} on.")
    return problems


def by_chapter(timeline: Timeline) -> list[list[Moment]]:
    """The moments of each chapter."""
    found: list[list[Moment]] = [[]]
    for moment in timeline.moments:
        if moment.chapter and any(each.chapter for each in found[-1]):
            found.append([])
        found[-1].append(moment)
    return found


def transcript(film: Film, timeline: Timeline, texts: Mapping[int, str], stills: Sequence[str]) -> str:
    """The film as Markdown: for each chapter a still and what is said. `stills` are paths beside it."""
    index_of = {id(moment): index for index, moment in enumerate(timeline.moments)}
    rows = [f"# {film.title}", ""]
    rows += [film.subtitle, ""] if film.subtitle else []
    for chapter, moments, still in zip(timeline.chapters(), by_chapter(timeline), stills, strict=True):
        said = [texts[index_of[id(each)]] for each in moments if texts.get(index_of[id(each)])]
        rows += [f"## {clock(chapter.start)} {chapter.title}", ""]
        rows += [f"![{chapter.title}, the last picture of the chapter]({still})", ""]
        rows += [" ".join(said), ""] if said else []
    if film.credits:
        rows += ["---", "", *(line + "  " for line in film.credits)]
    return "\n".join(rows).rstrip() + "\n"


def write_stills(timeline: Timeline, store: SegmentStore, folder: Path) -> list[Path]:
    """The picture each chapter's last beat ends on, as JPEG files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, moments in enumerate(by_chapter(timeline), 1):
        moment = next(each for each in reversed(moments) if each.said is not None or each is moments[0])
        image = _image(last_frame(store.video(moment.key)))
        if image.width > _STILL_WIDTH:
            image = image.resize((_STILL_WIDTH, round(image.height * _STILL_WIDTH / image.width)))
        path = folder / f"{number:02}.jpg"
        image.save(path, quality=88)
        paths.append(path)
    return paths


def write_thumbnail(title: str, look: Request, pixels: np.ndarray, path: Path) -> None:
    """The film's title large under a still's stage, which is all of it but its title, notes and caption.

    Shapes: pixels (height, width, 3 or 4), 0 to 255.
    """
    size = preset(THUMBNAIL_PRESET).size(look.aspect)
    colors = THEMES[look.theme]
    image = Image.new("RGB", size, colors["background"])
    font, rows = _fitting(title, image.width)
    step, gap = round(font.size * 1.15), round(font.size * 0.4)
    stage = _stage(_image(pixels).resize(size, Image.Resampling.LANCZOS), look)
    stage.thumbnail((image.width, image.height - len(rows) * step - 3 * gap), Image.Resampling.LANCZOS)
    top = (image.height - stage.height - gap - len(rows) * step) // 2
    image.paste(stage, ((image.width - stage.width) // 2, top))
    draw, top = ImageDraw.Draw(image), top + stage.height + gap
    for row in rows:
        draw.text((0.05 * image.width, top), row, font=font, fill=colors["ink"])
        top += step
    draw.rectangle((0, image.height - 10, image.width, image.height), fill=colors["accent"])
    image.save(path)


def _stage(image: Image.Image, look: Request) -> Image.Image:
    """What of a frame lies between its title row and the notes under its stage."""
    shape = Look(look.aspect, look.theme)
    notes = _NOTES_UPRIGHT if shape.upright else _NOTES
    unit, top = image.height / shape.frame.height, shape.frame.top
    rows = (round((top - y) * unit) for y in (shape.wide.top, shape.wide.bottom + notes))
    upper, lower = rows
    return image.crop((0, upper, image.width, lower))


def _fitting(title: str, width: int) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """The largest font in which the title takes one row, or two where one would be small, and the rows."""
    from scenes.kit.text import font_path

    for most, smallest in ((1, 80), (2, 40)):
        for size in range(132, smallest, -4):
            font = ImageFont.truetype(str(font_path("bold")), size)
            rows: list[str] = []
            for word in title.split():
                longer = f"{rows[-1]} {word}" if rows else word
                if rows and font.getlength(longer) <= width * 0.9:
                    rows[-1] = longer
                else:
                    rows.append(word)
            if len(rows) <= most and all(font.getlength(row) <= width * 0.9 for row in rows):
                return font, rows
    return font, rows


def _image(pixels: np.ndarray) -> Image.Image:
    return Image.fromarray(pixels[..., :3].round().astype(np.uint8))
