// GraphiQL on this server: queries by HTTP, subscriptions by graphql-transport-ws, nothing from elsewhere.
"use strict";

const address = new URL(window.location.href);
const socket = `${address.protocol === "https:" ? "wss" : "ws"}://${address.host}/graphql`;
const fetcher = GraphiQL.createFetcher({
  url: `${address.origin}/graphql`,
  wsClient: graphqlWs.createClient({ url: socket, lazy: true }),
});

function Page({ example }) {
  const [query, setQuery] = React.useState(address.searchParams.get("query") ?? example);
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

fetch("/graphql/assets/explorer.graphql")
  .then((answer) => answer.text())
  .then((example) => ReactDOM.render(React.createElement(Page, { example }), document.getElementById("graphiql")));
