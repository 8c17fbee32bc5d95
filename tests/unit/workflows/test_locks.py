"""What is a lock, and where packages come from."""

import pytest

from services.kernel.error import InvalidInput
from services.workflows.environment.lock import check
from services.workflows.environment.registry import options, told_by_pip, variables
from services.workflows.environment.types import Prepared

DIGEST = "--hash=sha256:" + "0" * 64


@pytest.mark.parametrize(
    "text",
    [
        "numpy==2.4.6",
        "# made by a tool\nnumpy==2.4.6  # why\n\nPandas[excel] == 2.3.1 ; python_version < '3.13'\n",
        "odd===1.0-local\n",
    ],
)
def test_versions_without_digests_are_a_lock(text: str) -> None:
    assert check(text) is False


def test_a_lock_with_digests_is_held_to_them() -> None:
    text = f"numpy==2.4.6 \\\n    {DIGEST} \\\n    {DIGEST}\nthing @ https://example.org/a.whl {DIGEST}\n"
    assert check(text) is True


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "names no package"),
        ("# nothing\n", "names no package"),
        ("numpy", "'numpy' has no exact version"),
        ("numpy>=2", "'numpy' has no exact version"),
        ("numpy==2.*", "'numpy' has no exact version"),
        ("numpy==2.4.6,<3", "'numpy' has no exact version"),
        (f"numpy==2.4.6 {DIGEST}\npandas==2.3.1", "not of pandas"),
        ("--index-url https://example.org/simple\nnumpy==2.4.6", "--index-url"),
        ("--extra-index-url=https://example.org/simple\nnumpy==2.4.6", "--extra-index-url"),
        ("-r other.txt", "-r, which its digest would not cover"),
        ("-e .", "-e, which its digest would not cover"),
        ("thing @ https://example.org/a.whl", "without a digest"),
        ("./wheels/thing.whl", "has no exact version"),
    ],
)
def test_what_is_no_lock_is_refused_in_one_sentence(text: str, says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check(text)
    assert says in refused.value.message


PRINTED = """:env:.cert='/etc/ca.crt'
:env:.find-links='/opt/wheels /opt/more'
:env:.no-index='1'
global.extra-index-url='\\nfile:///opt/simple\\nfile:///opt/more'
global.find-links='/elsewhere'
global.index-url='https://user:word@example.org/simple'
download.index-url='https://not.for.us/simple'
"""


def test_what_pip_was_told_is_told_to_the_builder() -> None:
    pip = told_by_pip(PRINTED)
    told = variables(pip, {"HOME": "/home/me", "COUNTERSIGN_SECRET_KEY": "s", "MLFLOW_TOKEN": "t"})
    assert told == {
        "HOME": "/home/me",
        "SSL_CERT_FILE": "/etc/ca.crt",
        "UV_DEFAULT_INDEX": "https://user:word@example.org/simple",
        "UV_FIND_LINKS": "/opt/wheels,/opt/more",
        "UV_INDEX": "file:///opt/simple file:///opt/more",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_NO_PROGRESS": "1",
        "UV_PYTHON_DOWNLOADS": "never",
    }
    assert options(pip) == ("--no-index",)


def test_what_was_told_to_the_builder_itself_counts_more() -> None:
    told = variables({"index-url": "https://a/simple"}, {"UV_DEFAULT_INDEX": "https://b/simple"})
    assert told["UV_DEFAULT_INDEX"] == "https://b/simple"
    assert "UV_INDEX_STRATEGY" not in told
    assert options({}) == ()


def test_python_in_a_command_is_that_of_the_environment() -> None:
    prepared = Prepared("", "/env/bin/python")
    assert prepared.command(("python", "train.py")) == ("/env/bin/python", "train.py")
    assert prepared.command(("bash", "train.sh")) == ("bash", "train.sh")
