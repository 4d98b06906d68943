"""What a query's text may hold. The engine itself is the oracle: what we let through must never reach the network."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from registry.errors import BadInput
from registry.rdf.sparql_text import Form, read_query, tokens
from tests.places import shared

PREFIXES = {"": "http://e/", "ex": "http://e/", "service": "http://e/", "SERVICEex": "http://e/"}


class Counter(http.server.BaseHTTPRequestHandler):
    """Answers every request with an empty result set and counts it."""

    hits = 0

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        Counter.hits += 1
        self.rfile.read(int(self.headers.get("content-length") or 0))
        body = b'{"head":{"vars":[]},"results":{"bindings":[]}}'
        self.send_response(200)
        self.send_header("content-type", "application/sparql-results+json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def outside() -> Iterator[str]:
    """The address of a server that no query may reach."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counter)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def reaches_out(query: str, outside: str) -> bool:
    """Whether the engine, asked directly, goes to the network for a query."""
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("http://e/s"), ox.NamedNode("http://e/p"), ox.Literal(1)))
    before = Counter.hits
    try:
        found = store.query(query, prefixes=dict.fromkeys(PREFIXES, outside))
        if isinstance(found, ox.QuerySolutions):
            list(found)
    except (SyntaxError, OSError, RuntimeError, ValueError):
        pass
    return Counter.hits > before


