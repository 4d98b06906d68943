// Apollo Client with persisted queries, and urql: a query, a write, and the query again from a cache that knows of it.
const { ApolloClient, HttpLink, InMemoryCache, gql } = require("@apollo/client");
const { PersistedQueryLink } = require("@apollo/client/link/persisted-queries");
const { createHash } = require("node:crypto");
const { Client, cacheExchange, fetchExchange } = require("@urql/core");

const address = process.argv[2];
const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const QUERY = gql`query Flow($iri: Iri!) { pump(iri: $iri) { __typename iri name ratedFlow revision } }`;
const PATCH = gql`mutation Patch($iri: Iri!, $set: PumpPatch!) {
  patchPump(iri: $iri, set: $set) { pump { __typename iri name ratedFlow revision } } }`;

const sent = [];
const counted = (url, options) => {
  sent.push(JSON.parse(options.body ?? "{}"));
  return fetch(url, options);
};

async function apollo(variables) {
  const link = new PersistedQueryLink({ sha256 }).concat(new HttpLink({ uri: `${address}/graphql`, fetch: counted }));
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const before = (await client.query({ query: QUERY, variables })).data.pump;
  const set = { ratedFlow: 7.5 };
  await client.mutate({ mutation: PATCH, variables: { ...variables, set } });
  const after = (await client.query({ query: QUERY, variables, fetchPolicy: "network-only" })).data.pump;
  let refused = "";
  try {
    await client.query({ query: gql`{ nonsense }` });
  } catch (error) {
    refused = error.errors?.[0]?.extensions?.code ?? error.message;
  }
  return { before, after, refused, sent };
}

async function urql(variables) {
  const exchanges = [cacheExchange, fetchExchange];
  const client = new Client({ url: `${address}/graphql`, exchanges, preferGetMethod: false });
  const before = await client.query(QUERY, variables).toPromise();
  const written = await client.mutation(PATCH, { ...variables, set: { ratedFlow: 8.5 } }).toPromise();
  const after = await client.query(QUERY, variables).toPromise();
  const refused = await client.query("{ nonsense }", {}).toPromise();
  return {
    before: before.data?.pump, written: written.data?.patchPump.pump, after: after.data?.pump,
    refused: refused.error?.graphQLErrors[0]?.extensions.code,
  };
}

(async () => {
  const variables = { iri: process.argv[3] };
  const client = { apollo, urql }[process.argv[4]];
  console.log(JSON.stringify(await client(variables)));
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
