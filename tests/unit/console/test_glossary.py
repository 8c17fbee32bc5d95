from console.views import glossary, metrics
from services.kernel.metric import CATALOGUE


def test_the_glossary_is_read_from_its_file() -> None:
    view = glossary.load()
    assert view.total > 20
    assert any(each.word.lower() == "waiver" for each in view.words)


def test_the_glossary_finds_a_word_by_what_it_means() -> None:
    assert all("sha-256" in f"{w.word} {w.meaning}".lower() for w in glossary.load("SHA-256").words)


def test_a_word_is_a_row_of_a_table_or_a_bold_start_of_a_line() -> None:
    text = "| word | meaning |\n|---|---|\n| alias | a name |\n- **drift**: how far\n"
    assert [(w.word, w.meaning) for w in glossary.parse(text)] == [
        ("alias", "a name"),
        ("drift", "how far"),
    ]


def test_the_catalogue_shows_every_metric_once() -> None:
    view = metrics.load()
    names = [entry.name for _, rows in view.families for entry in rows]
    assert sorted(names) == sorted(CATALOGUE)


def test_the_catalogue_is_searched_by_definition_too() -> None:
    view = metrics.load("selection rate")
    assert 0 < view.shown < view.total