ATTACKS = [
    "ASK { SERVICE <OUT> {} }",
    "ASK { sErViCe<OUT>{} }",
    "ASK { SERVICE SILENT <OUT> {} }",
    "ASK { SERVICESILENT<OUT>{} }",
    "ASK { SERVICEex:x {} }",
    "ASK { SERVICE ex:x {} }",
    "ASK { service:x {} }",
    "ASK { SERVICESILENTex:x{} }",
    "ASK { ?s ?p 1SERVICE <OUT> {} }",
    "ASK { ?s ?p 1.5e3SERVICE <OUT> {} }",
    "ASK { ?s ?p trueSERVICE <OUT> {} }",
    "ASK { ?s ?p 'x'SERVICE <OUT> {} }",
    "ASK { ?s ?p ()SERVICE <OUT> {} }",
    "ASK { FILTER(?a<?b)SERVICE<OUT>{} }",
    "ASK { # hidden\rSERVICE <OUT> {} }",
    "ASK { ?s ?p ?o { SERVICE <OUT> {} } }",
    "ASK { FILTER EXISTS { SERVICE <OUT> { ?s ?p ?o } } }",
    "ASK { ?s ?p ?o MINUS { ?s ?p ?o . SERVICE <OUT> { ?s ?p ?o } } }",
    "SELECT * { { SELECT * { SERVICE <OUT> {} } } }",
    "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <OUT> { ?s ?p ?o } }",
    "DESCRIBE ?s { SERVICE <OUT> { ?s ?p ?o } }",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_every_way_to_the_network_is_refused(attack: str, outside: str) -> None:
    query = attack.replace("OUT", outside)
    if not query.startswith(("CONSTRUCT", "DESCRIBE")):
        assert reaches_out(query, outside), "the engine no longer reads this as a call: the example proves nothing"
    with pytest.raises(BadInput, match=r"(?i)SERVICE"):
        read_query(query, PREFIXES)


HARMLESS = [
    "SELECT ?service $SERVICE { ?service ?p $SERVICE }",
    'ASK { ?s ?p "SERVICE <OUT> {}" }',
    "ASK { ?s ?p 'SERVICE', '''SERVICE ' ''', \"\"\"SERVICE \" \"\"\" }",
    'ASK { ?s ?p "\\"SERVICE", "\\\\" }',
    "ASK { ?s ex:service ?o ; service:x service:SERVICE }",
    "ASK { ?s ?p ?o # SERVICE <OUT> {}\n }",
    "ASK { <http://e/SERVICE#SERVICE> ?p _:SERVICE }",
    "ASK { ?s ?p 'x'@service }",
    "PREFIX load: <http://e/load> ASK { load:LOAD ?load 'LOAD' }",
    "ASK { FILTER(?a<?b && ?b>?a) }",
    "ASK { ?s ?p true.:x ?p false }",
    "BASE <http://e/> ASK { <a#b> ?p ex:a\\-b, ex:%41, ex:a.b, 1., -.5e-3 }",
    "SELECT (COUNT(*)AS?n){?s^ex:p|!ex:q/ex:r*?o}GROUP BY?s",
]


@pytest.mark.parametrize("query", HARMLESS)
def test_the_word_is_no_keyword_everywhere(query: str, outside: str) -> None:
    assert read_query(query, PREFIXES).form in (Form.ASK, Form.SELECT)
    assert not reaches_out(query.replace("OUT", outside), outside)


FRAGMENTS = [
    *(
        "SERVICE",
        "service",
        "SILENT",
        "OPTIONAL",
        "MINUS",
        "GRAPH",
        "FILTER",
        "UNION",
        "LATERAL",
        "VALUES",
        "BIND",
        "AS",
    ),
    *(
        "EXISTS",
        "NOT",
        "SELECT",
        "*",
        "true",
        "a",
        "1",
        "1.5",
        "1e5",
        ".",
        ";",
        ",",
        "?",
        "^",
        "/",
        "|",
        "!",
        "<",
        ">",
        "=",
    ),
    *(
        "{",
        "}",
        "{}",
        "(",
        ")",
        "()",
        "[",
        "]",
        "[]",
        "&&",
        "+",
        "-",
        "<<",
        ">>",
        "<<(",
        ")>>",
        "{|",
        "|}",
        "~",
        "^^",
        "@en",
    ),
    *(
        "?s ?p ?o",
        "?x",
        "$x",
        "ex:p",
        "ex:",
        ":x",
        "service:x",
        "SERVICEex:x",
        "_:b",
        "<OUT>",
        "<OUT",
        "OUT>",
        "ex:a.b",
    ),
    *(
        '"',
        "'",
        '"""',
        "'''",
        '"x"',
        "'x'",
        "\\",
        '\\"',
        "\\u0022",
        "\\u0053ERVICE",
        "#",
        "\n",
        "\r",
        "\t",
        " ",
        "\u00a0",
    ),
    *(
        "SERVICE <OUT> {}",
        "SERVICE ex:x {}",
        "SERVICE{}",
        "FILTER(?a<?b)",
        "FILTER EXISTS {",
        "ſERVICE",
        "\u200c",
        "é",
        "-",
    ),
]


@st.composite
def patterns(draw: st.DrawFn) -> str:
    pieces = draw(st.lists(st.sampled_from(FRAGMENTS), max_size=9))
    return "".join(piece + draw(st.sampled_from(("", " "))) for piece in pieces)


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(patterns())
@example("?s ?p ?o SERVICEex:x{} ")
@example("service:x{}")
def test_what_is_let_through_never_reaches_the_network(outside: str, pattern: str) -> None:
    query = f"SELECT * {{ {pattern} }}".replace("OUT", outside)
    try:
        read_query(query, PREFIXES)
    except BadInput:
        return
    assert not reaches_out(query, outside)


SPOKEN = {
    "iri": st.sampled_from(["<http://e/SERVICE>", "<a#b>", "<>", "<http://e/\\u0041>"]),
    "string": st.sampled_from(['"SERVICE"', "'a'", '"""a"b""c"""', "'''\n'''", '"\\"\\\\"', '""', "''"]),
    "variable": st.sampled_from(["?service", "$x", "?1", "?é_2"]),
    "blank": st.sampled_from(["_:SERVICE", "_:a-b", "_:1"]),
    "language": st.sampled_from(["@en", "@service-x", "@ar--rtl"]),
    "number": st.sampled_from(["1", "1.5", "1e5", "2.E-3"]),
    "word": st.sampled_from(["SELECT", "a", "true", "Filter"]),
    "sign": st.sampled_from(list("{}()[],;|/^*+?!=>&~")),
}


@given(
    st.lists(st.sampled_from(sorted(SPOKEN)).flatmap(lambda kind: st.tuples(st.just(kind), SPOKEN[kind])), max_size=30)
)
def test_tokens_come_back_as_they_were_written(written: list[tuple[str, str]]) -> None:
    text = " # comment SERVICE\n".join(token for _, token in written)
    assert [(token.kind, token.text) for token in tokens(text)] == written


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("# SELECT\nPREFIX select: <http://e/> ask {}", Form.ASK),
        ("BASE <http://e/>PREFIX ex: <x>SELECT* {}", Form.SELECT),
        ("VERSION '1.2' CONSTRUCT WHERE { ?s ?p ?o }", Form.CONSTRUCT),
        ("describe<http://e/x>", Form.DESCRIBE),
    ],
)
def test_the_form_is_the_first_word_behind_the_prologue(query: str, form: Form) -> None:
    assert read_query(query, {}).form is form


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "there is no query"),
        ("# SELECT * {}", "there is no query"),
        ("{}", "there is no query"),
        ("SELEKT * {}", "not with SELEKT"),
        ("INSERT DATA { <a> <b> 1 }", "line 1, column 1: INSERT is refused"),
        ("PREFIX ex: <http://e/>\nDELETE WHERE { ?s ?p ?o }", "line 2, column 1: DELETE is refused"),
        ("LOAD <http://e/>", "LOAD is refused"),
        ("ASK { ?s ?p 'open }", 'line 1, column 13: "\'" begins no SPARQL token'),
        ("ASK { ?s\u00a0?p ?o }", "begins no SPARQL token"),
        ("ASK {\n ?s brik:x ?o }", "line 2, column 5: nothing declares the prefix brik:; did you mean brick:?"),
    ],
)
def test_what_is_no_readable_query_is_refused_with_its_place(query: str, reason: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_query(query, {"brick": "https://brickschema.org/schema/Brick#"})
    assert reason in refused.value.message
    assert refused.value.details["argument"] == "query"


def test_an_unknown_prefix_is_answered_with_those_that_are_known() -> None:
    with pytest.raises(BadInput) as refused:
        read_query("PREFIX own: <http://own/> ASK { nobody:x own:p ex:y }", {"ex": "http://e/"})
    assert "Known: ex:, own:" in refused.value.message
    assert refused.value.details["known"] == {"ex": "http://e/", "own": "http://own/"}


def test_declared_prefixes_come_on_top_of_the_known_ones() -> None:
    query = read_query("PREFIX ex: <http://mine/> ASK { ex:x a core:Twin }", {"ex": "http://e/", "core": "http://c/"})
    assert query.prefixes == {"ex": "http://mine/", "core": "http://c/"}


def test_the_queries_of_the_w3c_result_tests_are_read() -> None:
    files = sorted(shared("sparql11-protocol").rglob("*.rq"))
    assert files
    for file in files:
        query = read_query(file.read_text(), {})
        assert query.form in (Form.SELECT, Form.ASK), file
