"use strict";
// The model is shown, and again whenever it has changed.
load();
new EventSource("changes").addEventListener("changed", () => load(true));
