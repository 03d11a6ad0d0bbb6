// What is on the page is the board itself.
{
  const part = id => document.getElementById(id);
  const wall = new Wall({ wall: part("wall"), about: part("about"), search: part("search"), found: part("found"), whole: part("whole") });
  wall.draw(part("wall").querySelector("svg"), JSON.parse(part("notes").textContent));
}
