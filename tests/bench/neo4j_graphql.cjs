// npm @neo4j/graphql behind Apollo, on the nodes that the registry has written: port and Bolt address are arguments.
const { ApolloServer } = require("@apollo/server");
const { startStandaloneServer } = require("@apollo/server/standalone");
const { Neo4jGraphQL } = require("@neo4j/graphql");
const neo4j = require("neo4j-driver");

// Every type names the label that carries the index on `iri` first, so that nothing is found by scanning a class.
const typeDefs = `
  type Twin @node(labels: ["_Node", "Twin"]) {
    iri: String!
    name: String
    entity: [Pump!]! @relationship(type: "TWIN_OF", direction: OUT)
    state: [State!]! @relationship(type: "IN_STATE", direction: OUT)
  }
  type Pump @node(labels: ["_Node", "CentrifugalPump"]) {
    iri: String!
    name: String
    ratedFlow: Float
    ratedPower: Float
    serialNumber: String
    hasPart: [Pump!]! @relationship(type: "HAS_PART", direction: OUT)
  }
  type State @node(labels: ["_Node"]) {
    iri: String!
    name: String
  }
`;

async function main() {
  const driver = neo4j.driver(process.argv[3]);
  const schema = await new Neo4jGraphQL({ typeDefs, driver }).getSchema();
  const server = new ApolloServer({ schema });
  const { url } = await startStandaloneServer(server, { listen: { host: "127.0.0.1", port: Number(process.argv[2]) } });
  console.log(url);
}

main();
