"""Devices of the demo plant: a little hydraulics, reported every second over GraphQL."""

from __future__ import annotations

import json
import math
import random
import threading
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from registry import share

PERIOD_SECONDS = 1.0
PLANT = "https://demo.example/riverside/"
_TURN_SECONDS = 20


class Simulator:
    """Commissions the twins that are still drafts, then reports for every device each second until ``ended``."""

    def __init__(self, address: str, ended: threading.Event) -> None:
        where = urlsplit(address)
        self._connection = HTTPConnection(where.hostname or "127.0.0.1", where.port, timeout=10)
        self._ended = ended
        self._chance = random.Random(7)
        self._plant = Hydraulics()

    def run(self) -> None:
        """Run until told to end. A registry that does not answer is tried again: devices outlive servers."""
        second = 0
        commissioned = False
        while not self._ended.wait(PERIOD_SECONDS):
            try:
                commissioned = commissioned or self._commission()
                states = self._states()
                for twin, values in self._plant.step(states, self._chance).items():
                    if states.get(twin) in LIVE:
                        self._report(twin, values)
                second += 1
                if second % _TURN_SECONDS == 0:
                    self._take_turns(states)
            except (OSError, HTTPException, ValueError):
                self._connection.close()

    def _commission(self) -> bool:
        """Take every draft through configure, validate and commission, as an engineer would."""
        for twin, state in self._states().items():
            steps = {"Draft": 0, "Configured": 1, "Validated": 2}.get(state, 3)
            for trigger in ("configure", "validate", "commission")[steps:]:
                self._ask("transition", twin=twin, trigger=trigger, reason="the demo plant starts up")
        return True

    def _take_turns(self, states: dict[str, str]) -> None:
        """The raw water pumps take turns, so that there is a lifecycle to watch."""
        first, second = f"{PLANT}twin-P-101", f"{PLANT}twin-P-102"
        resting = first if states.get(first) == "Suspended" else second
        working = second if resting == first else first
        if states.get(resting) == "Suspended":
            self._ask("transition", twin=resting, trigger="resume", reason="its turn to work")
        self._ask("transition", twin=working, trigger="suspend", reason="its turn to rest")

    def _states(self) -> dict[str, str]:
        edges = self._ask("states")["twins"]["edges"]
        nodes = [edge["node"] for edge in edges if edge["node"]["state"]]
        return {node["iri"]: node["state"]["name"] for node in nodes if node["iri"].startswith(PLANT)}

    def _report(self, twin: str, values: dict[str, float]) -> None:
        readings = [{"point": name, "value": round(value, 2)} for name, value in values.items()]
        self._ask("report", twin=twin, values=readings)

    def _ask(self, name: str, **variables: Any) -> dict[str, Any]:
        body = json.dumps({"query": share.query("graphql", f"demo-{name}"), "variables": variables})
        self._connection.request("POST", "/graphql", body, {"content-type": "application/json"})
        answer = json.loads(self._connection.getresponse().read())
        return answer.get("data") or {}


LIVE = frozenset({"Active", "Degraded", "Suspended"})


class Hydraulics:
    """Levels follow flows. Units as in the plant's data: m, m³/h, kW, bar, °C, NTU, %."""

    def __init__(self) -> None:
        self._second = 0
        self._levels = {"T-100": 4.0, "T-200": 2.5, "T-210": 1.4, "T-400": 5.0}

    def step(self, states: dict[str, str], chance: random.Random) -> dict[str, dict[str, float]]:
        """One second. ``states`` says which pumps run; returns the readings of each twin."""
        self._second += 1

        def runs(tag: str) -> bool:
            return states.get(f"{PLANT}twin-{tag}") in ("Active", "Degraded")

        def flow(tag: str, rated: float) -> float:
            return max(0.0, rated * (0.9 + 0.05 * math.sin(self._second / 7)) + chance.gauss(0, rated / 120))

        flows = {
            tag: flow(tag, rated) if runs(tag) else 0.0
            for tag, rated in (("P-101", 120.0), ("P-102", 120.0), ("P-201", 0.4), ("P-301", 95.0), ("P-302", 95.0))
        }
        intake, delivery = flows["P-101"] + flows["P-102"], flows["P-301"] + flows["P-302"]
        self._flow_into("T-200", intake - delivery, 0.0005, 1.0, 4.5)
        self._flow_into("T-400", delivery - 170 - 40 * math.sin(self._second / 40), 0.0004, 2.0, 7.5)
        self._flow_into("T-210", -20 * flows["P-201"], 0.0001, 0.3, 1.8)
        turbidity = 12 + 6 * math.sin(self._second / 25) - 15 * flows["P-201"] + chance.gauss(0, 0.3)
        readings: dict[str, dict[str, float]] = {
            "T-100": {"level": 4 + 0.4 * math.sin(self._second / 60), "temperature": 12 + chance.gauss(0, 0.1)},
            "V-110": {"opening": 100.0 if intake > 150 else 60.0},
            "T-200": {"level": self._levels["T-200"], "turbidity": max(0.0, turbidity)},
            "T-210": {"level": self._levels["T-210"]},
            "T-400": {"level": self._levels["T-400"]},
            "P-201": {"flow": flows["P-201"]},
        }
        for tag in ("P-101", "P-102"):
            readings[tag] = {"flow": flows[tag], "power": 0.14 * flows[tag]}
        for tag in ("P-301", "P-302"):
            readings[tag] = {"flow": flows[tag], "pressure": 6 + flows[tag] / 40 if flows[tag] else 0.0}
        return {f"{PLANT}twin-{tag}": values for tag, values in readings.items()}

    def _flow_into(self, tank: str, net: float, rise: float, low: float, high: float) -> None:
        """Change a level by a net flow in m³/h; at its ends the plant's own control holds it."""
        self._levels[tank] = min(high, max(low, self._levels[tank] + net * rise))
