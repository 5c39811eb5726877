"""The linter: what it refuses and lets be, by rule and place, on both scales; and all that the desk itself prints."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sentences import said_on

from sitewatch.errors import InputError
from sitewatch.verbs.linting import lint_file
from sitewatch.weigh.linter import lint, slips
from sitewatch.weigh.scales import COLUMNS, ICD_203, PHIA


def rules(text, scale="icd203"):
    return [slip.rule for slip in slips(text, scale)]


def test_a_hedge_needs_a_number():
    (slip,) = slips("It is likely that the stand is gone.")
    assert (slip.rule, slip.found) == ("no number", "a hedge without a number: “likely”")
    assert slip.mend == "write the word with its per cent, such as “likely (55-80 %)”"
    assert lint("It is likely (60-70 %) that the stand is gone.") == []
    assert [s.column for s in slips("It is very likely (90 %). It is unlikely to return.")] == [33]
    assert rules("Perhaps it moved.") == ["no number"]


def test_each_hedge_needs_a_number_of_its_own():
    assert rules("It is likely (60 %) or unlikely.") == ["no number"]
    assert rules("It is likely, at 60 %, and very likely, between 80 and 95 per cent.") == []


def test_a_finding_names_line_column_part_and_what_would_mend_it():
    text = "Quiet.\n\nAfter the long winter of that year the stand at the northern gate of the works is\n"
    text += "likely (90 %) gone."
    (slip,) = slips(text)
    assert (slip.line, slip.column) == (4, 1)
    assert slip.part.startswith("…")
    assert slip.part.endswith("gate of the works is likely (90 %) gone.")
    assert slip.mend == "write “very likely (90 %)”"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("It is likely (30 %).", "“likely” beside 30 %, where ICD 203 means 55-80 %"),
        ("It is likely (60-90 %).", "“likely” beside 60-90 %"),
        ("It is unlikely to likely (46-70 %).", "“unlikely to likely” beside 46-70 %, where ICD 203 means 20-80 %"),
        ("A 90 % chance, likely, of rain.", "“likely” beside 90 %"),
        ("It is likely that it rains (20 per cent).", "“likely” beside 20 %"),
        ("It is almost certainly (60 %) so.", "“almost certainly” beside 60 %"),
        ("It is almost certain (100 %).", "“almost certain” beside 100 %"),
    ],
)
def test_a_word_and_its_number_agree(text, says):
    (slip,) = slips(text)
    assert slip.rule == "outside its band"
    assert slip.found.startswith(says)


BESIDE = ("~20 %", "over 90 %", "up to 20 %", "p = 20 %", "approximately 20 %", "roughly 20 %", "20 ± 5 %", "> 80 %")


@pytest.mark.parametrize("inside", [*BESIDE, "20 +/- 5 %", "below 1 %", "above 80 %", "at least 20 %"])
def test_words_and_signs_before_a_number_in_brackets_hide_nothing(inside):
    assert rules(f"It is likely ({inside}).") == ["outside its band"]


def test_a_number_that_is_left_out_lies_beyond_the_last_band():
    (slip,) = slips("It is almost certain (above 99 %).")
    assert slip.mend == "write above 99 % alone, for which the scale has no word"
    assert rules("There is almost no chance (below 1 %).") == ["outside its band"]
    assert lint("It is almost certain (above 99 %).", "phia") == []
    assert lint("There is a remote chance (below 1 %).", "phia") == []
    assert slips("It is likely (over 80 %).")[0].mend == "write “very likely (above 80 %)”"
    assert lint("It is likely (~60 %), and very likely (over 80 %), and likely (70 ± 5 %).") == []
    assert lint("It is likely above 20 % of its height.") == []


def test_what_has_no_word_is_told_as_a_number_alone():
    assert slips("It is almost certain (100 %).")[0].mend == "write 100 % alone, for which the scale has no word"
    assert slips("It is unlikely (22 %).", "phia")[0].mend == "write 22 % alone, for which the scale has no word"


@pytest.mark.parametrize("text", ["It is likely (80 %).", "It is very likely (80 %).", "Almost no chance (0-4 %)."])
def test_an_edge_may_go_with_either_word(text):
    assert lint(text) == []


BANDS = [(name, band) for name, columns in COLUMNS.items() for scale in columns.values() for band in scale]


@given(st.sampled_from(BANDS), st.integers(0, 100))
@settings(deadline=None)
def test_a_number_is_refused_exactly_outside_the_band(named, number):
    scale, band = named
    ends = (1, 99) if scale == "icd203" else (0, 100)
    inside = band.lo <= number <= band.hi and ends[0] <= number <= ends[1]
    assert rules(f"It is {band.word} ({number} %).", scale) == ([] if inside else ["outside its band"])


def test_two_columns_are_not_mixed():
    (slip,) = slips("It is likely (60 %) to move. It is probable (70 %) that it carries fuel.")
    assert (slip.rule, slip.column) == ("two columns", 36)
    assert slip.found == "words of different columns in one text: “probable” beside “likely”"
    assert slip.mend == "keep to one scale: write “likely (70 %)”"


def test_a_word_of_the_other_scale_is_refused():
    text = "It is unlikely (30 %). It is highly likely (85 %)."
    assert lint(text, "phia") == []
    (slip,) = slips(text)
    assert slip.found == "“highly likely” is no word of ICD 203"
    assert slip.mend == "keep to one scale: write “very likely (85 %)”"
    (other,) = slips("It is very unlikely (15 %).", "phia")
    assert other.rule == "two columns"


def test_confidence_and_likelihood_do_not_share_a_sentence():
    (slip,) = slips("With high confidence it is likely (60 %) empty.")
    assert (slip.rule, slip.column) == ("confidence", 6)
    assert lint("It is likely (60 %) empty. We say so with high confidence.") == []
    assert rules("It is likely (60 %) empty, and our confidence is low.") == ["confidence"]
    assert rules("It is likely (60 %) empty; confidence in it is moderate.") == ["confidence"]


def test_quoted_words_are_not_linted_and_keep_the_places_of_the_rest():
    assert lint("The official said “it is probably and most likely a missile”.") == []
    assert lint('The official said "we are confident\nthat it is likely".') == []
    (slip,) = slips("He said “it is\nlikely.” It is unlikely.")
    assert (slip.line, slip.column) == (2, 16)


@pytest.mark.parametrize("marks", ["''", "‘’", "‚‘", "‚’", "„“", "«»", "»«", "‹›", "›‹", "「」", "『』"])
def test_each_kind_of_quotation_mark_is_known(marks):
    assert lint(f"He said {marks[0]}it is likely{marks[1]} of it.") == []
    assert rules(f"He said {marks[0]}yes{marks[1]} and it is likely.") == ["no number"]


def test_an_apostrophe_ends_no_quotation_and_begins_none():
    assert lint("He said ‘it’s likely gone’ and left. He said 'it's likely gone' and left.") == []
    assert rules("The works' gate is likely gone; the owners' too.") == ["no number"]
    assert rules("It's likely gone; that's all.") == ["no number"]


def test_a_line_that_markdown_quotes_is_let_be():
    assert lint("He said:\n\n> It is likely gone\n> and unlikely to return.\n\nSo he said.") == []
    assert rules("> It is likely gone\n\nIt is unlikely.") == ["no number"]


def test_inches_open_no_quotation():
    assert rules('A 5" pipe is likely beside the 6" pipe.') == ["no number"]


@pytest.mark.parametrize(
    "words",
    ["It is possible that", "It is doubtful that", "It is virtually certain that", "It is a near certainty that",
     "There is an even chance that", "In all probability"],
)  # fmt: skip
def test_hedges_of_no_scale_need_a_number_too(words):
    assert rules(f"{words} it moved.") == ["no number"]
    assert lint(f"{words} (50 %) it moved.") == []


def test_the_example_is_of_the_chosen_scale():
    assert slips("It is highly likely.")[0].mend.endswith("“very likely (80-95 %)”")
    assert slips("Perhaps so.")[0].mend.endswith("“likely (55-80 %)”")
    assert slips("Perhaps so.", "phia")[0].mend.endswith("“likely (55-75 %)”")
    assert slips("It is very unlikely.", "phia")[0].mend.endswith("“highly unlikely (10-20 %)”")


def test_a_stray_mark_hides_no_more_than_its_paragraph():
    assert rules('A pipe of 5" lay there.\n\nIt is likely gone. "Gone."') == ["no number"]


def test_a_full_stop_inside_a_quotation_ends_its_sentence():
    assert lint("It is likely (60 %), he said, “I saw it.” We have high confidence in him.") == []


def test_a_wrapped_line_is_no_end_of_a_sentence_and_an_item_of_a_list_is():
    assert lint("It is likely\n(60 %) that it moved.") == []
    assert rules("- it is likely\n- 60 % of it is gone") == ["no number"]


def test_states_of_an_alert_are_not_hedges():
    assert lint("A probable alert stands since May. Of the false alarms, 0.1 a year became probable.") == []
    assert rules("It became probable that it stands.") == ["no number"]
    assert rules("It is probable that it stands.") == ["no number"]


@given(st.text(alphabet='likely un“”"()%0123456789 .\n-to', max_size=80))
@settings(deadline=None, max_examples=60)
def test_no_text_breaks_it_and_each_finding_lies_in_the_text(text):
    lines = text.split("\n")
    for slip in slips(text):
        assert slip.found
        assert len(lines[slip.line - 1]) >= slip.column


# --- the command


def lint_text(*arguments, given=""):
    command = [sys.executable, "-m", "sitewatch.cli", "lint-text", *arguments]
    return subprocess.run(command, input=given, capture_output=True, text=True, check=False)


def test_the_command_tells_places_and_fails_where_something_is_found(tmp_path):
    file = tmp_path / "note.txt"
    file.write_text("Quiet.\nIt is likely.\n", encoding="utf-8")
    told = lint_text(str(file))
    assert told.returncode == 1
    assert told.stdout.startswith(f"{file}:2:7: a hedge without a number: “likely”, in “It is likely.”; write the word")
    good = lint_text("-", "--scale", "phia", "--json", given="It is highly likely (85 %).")
    assert (good.returncode, json.loads(good.stdout)) == (0, {"file": "-", "scale": "phia", "slips": []})


def test_bad_input_is_refused_with_what_would_mend_it(tmp_path):
    with pytest.raises(InputError, match=r"nowhere.txt: No such file.*name a text file"):
        lint_file(str(tmp_path / "nowhere.txt"))
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"one\ntw\xff")
    with pytest.raises(InputError, match=r"bad.txt:2: a byte that is no UTF-8"):
        lint_file(str(bad))
    bad.write_text("<!DOCTYPE html><p>likely")
    with pytest.raises(InputError, match="no plain text"):
        lint_file(str(bad))
    with pytest.raises(InputError, match="--scale: found 'nato'; right would be one of icd203, phia"):
        lint_file(str(bad), "nato")


# --- every sentence that the desk prints


@pytest.mark.parametrize("name", ["korea-2018", "romania-forest"])
def test_every_sentence_of_the_bundled_briefs_holds(demo, name):
    pages = [demo / name / "brief.html", *sorted((demo / name / "asof").glob("*.html"))]
    assert len(pages) == 4
    for page in pages:
        text = said_on(page.read_text(encoding="utf-8"), others=False)
        assert len(re.findall(r"\S+", text)) > 500
        assert [f"{page.name}: {slip}" for slip in slips(text)] == []


def test_the_scales_have_the_published_bands():
    assert [(b.lo, b.hi) for b in ICD_203] == [(1, 5), (5, 20), (20, 45), (45, 55), (55, 80), (80, 95), (95, 99)]
    assert [(b.lo, b.hi) for b in PHIA] == [(0, 5), (10, 20), (25, 35), (40, 50), (55, 75), (80, 90), (95, 100)]
