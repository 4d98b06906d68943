"""One operation as a program: variables in, data out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
)

from registry.api.graphql.run.arguments import Arguments
from registry.api.graphql.run.deviation import Deviation
from registry.api.graphql.run.execution import Answered, Run
from registry.api.graphql.run.selections import Selections

if TYPE_CHECKING:
    from registry.api.graphql.fixed.context import Context


class Program:
    """Runs one query or mutation. Raises Deviation, when it is made, for one that the stock executor has to run."""

    def __init__(
        self, schema: GraphQLSchema, arguments: Arguments, document: DocumentNode, node: OperationDefinitionNode
    ) -> None:
        root = schema.get_root_type(node.operation)
        if not isinstance(root, GraphQLObjectType) or node.directives or node.operation is OperationType.SUBSCRIPTION:
            raise Deviation
        fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
        selections = Selections(schema, fragments, arguments)
        self._is_serial = node.operation is OperationType.MUTATION
        self._variables = arguments.variables(node.variable_definitions or ())
        fields = selections.fields(root, [node.selection_set])
        self._template: Answered = dict.fromkeys(fields)
        self._fills = [selections.fill(root, name, nodes) for name, nodes in fields.items()]

    async def data(self, context: Context, variables: Mapping[str, Any]) -> Answered:
        """The data of the answer. Raises whatever comes, for the stock executor to tell as it does.

        Mutations go one after the other, each with all that is selected of it (GraphQL specification, section 6.2.2).
        """
        run = Run(context, self._variables(variables))
        answered = self._template.copy()
        try:
            for fill in self._fills:
                fill(None, answered, run)
                if self._is_serial:
                    await run.settle()
            await run.settle()
        finally:
            run.close()
        return answered
