"""The tabs Prices and Bills as people meet them."""

from typing import Any

import pytest

from services.kernel.identity import Role
from services.people.account.types import Principal
from tests.support.app import opened, words
from tests.support.console_services import govern, person


@pytest.fixture
def olga(services: Any) -> Principal:
    made = person(services, "Olga Owner", Role.OWNER, Role.OPERATOR)
    govern(services, made)
    return made


def test_prices_are_published_listed_and_ended_by_operators_alone(
    services: Any, olga: Principal
) -> None:
    services.prices.publish_sample()
    at = opened(services, olga, "cost", tab="Prices")
    said = words(at)
    assert "Sample prices." in said
    assert "gpu:h100" in said
    typed = {"What is sold": "gpu:b300", "Price of one": "6.10", "Source": "our contract"}
    for field in at.text_input:
        if field.label in typed and field.key != "cs-rate-source":
            field.set_value(typed[field.label])
    next(each for each in at.button if each.label == "Publish price").click().run()
    assert not at.exception
    with services.store.reading() as session:
        made = [each for each in services.prices.all(session) if each.sku == "gpu:b300"]
    assert [each.amount.decimal for each in made] == ["6.10"]
    vera = person(services, "Vera Viewer", Role.VIEWER)
    said = words(opened(services, vera, "cost", tab="Prices"))
    assert "Operators publish prices." in said
    assert "gpu:b300" in said
