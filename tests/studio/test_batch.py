"""Many contact sheets in one call: every one is drawn, however many a process has drawn before."""

from pathlib import Path

from studio.batch import SHEETS_PER_POOL, sheets

SAMPLES = Path(__file__).parent / "sample_scenes.py"


def test_more_sheets_than_one_process_draws(tmp_path):
    scenes = [f"{SAMPLES}:Three", f"{SAMPLES}:Plain"]
    told = sheets(scenes, False, tmp_path, None, 1, preset="48p5", aspect="all", theme="all")
    made = [Path(line) for line in told.splitlines()]
    assert len(made) == 16 > SHEETS_PER_POOL
    assert len(set(made)) == 16
    assert all(path.stat().st_size > 0 for path in made)
