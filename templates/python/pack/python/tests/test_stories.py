"""What the scenarios of the model say, as far as this service has a part in it."""

import json
from pathlib import Path

import pytest
from app import policies, views
from chassis import forms, values
from chassis.envelope import Actor, Envelope
from chassis.table import Ask

STORIES = json.loads((Path(__file__).parent / "stories.json").read_text())


def envelope(told: dict) -> Envelope:
    by = told.get("actor") or {}
    return Envelope(
        id=told["id"],
        source="/told",
        type=told["type"],
        subject=told["subject"],
        time=values.parse_time(told["time"]),
        sequence=told["sequence"],
        actor=Actor(subject=by.get("subject", ""), roles=by.get("roles") or [], system=by.get("system", False)),
        topic=told["topic"],
        key=told["subject"],
        data=forms.dumps(told["data"]).encode(),
    )


@pytest.mark.parametrize("story", STORIES, ids=lambda s: s["name"])
def test_stories(story, database, clients, asked, give):
    handlers = {(h.name, h.type): h for h in [*policies.handlers(clients), *views.handlers()]}
    for told in story["heard"]:
        h, e = handlers[told["handler"], told["type"]], envelope(told)
        give(h, e)
        give(h, e)  # a second delivery has no second effect
    was_asked = {key: forms.write(ask) for _, _, key, ask in asked}
    assert sorted(was_asked) == sorted(a["key"] for a in story["asked"])
    for a in story["asked"]:
        assert was_asked[a["key"]] == a.get("input", was_asked[a["key"]])  # new ids are others each time
    for r in views.READINGS:
        rows = r.view.page(database, Ask(limit=1000)).rows
        assert sorted(map(forms.write, rows), key=forms.dumps) == sorted(story["rows"].get(r.view.name, []), key=forms.dumps)
