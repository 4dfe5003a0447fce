"""Matplotlib keeps fonts and settings for the whole process: set once, one picture at a time."""

from threading import Lock

import matplotlib

matplotlib.rcParams.update(
    {"svg.fonttype": "none", "svg.hashsalt": "bureau", "text.parse_math": False}
)
ONE_AT_A_TIME = Lock()
