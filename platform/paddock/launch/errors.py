"""The one exception of the launcher."""


class LaunchError(Exception):
    """What keeps Paddock from starting or running, as a sentence for the person at the terminal."""
