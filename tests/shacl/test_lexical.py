"""The lexical traps as results of shapes: what the specifications say of spellings that engines disagree about."""

from __future__ import annotations

import pytest

from tests.shacl.whole import graph, shapes

TRAPS = {
    "01 is an integer (XSD 3.4.13)": ("sh:datatype xsd:integer", '"01"^^xsd:integer', 0),
    "but another term than 1 (SHACL 4.8.3, RDF 3.3)": ("sh:in ( 1 )", '"01"^^xsd:integer', 1),
    "and no value that is asked for (4.8.2)": ("sh:hasValue 1", '"01"^^xsd:integer', 1),
    "though equal in order (4.3, SPARQL 17.3)": ("sh:minInclusive 1 ; sh:maxInclusive 1", '"01"^^xsd:integer', 0),
    "and two characters long (4.4.1)": ("sh:minLength 2 ; sh:maxLength 2", '"01"^^xsd:integer', 0),
    "and matched as spelled (4.4.3)": ("sh:pattern '^01$'", '"01"^^xsd:integer', 0),
    "1.0 as a decimal is at least the integer 1": ("sh:minInclusive 1 ; sh:maxInclusive 1", '"1.0"^^xsd:decimal', 0),
    "but of another datatype (4.1.2)": ("sh:datatype xsd:integer", '"1.0"^^xsd:decimal', 1),
    "and unequal to it as a term (4.5.1)": ("sh:equals :q", '"1.0"^^xsd:decimal', 2),
    "abc is no integer (4.1.2)": ("sh:datatype xsd:integer", '"abc"^^xsd:integer', 1),
    "and has no place in an order (4.3)": ("sh:maxInclusive 9", '"abc"^^xsd:integer', 1),
    "nor a place before anything (4.5.3)": ("sh:lessThan :q", '"abc"^^xsd:integer', 1),
    "but has a text (4.4.1)": ("sh:minLength 3", '"abc"^^xsd:integer', 0),
    "and is a literal (4.1.3)": ("sh:nodeKind sh:Literal", '"abc"^^xsd:integer', 0),
    "1 is a truth value (XSD 3.3.2)": ("sh:datatype xsd:boolean", '"1"^^xsd:boolean', 0),
    "which is true in an order (SPARQL 17.3)": ("sh:minInclusive true", '"1"^^xsd:boolean', 0),
    "and another term than true (4.8.3)": ("sh:in ( true )", '"1"^^xsd:boolean', 1),
    "TRUE is none (XSD 3.3.2)": ("sh:datatype xsd:boolean", '"TRUE"^^xsd:boolean', 1),
    "NaN is a double (XSD 3.3.5)": ("sh:datatype xsd:double", '"NaN"^^xsd:double', 0),
    "and neither below anything (XSD 3.3.5)": ("sh:maxInclusive 9", '"NaN"^^xsd:double', 1),
    "nor above": ("sh:minInclusive 0", '"NaN"^^xsd:double', 1),
    "yet the same term as itself (4.8.3)": ('sh:in ( "NaN"^^xsd:double )', '"NaN"^^xsd:double', 0),
    "INF is above every number": ("sh:minExclusive 99999999", '"INF"^^xsd:double', 0),
    "and not below any": ("sh:maxInclusive 99999999", '"INF"^^xsd:float', 1),
    "inf is no double": ("sh:datatype xsd:double", '"inf"^^xsd:double', 1),
    "EN is en (4.4.4, RFC 4647)": ("sh:languageIn ( 'en' )", '"x"@EN', 0),
    "en is EN": ("sh:languageIn ( 'EN' )", '"x"@en', 0),
    "en-GB is en": ("sh:languageIn ( 'en' )", '"x"@en-GB', 0),
    "eng is not": ("sh:languageIn ( 'en' )", '"x"@eng', 1),
    "en and EN are one language (4.4.5)": ("sh:uniqueLang true", '"x"@en , "y"@EN', 1),
    "no language is in none (4.4.4)": ("sh:languageIn ( 'en' )", '"x"', 1),
    "an empty text is text": ("sh:datatype xsd:string ; sh:minLength 0", '""', 0),
    "without a character": ("sh:minLength 1", '""', 1),
    "which an empty pattern matches": ("sh:pattern '^$'", '""', 0),
    "and comes before others (SPARQL 17.3)": ("sh:maxExclusive 'a'", '""', 0),
    "300 is no byte (XSD 3.4.19)": ("sh:datatype xsd:byte", '"300"^^xsd:byte', 1),
    "and so no number (4.3)": ("sh:minInclusive 0", '"300"^^xsd:byte', 1),
    "127 is one": ("sh:datatype xsd:byte ; sh:maxInclusive 127.0", '"127"^^xsd:byte', 0),
    "a time in a zone is that time in another (XSD 3.3.7)": (
        'sh:minInclusive "2019-12-31T23:00:00Z"^^xsd:dateTime ; sh:maxInclusive "2019-12-31T23:00:00Z"^^xsd:dateTime',
        '"2020-01-01T00:00:00+01:00"^^xsd:dateTime', 0,
    ),
    "a time without a zone may be hours off (XSD D.2.1)": (
        'sh:minInclusive "2020-01-01T00:00:00Z"^^xsd:dateTime', '"2020-01-01T10:00:00"^^xsd:dateTime', 1,
    ),
    "but not a day": (
        'sh:minInclusive "2020-01-01T00:00:00Z"^^xsd:dateTime', '"2020-01-02T00:00:00"^^xsd:dateTime', 0,
    ),
    "there is no month 13": ("sh:datatype xsd:date", '"2020-13-01"^^xsd:date', 1),
    "nor a place for it": ('sh:minInclusive "2020-01-01"^^xsd:date', '"2020-13-01"^^xsd:date', 1),
    "24:00:00 is a time of day": ("sh:datatype xsd:time", '"24:00:00"^^xsd:time', 0),
    "the end of a day is the beginning of the next": (
        'sh:minInclusive "2020-01-02T00:00:00Z"^^xsd:dateTime', '"2020-01-01T24:00:00Z"^^xsd:dateTime', 0,
    ),
    "24:00:01 is none": ("sh:datatype xsd:time", '"24:00:01"^^xsd:time', 1),
    "of an unknown datatype every spelling is one (4.1.2)": ("sh:datatype :own", '"any thing"^^:own', 0),
    "and has no order": ("sh:minInclusive 0", '"1"^^:own', 1),
    "but a text": ("sh:pattern '^any'", '"any thing"^^:own', 0),
    "a dot does not match a line break (XPath 5.6.1.1)": ("sh:pattern '^a.b$'", '"a\\nb"', 1),
    "but does with s": ("sh:pattern '^a.b$' ; sh:flags 's'", '"a\\nb"', 0),
    "the end is the very end": ("sh:pattern 'a$'", '"a\\n"', 1),
    "and with m that of a line": ("sh:pattern '^b$' ; sh:flags 'm'", '"a\\nb"', 0),
    "é is one character (4.4.1)": ("sh:minLength 1 ; sh:maxLength 1", '"é"', 0),
    "and so is what lies beyond 16 bits": ("sh:minLength 1 ; sh:maxLength 1", '"\\U0001F6E2"', 0),
    "but e and an accent are two": ("sh:maxLength 1", '"e\\u0301"', 1),
    "a blank node has no length (4.4.1)": ("sh:minLength 0", "[]", 1),
    "and no pattern (4.4.3)": ("sh:pattern ''", "[]", 1),
    "an IRI has both": ("sh:minLength 20 ; sh:pattern '^http'", ":a", 0),
}  # fmt: skip
"""A constraint on :p, its values, and how many results there are; :q of the same node is 1."""


@pytest.mark.parametrize("what", TRAPS)
def test_a_spelling_has_the_result_of_the_specifications(what: str) -> None:
    constraint, values, results = TRAPS[what]
    compiled = shapes(f":S sh:targetNode :n ; sh:property [ sh:path :p ; {constraint} ] .")
    assert len(list(compiled.validate(graph(f":n :p {values} ; :q 1 .")))) == results, what
