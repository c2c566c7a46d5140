"""The text of a film of two sample scenes."""

TINY = "90p10"
FILM = """
title = "A small film"
subtitle = "Two scenes"
opening = "Two scenes in a row."
thumbnail = "Three.third"
credits = ["That was all."]

[[scene]]
name = "samples.py:Three"
beats = ["first", "third"]
transition = "dissolve"

[[scene]]
name = "samples.py:Measured"
transition = "card"
lines.again = "The same once more, in the film's own words."
"""
