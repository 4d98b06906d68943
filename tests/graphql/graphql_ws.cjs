// The protocol's own client. `converse ADDRESS` tries what it can do and prints what happened;
// `follow ADDRESS UNTIL` prints the position of every change, whatever becomes of the server meanwhile.
const { createClient } = require('graphql-ws')
const WebSocket = require('ws')

const CHANGES = 'subscription ($after: Position) { changes(after: $after) { position cause } }'
const [mode, url, until] = process.argv.slice(2)
const sleep = (ms) => new Promise((done) => setTimeout(done, ms))

async function all(client, payload, most = Infinity) {
  const found = []
  for await (const result of client.iterate(payload)) {
    found.push(result)
    if (found.length === most) break // Leaving the loop makes the client send `complete`.
  }
  return found
}

async function converse() {
  const heard = { pongs: 0 }
  const client = createClient({
    url, webSocketImpl: WebSocket, lazy: false, keepAlive: 50, retryAttempts: 0,
    on: { pong: (received) => { if (received) heard.pongs++ }, closed: (event) => { heard.closed = event.code } },
  })
  const watch = { query: CHANGES, variables: { after: 0 } }
  heard.twice = await Promise.all([all(client, watch, 2), all(client, watch, 2)])
  heard.query = await all(client, { query: '{ __typename }' })
  heard.again = await all(client, watch, 1)
  heard.refused = await all(client, { query: '{ nonsense }' }).catch((errors) => errors)
  heard.late = await all(client, { query: CHANGES, variables: { after: 1e9 } }).catch((errors) => errors)
  while (!heard.pongs) await sleep(20)
  await client.dispose()
  while (!heard.closed) await sleep(20)
  console.log(JSON.stringify(heard))
}

async function follow() {
  const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0 })
  for (let after = 0; after < Number(until); ) {
    try {
      for await (const result of client.iterate({ query: CHANGES, variables: { after } })) {
        after = result.data.changes.position
        console.log(after)
        if (after >= Number(until)) break
      }
    } catch (event) {
      // The server is gone. Anything but a closed connection, such as a refused position, is a fault.
      if (event instanceof Error && !/ECONNREFUSED/.test(event.message) || Array.isArray(event)) throw event
      await sleep(50)
    }
  }
  await client.dispose()
}

(mode === 'converse' ? converse() : follow()).catch((fault) => { console.error(fault); process.exit(1) })
