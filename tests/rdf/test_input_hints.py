"""What a document's writer is told, or spared: UTF-16, and JSON numbers that are decimals."""

from __future__ import annotations

import json

import pytest

from registry.errors import SyntaxFault
from registry.rdf.syntax import Syntax, parse
from registry.rdf.terms import Literal
from registry.rdf.vocabulary import XSD_DECIMAL


@pytest.mark.parametrize("syntax", Syntax)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named_with_the_way_out(syntax: Syntax, encoding: str) -> None:
    with pytest.raises(SyntaxFault, match="iconv"):
        list(parse("<urn:a> <urn:b> <urn:c> .".encode(encoding), syntax).statements)


@pytest.mark.parametrize(
    ("number", "lexical"), [(12.5, "12.5"), (0.1, "0.1"), (1e-7, "0.0000001"), (-1.25e21, "-1250000000000000000000")]
)
def test_a_json_number_that_is_a_decimal_is_written_as_one(number: float, lexical: str) -> None:
    context = {"p": {"@id": "urn:p", "@type": XSD_DECIMAL}}
    document = json.dumps({"@context": context, "@id": "urn:a", "p": number}).encode()
    (statement,) = parse(document, Syntax.JSON_LD).statements
    assert statement[2] == Literal(lexical, XSD_DECIMAL)
