from __future__ import annotations

import pytest

from sitewatch.read.language import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The trucks were seen at the gate of the plant on Monday.", "en"),
        ("Les camions ont été vus à la porte de l'usine, et il est dans le dossier.", "fr"),
        ("Die Lastwagen wurden nicht gesehen, und das Tor ist auf der anderen Seite.", "de"),
        ("북한이 산음동에서 새로운 미사일을 만들고 있다고 관리가 말했다.", "ko"),
        ("На заводе видны грузовики, сообщил чиновник.", "ru"),
        ("شوهدت شاحنات عند بوابة المصنع", "ar"),
        ("工場の門でトラックが見られた", "ja"),
        ("Crane seen.", None),
    ],
)
def test_language_is_told_apart(text, language):
    assert language_of(text) == language
