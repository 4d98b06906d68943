// GraphiQL on this server: queries by HTTP, subscriptions by graphql-transport-ws, nothing from elsewhere.
"use strict";

const EXAMPLE = `# Ctrl-Enter runs the operation under the cursor.
# Ctrl-Space completes; the book on the left explains.

# Twins, where each stands and what it may do next.
query Twins {
  release { version }
  twins(first: 10, orderBy: { key: NAME }) {
    totalCount
    edges {
      node {
        iri
        name
        state { name label }
        allowedTransitions { name to { name } }
        entity {
          iri
          name
          classes
          properties { name value }
        }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}

# Every change from now on, as it is committed. To miss
# nothing, give "after" the last position you have seen.
subscription Changes {
  changes {
    position
    time
    actor
    cause
    events { kind subject data { name value } }
  }
}
`;

const address = new URL(window.location.href);
const socket = `${address.protocol === "https:" ? "wss" : "ws"}://${address.host}/graphql`;
const fetcher = GraphiQL.createFetcher({
  url: `${address.origin}/graphql`,
  wsClient: graphqlWs.createClient({ url: socket, lazy: true }),
});

function Page() {
  const [query, setQuery] = React.useState(address.searchParams.get("query") ?? EXAMPLE);
  const explorer = GraphiQLPluginExplorer.useExplorerPlugin({ query, onEdit: setQuery, showAttribution: false });
  return React.createElement(GraphiQL, {
    fetcher,
    query,
    onEditQuery: setQuery,
    variables: address.searchParams.get("variables") ?? undefined,
    operationName: address.searchParams.get("operationName") ?? undefined,
    defaultEditorToolsVisibility: "variables",
    plugins: [explorer],
  });
}

ReactDOM.render(React.createElement(Page), document.getElementById("graphiql"));
