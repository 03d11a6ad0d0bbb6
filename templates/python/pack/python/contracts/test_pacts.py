"""What others tell is understood: every message that is written down, by those who hear of it."""

import json
from pathlib import Path

import pytest
from app import policies, views
from chassis import envelope
from chassis.envelope import Record

PACTS = sorted((Path(__file__).parent / "pacts").glob("*.json"))
MESSAGES = [
    pytest.param(m, id=f"{pact.stem}: {m['description']}")
    for pact in PACTS
    for m in json.loads(pact.read_text())["interactions"]
    if m["type"] == "Asynchronous/Messages"
]


def record(message: dict) -> Record:
    about = dict(message["metadata"])
    topic, key = about.pop("kafka_topic"), about.pop("key")
    about.pop("contentType", None)
    data = json.dumps(message["contents"]["content"]).encode()
    return Record(topic, 0, 0, key.encode(), data, [(k, v.encode()) for k, v in about.items()])


@pytest.mark.parametrize("message", MESSAGES)
def test_messages_are_understood(message, database, clients, give):
    r = record(message)
    e = envelope.read(r)
    handlers = {h.name: h for h in [*policies.handlers(clients), *views.handlers()] if (h.topic, h.type) == (r.topic, e.type)}
    for name in message["comments"]["handlers"]:
        give(handlers[name], e)
