"""Looks somebody up in the directory from a process of its own: `python -m`, found or not by its exit code."""

import sys

import django

if __name__ == "__main__":
    django.setup()

    from integrations.directories.entra.directory import EntraDirectory
    from tests.integrations import world

    (outcome,) = EntraDirectory(world.ENTRA).find_people([world.person("ann@contoso.example")]).values()
    sys.exit(0 if isinstance(outcome, str) else repr(outcome))
