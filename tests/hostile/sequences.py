"""What a stream of bytes does to a terminal: its control sequences by kind, and the characters that should not be."""

from __future__ import annotations

import re
import unicodedata

_TOKEN = re.compile(
    r"""\x1b\[(?P<csi>[0-?]*[ -/]*[@-~])
      | \x1b\](?P<osc>.*?)(?:\x07|\x1b\\)
      | \x1b(?P<string>[P_^X].*?)\x1b\\
      | \x1b(?P<escape>[ -/]*[0-~])
      | (?P<control>[\x00-\x1f\x7f-\x9f\x1b])
      | (?P<text>[^\x00-\x1f\x7f-\x9f]+)
    """,
    re.VERBOSE | re.DOTALL,
)
ACTING = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def kinds(stream: bytes) -> set[str]:
    """Every kind of sequence in the stream; numbers that only place and colour count as one kind.

    What answers, titles, clipboards and modes say is told whole, and so is a character that acts or is not seen.
    """
    found: set[str] = set()
    at = 0
    text = stream.decode("utf-8", "surrogateescape")
    for token in _TOKEN.finditer(text):
        assert token.start() == at, repr(text[at : at + 40])
        at = token.end()
        kind, said = token.lastgroup or "", token[token.lastgroup or 0]
        if kind == "text":
            found |= {f"character {c!r}" for c in said if unicodedata.category(c) in ACTING}
        elif kind == "csi" and said[-1] in "ABCDEFGHJKdfmsuSTXPL@":
            found.add(f"csi {re.sub(r'[0-9;]+', '#', said)}")
        else:
            found.add(f"{kind} {said[:60]!r}")
    assert at == len(text), repr(text[at : at + 40])
    return found
