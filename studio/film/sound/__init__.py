"""Sound from recorded numbers: tones made in NumPy, put together with pydub, brought to one loudness."""
