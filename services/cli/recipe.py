"""``countersign recipe``: a project written, checked and digested; needs no server."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

COULD_NOT_TELL = 2
KINDS = ("sklearn", "boost", "network")


def add(nouns: Any) -> None:
    """Add the commands of this noun."""
    noun = nouns.add_parser("recipe", help="how a model is trained")
    verbs = noun.add_subparsers(dest="verb", required=True)
    init = verbs.add_parser("init", help="write a project that passes its own checks")
    init.add_argument("name", help="of the project and of the model, such as house-prices")
    init.add_argument("--kind", choices=KINDS, default="sklearn")
    init.add_argument("--in", dest="place", default=".", help="the folder to write it in")
    init.set_defaults(run=run_init)
    check = verbs.add_parser(
        "check", help="look at a project; exit 0: good; 1: not; 2: could not tell"
    )
    check.add_argument("folder")
    check.add_argument("--no-tests", action="store_true", help="leave its own tests out")
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=run_check)
    digest = verbs.add_parser(
        "digest", help="the SHA-256 of the rows of a file, as a recipe pins it"
    )
    digest.add_argument("file")
    digest.set_defaults(run=run_digest)


def run_init(arguments: argparse.Namespace) -> int:
    """Write a project."""
    from services.decisions.recipe.sampling import sample
    from services.decisions.recipe.writing import project, write

    folder = Path(arguments.place).absolute() / arguments.name
    files = project(arguments.name, arguments.kind, folder, sample())
    write(folder, files)
    for path in sorted(files):
        print(f"  {path}")
    print(f"Written to {folder}. Next: countersign recipe check {folder}")
    return 0


def run_check(arguments: argparse.Namespace) -> int:
    """Look at a project; print each thing looked at."""
    from services.decisions.recipe.checking import check
    from services.facts.training_data.loading import TrainingRows
    from services.facts.training_data.logged import NoLog

    found = list(check(Path(arguments.folder), TrainingRows(NoLog()), tests=not arguments.no_tests))
    if arguments.json:
        print(json.dumps([asdict(each) for each in found], indent=1))
    else:
        for each in found:
            mark = {True: "✓", False: "✗", None: "?"}[each.holds]
            print(f"  {mark} {each.what:<8} {each.words}")
    if any(each.holds is False for each in found):
        return 1
    return COULD_NOT_TELL if any(each.holds is None for each in found) else 0


def run_digest(arguments: argparse.Namespace) -> int:
    """Print the digest of a file's rows."""
    from services.facts.training_data.columns import normalised
    from services.facts.training_data.files import read
    from services.facts.training_data.hashing import digest

    print(digest(normalised(read(arguments.file))))
    return 0
