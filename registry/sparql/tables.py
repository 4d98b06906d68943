"""Results of a SELECT as a table, and the table as Parquet with the columns' own types."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import pyoxigraph as ox

from registry.errors import BadInput
from registry.rdf.oxigraph import from_oxigraph
from registry.rdf.terms import Literal, Term
from registry.rdf.vocabulary import XSD, XSD_BOOLEAN, XSD_DATE_TIME, XSD_DECIMAL, XSD_DOUBLE, XSD_INTEGER


@dataclass(frozen=True, slots=True)
class Table:
    """Variables and rows; None stands where a variable is not bound."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Term | None]]

    def texts(self) -> list[list[str]]:
        """The rows as people read them: IRIs and lexical forms, empty where nothing is bound."""
        return [[_text(term) or "" for term in row] for row in self.rows]


def read_table(content: bytes) -> Table:
    """The table in SPARQL JSON results. Raises BadInput for the answer to an ASK."""
    solutions = ox.parse_query_results(content, ox.QueryResultsFormat.JSON)
    if not isinstance(solutions, ox.QuerySolutions):
        raise BadInput("only a SELECT answers with a table", argument="query")
    names = [variable.value for variable in solutions.variables]
    return Table(names, [[_term(solution[name]) for name in names] for solution in solutions])


def write_parquet(table: Table) -> bytes:
    """The table as Parquet. Numbers, truth values and moments keep their type where a whole column has it.

    Raises BadInput where pyarrow is not installed.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise BadInput(
            "Parquet needs pyarrow: pip install 'semantic-twin-registry[parquet]'", argument="format"
        ) from error
    columns = {name: [row[number] for row in table.rows] for number, name in enumerate(table.columns)}
    out = io.BytesIO()
    parquet.write_table(pyarrow.table({name: _array(pyarrow, terms) for name, terms in columns.items()}), out)
    return out.getvalue()


def _term(term: Any) -> Term | None:
    if term is None:
        return None
    # A triple term (RDF 1.2) is shown as it is written.
    return Literal(str(term)) if isinstance(term, ox.Triple) else from_oxigraph(term)


def _text(term: Term | None) -> str | None:
    return term.lexical if isinstance(term, Literal) else term


def _moment(lexical: str) -> datetime:
    moment = datetime.fromisoformat(lexical)
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone is not a point in time")
    return moment


_CONVERSIONS: Mapping[str, Callable[[str], Any]] = {
    XSD_INTEGER: int,
    XSD_DECIMAL: Decimal,
    XSD_DOUBLE: float,
    XSD + "float": float,
    XSD_BOOLEAN: lambda lexical: lexical in ("true", "1"),
    XSD_DATE_TIME: _moment,
}


def _array(pyarrow: Any, terms: Sequence[Term | None]) -> Any:
    """A column of one datatype in the type for it; any other, and one that does not fit, as texts."""
    texts = [_text(term) for term in terms]
    datatypes = {term.datatype if isinstance(term, Literal) else "" for term in terms if term is not None}
    datatype = datatypes.pop() if len(datatypes) == 1 else ""
    if convert := _CONVERSIONS.get(datatype):
        # Only moments need to be told their type: by themselves they would take the zone of the first.
        kind = pyarrow.timestamp("us", "UTC") if datatype == XSD_DATE_TIME else None
        try:
            return pyarrow.array([None if text is None else convert(text) for text in texts], kind)
        except (ValueError, OverflowError, InvalidOperation, pyarrow.ArrowException):
            pass
    return pyarrow.array(texts, pyarrow.string())
