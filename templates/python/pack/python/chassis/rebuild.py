"""Builds read models anew from all events that there were, beside those that are read until then."""

import logging
import threading
from collections.abc import Iterable

from .consumer import Consumer, Handler
from .store import Tx, quote
from .table import View, of_generation

log = logging.getLogger("rebuild")

_POLL = 1.0


class Rebuilder:
    def __init__(self, main: Consumer, handlers: Iterable[Handler], views: Iterable[View]):
        self._main, self._database = main, main.database
        self._handlers, self.views = list(handlers), {v.name: v for v in views}
        self._projectors: dict[tuple[str, int], tuple[Consumer, threading.Thread]] = {}
        self._ends: dict[tuple[str, int], dict] = {}  # of the topics, when they were last looked at

    def ask(self, name: str) -> bool:
        """Asks for the next generation of a view; one that is being built goes on. False: there is no such view."""
        if name not in self.views:
            return False
        self._database.execute(
            """INSERT INTO platform_views (name, live, building) VALUES (?, 0, 1)
            ON CONFLICT (name) DO UPDATE SET building = platform_views.live + 1 WHERE platform_views.building IS NULL""",
            name,
        )
        return True

    def run(self) -> None:
        stopping = self._main.stopping
        while True:
            try:
                self._step()
            except Exception as e:
                log.warning("views cannot be rebuilt", extra={"error": repr(e)})
            if stopping.wait(_POLL):
                break
        for key in list(self._projectors):
            self._end(key)

    def _step(self) -> None:
        wanted = set()
        for name, live, building in self._database.query("SELECT name, live, COALESCE(building, 0) FROM platform_views"):
            view = self.views.get(name)
            if view is None:
                continue  # of another release
            view.live = live
            if live > 0:
                self._main.left.add(name)
            for generation in filter(None, (live, building)):
                wanted.add((name, generation))
                self._keep(view, generation)
            if building:
                self._switch(view, building, live)
        for key in [k for k in self._projectors if k not in wanted]:
            self._end(key)

    def _keep(self, view: View, generation: int) -> None:
        """Has a generation follow what happens."""
        key = (view.name, generation)
        if key in self._projectors:
            return
        view.prepare(self._database, generation)
        main = self._main
        own = [h for h in self._handlers if h.project and h.name == view.name]
        consumer = Consumer(of_generation(f"{main.group}.{view.name}", generation), main.kafka, main.admin, main.database, main.telemetry, own, generation)
        thread = threading.Thread(target=consumer.run, name=of_generation(view.name, generation))
        thread.start()
        self._projectors[key] = consumer, thread

    def _end(self, key: tuple[str, int]) -> None:
        consumer, thread = self._projectors.pop(key)
        consumer.stop()
        thread.join()
        self._ends.pop(key, None)

    def _switch(self, view: View, generation: int, old: int) -> None:
        """Has a generation read that has seen all that there was a moment ago."""
        key = (view.name, generation)
        positions = self._projectors[key][0].positions(committed_only=True)
        before, self._ends[key] = self._ends.get(key), {at: end for at, (end, _) in positions.items()}
        if before is None or any(positions.get(at, (0, 0))[1] < end for at, end in before.items()):
            return
        if self._main.parked.listed(handler=of_generation(view.name, generation), limit=1):
            raise RuntimeError(f"view {view.name}: generation {generation} has parked records")
        switched = self._database.execute(
            "UPDATE platform_views SET live = building, building = NULL WHERE name = ? AND building = ?", view.name, generation
        )
        if switched == 1:
            log.info("view is rebuilt", extra={"view": view.name, "generation": generation})
            view.live = generation
            self._retire(view, old)

    def _retire(self, view: View, old: int) -> None:
        """Forgets a generation that nobody reads any more; its table stays until the next one, for replicas that do."""

        def work(tx: Tx) -> None:
            if old > 0:
                tx.execute(f"DROP TABLE IF EXISTS {quote(of_generation(view.table, old - 1))}")
            handler = of_generation(view.name, old)
            tx.execute("DELETE FROM platform_parked WHERE handler = ?", handler)
            tx.execute("DELETE FROM platform_inbox WHERE consumer = ?", handler)

        self._database.transact(work)
