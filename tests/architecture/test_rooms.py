"""What import contracts cannot say about the house."""

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIMITS = {"pages": 60, "console": 200, "services": 250}
ADAPTERS = {
    "evidently": {"services/facts/drift/evidently_adapter.py"},
    "fsspec": {"services/facts/prediction/fsspec_adapter.py"},
    "duckdb": {"services/facts/prediction/duckdb_adapter.py"},
    "pynvml": {"services/workflows/engine/local/nvml_adapter.py"},
    "uv": {"services/workflows/environment/uv_adapter.py"},
    "dbos": {"services/workflows/dbos_adapter.py"},
    "shap": {"services/facts/explanation/shap_adapter.py"},
    "pandera": {"services/facts/data_quality/pandera_adapter.py"},
    "numba": {"services/facts/drift/kernel.py"},
    "fairlearn": {"services/facts/fairness/fairlearn_adapter.py"},
}
FORBIDDEN = re.compile(r"(^|_)(utils?|helpers?|common|misc|manager)(_|$)")


def sources(wing: str) -> list[Path]:
    return [p for p in sorted((ROOT / wing).rglob("*.py")) if "versions" not in p.parts]


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("wing", LIMITS)
def test_no_file_outgrows_its_wing(wing: str) -> None:
    grown = {
        str(path.relative_to(ROOT)): lines
        for path in sources(wing)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LIMITS[wing]
    }
    assert grown == {}


@pytest.mark.parametrize("wing", LIMITS)
def test_a_door_carries_a_sign_and_nothing_else(wing: str) -> None:
    for path in sources(wing):
        if path.name == "__init__.py":
            body = ast.parse(path.read_text(encoding="utf-8")).body
            assert len(body) == 1, path
            assert isinstance(body[0], ast.Expr), path


@pytest.mark.parametrize("library", ADAPTERS)
def test_one_library_is_imported_in_one_file(library: str) -> None:
    users = {
        str(path.relative_to(ROOT))
        for wing in LIMITS
        for path in sources(wing)
        if any(name.split(".")[0] == library for name in imports(path))
    }
    assert users <= ADAPTERS[library]


def test_tables_stay_in_their_room() -> None:
    for path in sources("services"):
        for name in imports(path):
            if name.endswith(".records") and path.parent.name != "migrations":
                room = "/".join(name.split(".")[:-1])
                assert str(path.relative_to(ROOT)).startswith(room), (path, name)


def test_no_file_has_a_name_that_says_nothing() -> None:
    named = [p for wing in LIMITS for p in sources(wing) if FORBIDDEN.search(p.stem)]
    assert named == []


def test_no_console_file_hides_a_module_of_the_standard_library() -> None:
    stems = {path.stem for path in (ROOT / "console").glob("*.py")} - {"__init__"}
    assert stems & set(sys.stdlib_module_names) == set()


def test_no_page_does_anything_when_it_is_imported() -> None:
    allowed = (ast.FunctionDef, ast.Import, ast.ImportFrom, ast.ClassDef)
    for path in sources("pages"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            is_constant = isinstance(node, (ast.Assign, ast.AnnAssign))
            assert isinstance(node, allowed) or is_docstring or is_constant, (path, node.lineno)


def test_no_entry_script_stands_beside_the_pages_folder() -> None:
    assert list(ROOT.glob("*.py")) == []
    assert not (ROOT / "console" / "pages").exists()


def test_html_from_data_is_never_drawn() -> None:
    for wing in ("console", "pages"):
        for path in sources(wing):
            text = path.read_text(encoding="utf-8")
            assert "unsafe_allow_html" not in text, path
            assert "components.v1" not in text, path
            assert "st.iframe" not in text, path
