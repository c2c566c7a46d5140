"""The film: a script of scenes becomes one narrated MP4 with chapters, captions and sound.

script -> words -> voice -> timing -> pictures (the renderer's cache) -> sound -> one join -> texts. Pictures
come as packets of drawn segments and are never encoded again; sound is made from the same recordings.
"""
