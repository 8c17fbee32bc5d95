"""What an engine must be like before it is tried, and what of it may be shown."""

from typing import Any

import pytest

from services.kernel.error import InvalidInput
from services.standards.engine.rules import checked, shown
from services.standards.engine.types import EngineForm, EngineKind

SECRET = "a-signing-secret-of-somebody"
GOOD: dict[EngineKind, dict[str, str]] = {
    EngineKind.RAY: {"url": "https://ray.example.org:8265", "token": "t" * 20},
    EngineKind.SLURM: {"partition": "gpu", "account": "risk"},
    EngineKind.KUBERNETES: {
        "url": "https://k8s.example.org:6443",
        "token": "t" * 20,
        "claim": "jobs",
        "mount": "/srv/countersign/jobs",
        "image": "registry.example.org/train:1",
    },
    EngineKind.WEBHOOK: {"url": "https://example.org/hook/x", "signing_secret": SECRET},
}


def form(
    kind: EngineKind, *, name: str = "cluster", private: bool = False, **parts: str
) -> EngineForm:
    return EngineForm(name, kind, GOOD[kind] | parts, private)


@pytest.mark.parametrize("kind", EngineKind)
def test_a_good_form_says_how_an_engine_is_reached_and_shows_no_secret(kind: EngineKind) -> None:
    found = checked(form(kind, gpus="4", gpu_type="a100"))
    assert (found.gpus, found.gpu_type) == (4, "a100")
    assert checked(form(kind)).gpus is None
    for secret in found.secrets.values():
        assert not secret or secret not in shown(found)
        assert not secret or secret not in repr(found)


def test_what_is_shown_says_where_it_leads() -> None:
    assert shown(checked(form(EngineKind.RAY))) == "ray.example.org"
    assert shown(checked(form(EngineKind.SLURM))) == "partition gpu"
    assert shown(checked(form(EngineKind.KUBERNETES))) == "k8s.example.org, namespace default"
    assert shown(checked(form(EngineKind.WEBHOOK))) == "example.org"


K, R, L, W = EngineKind.KUBERNETES, EngineKind.RAY, EngineKind.SLURM, EngineKind.WEBHOOK


@pytest.mark.parametrize(
    ("kind", "parts", "words"),
    [
        (R, {"name": "local"}, "always there"),
        (R, {"name": "Ray!"}, "small letters"),
        (R, {"name": "r" * 61}, "small letters"),
        (R, {"url": "http://ray.example.org"}, "administrator allows"),
        (R, {"url": "ftp://ray.example.org"}, "https://"),
        (R, {"url": "https://user:word@ray.example.org"}, "user name"),
        (R, {"url": "https://ray.example.org/#x"}, "fragment"),
        (R, {"url": "https://[::1"}, "cannot be read"),
        (R, {"url": "https://räy.example.org"}, "ASCII"),
        (R, {"gpus": "-1"}, "whole number"),
        (R, {"gpus": "10001"}, "whole number"),
        (R, {"gpus": "\u0662"}, "whole number"),
        (R, {"python": "python3; rm -rf /"}, "character"),
        (R, {"partition": "x"}, "no part called"),
        (L, {"partition": "--wrap=x"}, "character"),
        (L, {"account": "a b"}, "character"),
        (L, {"qos": "a\nb"}, "one line"),
        (K, {"mount": "srv"}, "slash"),
        (K, {"mount": "/srv/../etc"}, "slash"),
        (K, {"claim": ""}, "empty"),
        (K, {"namespace": "a/../b"}, "hyphens"),
        (K, {"claim": "Jobs"}, "hyphens"),
        (K, {"ca": "no certificate"}, "PEM"),
        (W, {"signing_secret": "short"}, "16 characters"),
        (W, {"style": "carrier-pigeon"}, "one of"),
        (W, {"url": ""}, "empty"),
    ],
)
def test_a_bad_form_is_refused_in_one_sentence(
    kind: EngineKind, parts: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidInput, match=words) as refused:
        checked(form(kind, **parts))
    assert SECRET not in refused.value.message


def test_an_address_within_this_network_may_go_unencrypted_where_that_was_allowed() -> None:
    found = checked(form(R, url="http://10.0.0.7:8265", private=True))
    assert found.allow_private
    assert found.url == "http://10.0.0.7:8265"
