from __future__ import annotations

import pytest

from sitewatch.read import claims
from sitewatch.records import Modality


def modality(text):
    """Of the outermost claim."""
    return claims(text, published=None, places=None)[0].modality


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The plant builds missiles at night.", "asserted"),
        ("The officials said that the plant builds missiles.", "asserted"),
        ("The officials did not see the trucks at the gate.", "asserted"),
        ("We believe that the plant builds missiles.", "assessed"),
        ("The plant is believed to build missiles.", "assessed"),
        ("In our assessment the plant has come back to work.", "assessed"),
        ("The images suggest that the plant builds missiles.", "likely"),
        ("The plant appears to be building missiles.", "likely"),
        ("The building appears complete from above.", "likely"),
        ("The hall is likely a workshop for machines.", "likely"),
        ("The trailer may carry a missile to the gate.", "possible"),
        ("The officials said that the trailer might carry a missile.", "possible"),
        ("The officials said the site could be used again.", "possible"),
        ("That would fit a workshop with furnaces.", "possible"),
        ("A crane could be seen at the pad.", "asserted"),
        ("The leader promised to destroy the stand.", "planned"),
        ("The two states will dismantle the stand.", "planned"),
        ("The officials said that they would open the gate.", "planned"),
        ("The agency could not confirm whether the trailer was empty.", "unknown"),
        ("It was not clear whether the trailer was empty.", "unknown"),
        ("It was not known what the trailer carried.", "unknown"),
        ("The images do not show how far the work has come.", "unknown"),
        ("The officials have never said that the plant is the one.", "unknown"),
        ("The analysts do not believe that the plant builds missiles.", "doubtful"),
        ("The analysts doubt that the plant builds missiles.", "doubtful"),
        ("The ministry denied that missiles were built at the plant.", "denied"),
        ("The ministry rejected the report about the plant.", "denied"),
        ("The ministry did not deny that missiles were built.", "unknown"),
        ("The ministry declined to comment on the report.", "declined"),
        ("The spokesman would not say how many images there are.", "declined"),
        ("The ministry did not respond to questions.", "declined"),
    ],
)
def test_modality_of_what_is_put_forward(text, expected):
    assert modality(text) == Modality(expected)


def test_a_hedge_in_a_relative_clause_is_beside_the_point():
    assert modality("A truck that may carry missiles left the yard.") is Modality.ASSERTED


def test_a_refusal_to_do_something_else_is_no_silence():
    assert all(
        c.modality is not Modality.DECLINED
        for c in claims("The men refused to leave the plant.", published=None, places=None)
    )


def test_what_is_nested_in_a_denial_is_not_asserted():
    found = claims("The ministry denied that officials had said that the plant was new.", published=None, places=None)
    assert len(found) == 2
    assert {c.modality for c in found} == {Modality.DENIED}
