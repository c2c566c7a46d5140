"""The film: a script of scenes becomes one narrated MP4 with chapters, captions and sound.

script -> words -> voice -> timing -> pictures (the renderer's cache) -> sound -> one join -> texts. Pictures
come as packets of drawn segments and are never encoded again; sound is made from the same recordings.
"""

#: What platforms turn sound to, in LUFS. It stands here because `--help` shows it and waits for no import.
LOUDNESS = -16.0
