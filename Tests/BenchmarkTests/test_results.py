"""What a run keeps of the results that are there, and how they become tables."""

import json

import pytest
from reading import best_ratio, value
from results import LLAMA_CPP, OPENVINO, OURS, Results
from tables import beside, logits, replaced

MACHINE = {"cpu": "c", "cores": 2, "threads": 2, "kernels": "avx2"}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder/results.json"


def measured(path, figure: str, ours: list, theirs: list) -> Results:
    results = Results(path)
    results.describe(MACHINE, {})
    for a, b in zip(ours, theirs):
        results.add("tiny", figure, OURS, a)
        results.add("tiny", figure, LLAMA_CPP, b, error="" if b else "no")
    results.save()
    return results


def test_another_run_replaces_what_it_measures_alone(path):
    measured(path, "prefill", [1.0, 2.0, 3.0], [1.0, 1.0, 1.0])
    measured(path, "decode", [1.0, 2.0], [1.0, None])
    data = measured(path, "prefill", [8.0], [4.0]).data
    assert json.loads(path.read_text()) == data
    assert data["models"]["tiny"]["figures"]["prefill"][OURS] == {"rounds": [8.0], "median": 8.0}
    assert data["models"]["tiny"]["figures"]["decode"][LLAMA_CPP] == {
        "rounds": [1.0, None], "median": 1.0, "error": "no", "ours_over_this": {"rounds": [1.0, None], "median": 1.0}}


def test_another_machine_is_refused(path):
    measured(path, "prefill", [1.0], [1.0])
    with pytest.raises(SystemExit, match="another machine"):
        Results(path).describe(MACHINE | {"kernels": "avx512"}, {})


def test_the_fastest_peer_counts(path):
    results = measured(path, "prefill", [8.0], [4.0])
    results.add("tiny", "prefill", OPENVINO, 16.0)
    assert best_ratio(results.data, "tiny", "prefill") == 0.5


def test_points_of_a_curve(path):
    results = Results(path)
    results.add("tiny", "speed", OURS, 3.0, x=128)
    assert value(results.data, "tiny", "speed", x="128") == 3.0
    assert value(results.data, "tiny", "speed", x="256") is None


def test_tables(path):
    data = measured(path, "prefill", [1234.0], [500.0]).data
    data["models"]["empty"] = {}
    assert beside(data, "Speed", "prefill", [LLAMA_CPP]) == (
        "**Speed**\n\n| model | ours | llama.cpp | ours / fastest peer |\n| --- | --- | --- | --- |\n"
        "| tiny | 1,234 | 500 | 2.47 |")
    assert beside(data, "Speed", "decode") == ""


def test_a_document_keeps_what_is_around_the_tables():
    text = "before\n<!-- measured:begin -->\nold\n<!-- measured:end -->\nafter\n"
    assert replaced(text, "new") == "before\n<!-- measured:begin -->\nnew\n<!-- measured:end -->\nafter\n"


def test_what_reading_logits_costs_has_a_table(path):
    results = Results(path)
    results.add("tiny", "sampled_tokens_per_s", OURS, 970.0)
    results.add("tiny", "sampled_over_greedy", OURS, 0.97)
    assert logits(results.data).splitlines()[-1] == "| tiny | 970 | 97 % | – | – |"
    assert logits({"models": {"tiny": {}}}) == ""
