"use strict";
// What the page can do beyond being read: sort, find, compare, point at the map, unfold.
// Without this script everything is there but that.
(() => {
  const facts = JSON.parse(document.getElementById("facts").textContent);
  const SVG = "http://www.w3.org/2000/svg";

  const element = (name, given = {}, ...inside) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(given)) made.setAttribute(key, value);
    made.append(...inside);
    return made;
  };
  const drawn = (name, given = {}, ...inside) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(given)) made.setAttribute(key, value);
    made.append(...inside);
    return made;
  };
  const called = (segment) => `${segment.no} ${segment.name}`;

  // --- sort ---------------------------------------------------------------------------------
  const sortable = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, place) => {
      const button = element("button", { type: "button" }, head.firstChild.textContent.trim());
      head.firstChild.remove();
      head.prepend(button);
      button.addEventListener("click", () => sort(table, heads, place));
    });
  };
  const sort = (table, heads, place) => {
    const head = heads[place];
    const words = head.dataset.by === "words";
    const first = words || place === 0 ? "ascending" : "descending";
    const other = first === "ascending" ? "descending" : "ascending";
    const way = head.getAttribute("aria-sort") === first ? other : first;
    heads.forEach((each) => each.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", way);
    const sign = way === "ascending" ? 1 : -1;
    const body = table.tBodies[0];
    const of = (row) => row.cells[place];
    const numbers = (row) => (of(row).dataset.v === "" ? NaN : Number(of(row).dataset.v));
    const rows = [...body.rows].sort((a, b) => {
      if (words) return sign * of(a).textContent.localeCompare(of(b).textContent);
      const [x, y] = [numbers(a), numbers(b)];
      if (isNaN(x) || isNaN(y)) return isNaN(x) - isNaN(y); // unknown ones stand last
      return sign * (x - y);
    });
    body.append(...rows);
  };

  // --- find ---------------------------------------------------------------------------------
  const searchable = () => {
    const field = document.getElementById("find");
    const told = document.getElementById("found");
    const places = [...document.querySelectorAll("[data-find]")];
    const texts = places.map((place) => place.textContent.toLowerCase());
    field.addEventListener("input", () => {
      const wanted = field.value.trim().toLowerCase();
      let found = 0;
      places.forEach((place, i) => {
        const here = texts[i].includes(wanted);
        place.classList.toggle("away", !here);
        found += here;
        if (wanted && here) {
          const folded = place.tagName === "TR" ? place.closest("details") : null;
          if (folded) folded.open = true;
        }
      });
      told.textContent = wanted ? `${found} of ${places.length} segments and columns` : "";
    });
  };

  // --- unfold -------------------------------------------------------------------------------
  const foldable = () => {
    const button = document.getElementById("unfold");
    button.addEventListener("click", () => {
      const open = button.dataset.open !== "yes";
      document.querySelectorAll("main details").forEach((each) => (each.open = open));
      button.dataset.open = open ? "yes" : "";
      button.textContent = open ? "Fold everything" : "Unfold everything";
    });
  };

  // --- compare ------------------------------------------------------------------------------
  const comparable = () => {
    const [one, other] = ["one", "other"].map((id) => document.getElementById(id));
    if (facts.segments.length < 2) return document.getElementById("compare").remove();
    [one, other].forEach((list, chosen) => {
      facts.segments.forEach((segment, i) => {
        const option = element("option", { value: i }, called(segment));
        option.selected = i === chosen;
        list.append(option);
      });
      list.addEventListener("change", () => compare(Number(one.value), Number(other.value)));
    });
    compare(0, 1);
  };
  const compare = (a, b) => {
    const gap = (column) => Math.abs(column.effects[a] - column.effects[b]);
    const ranked = [...facts.columns].sort((x, y) => gap(y) - gap(x));
    const widest = Math.max(...ranked.map(gap), 1e-9);
    const head = (text, number) =>
      element("th", { scope: "col", ...(number ? { class: "n" } : {}) }, text);
    const heads = element("tr", {}, head("Column"), head(called(facts.segments[a]), true));
    heads.append(head(called(facts.segments[b]), true), head("Everybody", true), head("Apart"));
    const rows = ranked.map((column) => {
      const bar = element("span", { class: "apart", role: "img" });
      bar.style.width = `${(100 * gap(column)) / widest}%`;
      bar.setAttribute("aria-label", `${gap(column).toFixed(1)} standard deviations apart`);
      const measure = element("small", {}, column.measure);
      const label = element("th", { scope: "row" }, `${column.label} `, measure);
      const cell = (text) => element("td", { class: "n" }, text);
      const texts = [column.texts[a], column.texts[b], column.everybody];
      return element("tr", {}, label, ...texts.map(cell), element("td", {}, bar));
    });
    const caption = element("caption", {}, "All columns, the one they differ in most first");
    document
      .getElementById("pair")
      .replaceChildren(
        caption,
        element("thead", {}, heads),
        element("tbody", {}, ...rows),
      );
  };

  // --- map ----------------------------------------------------------------------------------
  const WIDE = 1000;
  const HIGH = 600;
  const FOOT = 64; // room for the axes
  const mapped = () => {
    const place = document.getElementById("live-map");
    const data = facts.map;
    if (!data) {
      document.querySelectorAll(".still").forEach((figure) => figure.classList.remove("still"));
      return place.remove();
    }
    const across = (x) => FOOT + (x / 1000) * (WIDE - FOOT - 16);
    const up = (y) => 14 + (y / 1000) * (HIGH - FOOT - 14);
    const svg = drawn("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "group" });
    svg.setAttribute("aria-label", `Map of the segments. ${data.note}`);
    ticks(svg, data, across, up);
    const told = element("p", { "aria-live": "polite" });
    const quiet = `${data.note} Point at a dot, or go through the segments with the Tab key.`;
    const rings = apart(data.centres.map(([x, y]) => [across(x), up(y)]));
    const groups = facts.segments.map((segment, i) => group(segment, data, i, rings[i], across, up));
    let kept = -1; // the segment that stays after a click
    const show = (i, id) => {
      svg.classList.toggle("shown", i >= 0);
      groups.forEach((each, j) => each.classList.toggle("on", i === j));
      told.textContent = i < 0 ? quiet : sentence(facts.segments[i], id);
    };
    const keep = (i) => {
      kept = kept === i ? -1 : i;
      groups.forEach((each, j) => each.setAttribute("aria-pressed", String(kept === j)));
      show(kept < 0 ? i : kept);
    };
    groups.forEach((each, i) => {
      each.addEventListener("focus", () => show(i));
      each.addEventListener("blur", () => show(kept));
      each.addEventListener("click", () => keep(i));
      each.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        keep(i);
      });
      each.addEventListener("pointermove", (event) => {
        show(kept < 0 ? i : kept, kept < 0 || kept === i ? nearest(svg, event, data, i, across, up) : "");
      });
      each.addEventListener("pointerleave", () => show(kept));
    });
    svg.append(...groups);
    const axes = `Across: ${data.x.label}. Up: ${data.y.label}.`;
    place.append(svg, element("p", { class: "quiet" }, axes), told);
    show(-1);
  };
  const ticks = (svg, data, across, up) => {
    const middle = { "text-anchor": "middle", y: HIGH - 16 };
    const end = { "text-anchor": "end", x: FOOT - 10 };
    data.x.ticks.forEach(([x, words]) => svg.append(drawn("text", { ...middle, x: across(x) }, words)));
    data.y.ticks.forEach(([y, words]) => svg.append(drawn("text", { ...end, y: up(y) + 5 }, words)));
  };
  // Numbers that would cover each other stand side by side.
  const apart = (spots) => {
    const placed = [];
    for (const [x, y] of spots) {
      let at = x;
      while (placed.some(([px, py]) => Math.hypot(px - at, py - y) < 32)) at += 4;
      placed.push([at, y]);
    }
    return placed;
  };
  const group = (segment, data, i, [x, y], across, up) => {
    const flat = data.points[i];
    let path = "";
    for (let j = 0; j < flat.length; j += 2)
      path += `M${across(flat[j]).toFixed(1)} ${up(flat[j + 1]).toFixed(1)}h0`;
    const given = { tabindex: 0, role: "button", "aria-pressed": "false" };
    const made = drawn("g", { ...given, "aria-label": sentence(segment) });
    made.style.setProperty("--shade", segment.colour);
    made.append(drawn("path", { class: "dots", d: path }));
    made.append(drawn("circle", { class: "ring", cx: x, cy: y, r: 15 }));
    made.append(drawn("text", { x, y: y + 6 }, String(segment.no)));
    return made;
  };
  const sentence = (segment, id) => {
    const said = Object.entries(segment.said).map(([what, value]) => `${what}: ${value}`);
    return `Segment ${called(segment)}. ${said.join(" · ")}${id ? ` · id: ${id}` : ""}`;
  };
  const nearest = (svg, event, data, i, across, up) => {
    if (!data.ids) return "";
    const at = new DOMPoint(event.clientX, event.clientY);
    const { x, y } = at.matrixTransform(svg.getScreenCTM().inverse());
    const flat = data.points[i];
    let [best, far] = [0, Infinity];
    for (let j = 0; j < flat.length; j += 2) {
      const off = Math.hypot(across(flat[j]) - x, up(flat[j + 1]) - y);
      if (off < far) [best, far] = [j / 2, off];
    }
    return data.ids[i][best];
  };

  document.documentElement.classList.add("js");
  document.querySelectorAll("table.overview").forEach(sortable);
  searchable();
  foldable();
  comparable();
  mapped();
})();
