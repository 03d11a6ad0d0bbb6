"use strict";
// LitWall is a wall on which those light up that something has just happened to.
class LitWall extends Wall {
  // seen tells whether something is in the part that is looked at.
  seen(id) {
    if (!this.drawing.drawn.has(id)) return false;
    const box = this.drawing.box(id), v = this.drawing.view;
    return box.x >= v.x && box.y >= v.y && box.x + box.width <= v.x + v.w && box.y + box.height <= v.y + v.h;
  }

  // light marks notes as those of what has just happened, one after the other.
  light(ids) {
    const { svg, drawn, links } = this.drawing, lit = new Set(ids);
    for (const e of drawn.values()) e.classList.remove("lit", "lit-new");
    svg.classList.toggle("lit", ids.length > 0);
    for (const l of links) l.classList.toggle("lit", lit.has(l.dataset.from) && lit.has(l.dataset.to));
    clearTimeout(this.timer);
    if (ids.length && !ids.some(id => this.seen(id))) this.show(ids[0]);
    const one = n => {
      if (n >= ids.length) return;
      const note = drawn.get(ids[n]);
      note?.classList.add("lit", "lit-new");
      this.timer = setTimeout(() => { note?.classList.remove("lit-new"); one(n + 1); }, still.matches ? 0 : 180);
    };
    one(0);
  }
}

// still says that who looks wants nothing to move.
const still = matchMedia("(prefers-reduced-motion: reduce)");
