// The live view: twins, what feeds what, and changes as they happen. It uses the public API like any other client.
"use strict";

const COLOURS = {
  Draft: "--new", Configured: "--new", Validated: "--new", Active: "--live", Suspended: "--warn", Maintenance: "--warn",
  Degraded: "--stop", Retiring: "--idle", Retired: "--idle", Archived: "--idle", Discarded: "--idle",
};
const KEPT_READINGS = 40;
const KEPT_CHANGES = 40;
const MOST_TWINS = 60;

const TWINS = `query Home($first: Int!) {
  release { version }
  twins(first: $first) {
    totalCount
    edges { node {
      iri name state { name }
      entity { iri name classes links(predicate: "feeds", first: 20) { edges { node { iri name } } } }
      points: links(predicate: "hasDataPoint", first: 12) { edges { node {
        iri name properties(names: ["reportedValue", "unitSymbol"]) { name value }
      } } }
    } }
  }
}`;
const CHANGES = `subscription Live($after: Position) {
  changes(after: $after) { position time actor cause events { kind subject data { name value } } }
}`;

const byId = (id) => document.getElementById(id);
const colour = (state) => `var(${COLOURS[state] || "--idle"})`;
const short = (iri) => iri.split(/[#/:]/).pop();

function element(tag, attributes = {}, ...children) {
  const svg = ["svg", "g", "path", "circle", "text", "polyline", "title"].includes(tag);
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

async function ask(query, variables) {
  const answer = await fetch("/graphql", {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(errors[0].message);
  return data;
}

// ---- the twins ----------------------------------------------------------------------------------------------------
const readings = new Map(); // data point IRI → its last values, for the small curves

function curve(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const points = values.map((v, i) => `${(i * 72) / (KEPT_READINGS - 1)},${16 - (14 * (v - low)) / (high - low || 1)}`);
  return element("svg", { viewBox: "0 0 72 18", "aria-hidden": "true" }, element("polyline", { points: points.join(" ") }));
}

function pointRow(point) {
  const found = Object.fromEntries(point.properties.map((p) => [p.name, p.value]));
  const number = Number(found.reportedValue);
  const history = readings.get(point.iri) || [];
  if (Number.isFinite(number) && found.reportedValue !== undefined) {
    history.push(number);
    readings.set(point.iri, history.slice(-KEPT_READINGS));
  }
  const shown = Number.isFinite(number) ? number.toFixed(1) : found.reportedValue ?? "–";
  return element("div", { class: "point" },
    element("span", {}, point.name), element("b", {}, `${shown} ${found.unitSymbol ?? ""}`), curve(readings.get(point.iri) || []));
}

function card(twin) {
  const state = twin.state?.name ?? "no state";
  const article = element("article", { style: `--colour:${colour(state)}`, title: twin.iri },
    element("h3", {}, element("span", {}, twin.entity?.name ?? twin.name), element("span", { class: "state" }, state)),
    element("div", { class: "class" }, (twin.entity?.classes ?? []).map(short).join(", ")));
  article.append(...twin.points.edges.map(({ node }) => pointRow(node)));
  return article;
}

// ---- what feeds what: columns by the longest way from a source, loops cut where they close ------------------------
function columns(nodes, edges) {
  const column = new Map(nodes.map((n) => [n.iri, 0]));
  for (let round = 0; round < nodes.length; round++) {
    let moved = false;
    for (const [from, to] of edges) {
      if (column.get(to) < column.get(from) + 1 && column.get(from) + 1 < nodes.length) {
        column.set(to, column.get(from) + 1);
        moved = true;
      }
    }
    if (!moved) break;
  }
  const byColumn = new Map();
  for (const node of nodes) {
    const at = Math.min(column.get(node.iri), 12);
    byColumn.set(at, [...(byColumn.get(at) || []), node]);
  }
  return [...byColumn.entries()].sort((a, b) => a[0] - b[0]).map((entry) => entry[1]);
}

function drawFlow(twins) {
  const entities = new Map(twins.filter((t) => t.entity).map((t) => [t.entity.iri, { ...t.entity, state: t.state?.name }]));
  const edges = [...entities.values()].flatMap((e) => e.links.edges.map(({ node }) => [e.iri, node.iri]))
    .filter(([from, to]) => from !== to && entities.has(to));
  const joined = new Set(edges.flat());
  const layout = columns([...entities.values()].filter((e) => joined.has(e.iri)), edges);
  const svg = byId("flow");
  svg.closest("section").hidden = layout.length === 0;
  const [width, height] = [Math.max(1, layout.length) * 170, Math.max(1, ...layout.map((c) => c.length)) * 52];
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const place = new Map(layout.flatMap((nodes, x) =>
    nodes.map((n, y) => [n.iri, { x: x * 170 + 20, y: (height * (y + 0.5)) / nodes.length }])));
  const line = ([from, to]) => {
    const [a, b] = [place.get(from), place.get(to)];
    const bend = Math.max(40, Math.abs(b.x - a.x) / 2);
    return element("path", { class: "edge", d: `M${a.x + 8} ${a.y} C${a.x + bend} ${a.y} ${b.x - bend} ${b.y} ${b.x - 8} ${b.y}` });
  };
  const dot = (n) => element("g", {},
    element("title", {}, `${n.name}: ${n.state ?? "no state"}`),
    element("circle", { class: "node", r: 8, cx: place.get(n.iri).x, cy: place.get(n.iri).y, style: `stroke:${colour(n.state)}` }),
    element("text", { x: place.get(n.iri).x + 13, y: place.get(n.iri).y - 6 }, n.name.slice(0, 24)));
  svg.replaceChildren(...edges.map(line), ...[...place.keys()].map((iri) => dot(entities.get(iri))));
}

// ---- together -----------------------------------------------------------------------------------------------------
async function refresh() {
  const { twins, release } = await ask(TWINS, { first: MOST_TWINS });
  const nodes = twins.edges.map((edge) => edge.node);
  byId("facts").textContent = `${twins.totalCount.toLocaleString("en")} twins · model ${release.version}`;
  byId("twins").replaceChildren(...nodes.map(card));
  byId("more").hidden = twins.totalCount <= nodes.length;
  byId("more").textContent = `and ${(twins.totalCount - nodes.length).toLocaleString("en")} more: ask GraphiQL`;
  drawFlow(nodes);
}

function describe(change) {
  const event = change.events[0];
  if (!event) return change.cause;
  const facts = event.data.map((d) => `${d.name} ${short(d.value)}`).join(", ");
  return `${short(event.subject)}: ${event.kind}${facts ? ` (${facts})` : ""}`;
}

function follow() {
  const variables = encodeURIComponent(JSON.stringify({}));
  const source = new EventSource(`/graphql/stream?query=${encodeURIComponent(CHANGES)}&variables=${variables}`);
  let waiting = null;
  source.addEventListener("next", (message) => {
    const change = JSON.parse(message.data).data?.changes;
    if (!change) return;
    byId("changes").prepend(element("li", {},
      element("span", {}, change.time.slice(11, 19)), element("span", {}, describe(change))));
    while (byId("changes").children.length > KEPT_CHANGES) byId("changes").lastChild.remove();
    // One refresh serves all the changes of half a second.
    waiting ??= setTimeout(() => { waiting = null; refresh().catch(showFault); }, 500);
  });
}

const showFault = (fault) => { byId("facts").textContent = `no answer: ${fault.message}`; };
refresh().catch(showFault);
follow();
