"""`townhall evaluate`: the very code that runs live, measured on files of known answers. It needs neither a database nor a secret."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from townhall.customers.matching.reading import Told

BY_PATH = {  # (path) -> what to print
    "duplicates": ("townhall.street.evaluate:evaluate", "a folder of reports, some of them the same problem"),
    "deadlines": ("townhall.clocks.evaluate:evaluate", "a CSV of worked deadlines"),
    "mail": ("townhall.mailroom.reading.evaluate:evaluate", "a folder of mails: a line of JSON for what each says"),
    "wards": ("townhall.places.evaluate:evaluate", "a folder of ward boundaries"),
}


def add(command: Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]) -> None:
    """Put this command on the command line."""
    to_evaluate = command("evaluate", evaluate, "measure our rules on a file or folder of known answers")
    kinds = to_evaluate.add_subparsers(dest="what", required=True, metavar="what")
    for name, (_target, words) in BY_PATH.items():
        kinds.add_parser(name, help=words, description=words).add_argument("path", type=Path)
    words = "a CSV of records, of which it is known who each is"
    matching = kinds.add_parser("matching", help=words, description=words)
    matching.add_argument("path", type=Path)
    add_columns(matching)
    add_routing(kinds)
    words = "two CSVs of people: each of the second is looked for among the first"
    lookup = kinds.add_parser("lookup", help=words, description=words)
    lookup.add_argument("among", type=Path)
    lookup.add_argument("path", type=Path)
    add_columns(lookup)


def add_routing(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    words = "a CSV of texts and where each belongs: a part of it is learnt from, the rest is told apart"
    routing = kinds.add_parser("routing", help=words, description=words)
    routing.add_argument("path", type=Path)
    routing.add_argument(
        "--train", type=Path, metavar="FILE.csv", help="learn from this file, and test all of the other"
    )
    routing.add_argument("--text", default="", metavar="COLUMN", help="the column with the words; several with commas")
    routing.add_argument("--label", default="", metavar="COLUMN", help="the column that says where it belongs")
    routing.add_argument("--seed", type=int, default=1, help="of the draw of what is tested")
    routing.add_argument("--threshold", type=float, help="the confidence from which on a text is routed (0 to 1)")


def add_columns(parser: argparse.ArgumentParser) -> None:
    """How the columns of somebody's file of people are told."""
    parser.add_argument("--id", required=True, metavar="COLUMN", help="the column that names the record")
    truth = parser.add_mutually_exclusive_group(required=True)
    truth.add_argument("--truth", default="", metavar="COLUMN", help="the column that says who it is")
    truth.add_argument("--truth-from", default="", metavar="REGEX", help="who it is, found in the id")
    parser.add_argument("--ignore", action="append", default=[], metavar="COLUMN", help="a column to leave out")
    parser.add_argument("--map", type=Path, metavar="FILE.yaml", help="which heading means what, such as: dob: born")


def evaluate(options: argparse.Namespace) -> int:
    """Exit status 1, and a line that says why, when the file cannot be read as what it was said to be."""
    import django

    from townhall.config.commands import CommandFailed

    os.environ.setdefault("DEBUG", "True")
    django.setup()
    try:
        print(evaluated(options))
    except (ValueError, OSError) as error:
        raise CommandFailed(str(error)) from error
    return 0


def evaluated(options: argparse.Namespace) -> str:
    from townhall.config.commands import target

    if options.what in BY_PATH:
        return str(target(BY_PATH[options.what][0])(options.path))
    if options.what == "routing":
        from townhall.mailroom.routing.evaluate import evaluate as routing

        told = {name: getattr(options, name) for name in ("train", "text", "label", "seed", "threshold")}
        return routing(options.path, **told)
    from townhall.customers.matching.evaluate import evaluate as matching
    from townhall.customers.matching.evaluate_lookup import evaluate as lookup

    if options.what == "lookup":
        return lookup(options.among, options.path, told_by(options))
    return matching(options.path, told_by(options))


def told_by(options: argparse.Namespace) -> Told:
    import yaml

    from townhall.customers.matching.reading import Told

    named = yaml.safe_load(options.map.read_text()) if options.map else {}
    if not isinstance(named, dict):
        raise ValueError(  # noqa: TRY004 - what is wrong is the file
            f"{options.map.name} has to name headings, one a line, such as: dob: born"
        )
    return Told(
        id_column=options.id, truth=options.truth, truth_from=options.truth_from, ignore=options.ignore, named=named
    )
