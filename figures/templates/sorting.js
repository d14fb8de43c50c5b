// Tables sort by their headings, which become buttons: up, down, and back to the order of the report.
(() => {
  "use strict";
  const digits = "⁰¹²³⁴⁵⁶⁷⁸⁹", minus = "⁻";
  const shape = /^(?:[TN] = )?([≤≥<>]?) ?([+−-]?)(∞|[\d,]*\.?\d+(?:e[+-]?\d+)?)( × 10)?([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]*)(?![^\s%,★])/;
  const words = new Intl.Collator("en", {numeric: true});
  const [NUMBER, WORD, NOTHING] = [0, 1, 2];

  function value([, bound, sign, plain, times, raised]) {
    const number = plain === "∞" ? Infinity : Number(plain.replaceAll(",", ""));
    const power = Number([...raised].map(c => c === minus ? "-" : digits.indexOf(c)).join(""));
    const size = !raised ? number : times ? number * 10 ** power : number ** power;
    const nudge = {"<": -1, ">": 1}[bound] ?? 0;
    return (/[−-]/.test(sign) ? -size : size) * (1 + nudge * 1e-9) + (size ? 0 : nudge * Number.MIN_VALUE);
  }

  function key(cell) {
    const text = (cell.dataset.sort ?? cell.textContent).trim();
    if (/^[–—-]?$/.test(text)) return [NOTHING, 0];
    const found = shape.exec(text);
    return found ? [NUMBER, value(found)] : [WORD, text];
  }

  // Numbers, then words, whatever the direction; a cell without a value is always last.
  function compare([kind, a], [other, b], direction) {
    if (kind !== other) return kind === NOTHING || other === NOTHING ? kind - other : direction * (kind - other);
    return kind === WORD ? direction * words.compare(a, b) : kind === NUMBER && a !== b ? direction * (a < b ? -1 : 1) : 0;
  }

  for (const table of document.querySelectorAll("table.sortable")) {
    const grouped = table.tBodies.length > 1 || table.querySelector("tr.how") !== null;
    const items = [...(grouped ? table.tBodies : table.tBodies[0].rows)];
    if (items.length < 2) continue;
    const home = grouped ? table : table.tBodies[0];
    const headings = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
    let shown = items;

    const sort = (heading, column) => {
      const next = {none: "ascending", ascending: "descending", descending: "none"}[heading.ariaSort ?? "none"];
      for (const other of headings) other.removeAttribute("aria-sort");
      if (next === "none") shown = items;
      else {
        heading.setAttribute("aria-sort", next);
        const keys = new Map(items.map(item => [item, key((grouped ? item.rows[0] : item).cells[column])]));
        shown = [...shown].sort((a, b) => compare(keys.get(a), keys.get(b), next === "ascending" ? 1 : -1));
      }
      home.append(...shown);
      const order = next === "none" ? "in the order of the report" : `sorted by ${heading.textContent}, ${next}`;
      document.getElementById("announcement").textContent = `${table.caption.textContent}: ${order}.`;
    };

    headings.forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sort(heading, column));
      heading.append(button);
    });
  }
})();
