"""A group of commands; each leaf names the module and the function that do it."""

from __future__ import annotations

import argparse


class Group:
    """The commands about one thing."""

    def __init__(
        self,
        groups: argparse._SubParsersAction[argparse.ArgumentParser],
        where: argparse.ArgumentParser,
        module: str,
        about: str,
    ) -> None:
        found = groups.add_parser(module, help=about, description=about)
        self._commands = found.add_subparsers(metavar="COMMAND", required=True)
        self._where = where
        self._module = module

    def add(self, word: str, about: str, module: str | None = None) -> argparse.ArgumentParser:
        """A command; `module` has its function, if not the group's own."""
        found = self._commands.add_parser(
            word, help=about, description=about, parents=[self._where]
        )
        found.set_defaults(command=(module or self._module, word))
        return found
