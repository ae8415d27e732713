/* Copyright (c) The hubspoke.srx authors
 * GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later */

// The page is complete without this script, which adds the panel of the picture, sorting and filters. Texts are moved
// as nodes, never parsed as HTML.
(() => {
  "use strict";
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const make = (name, ...children) => {
    const made = document.createElement(name);
    made.append(...children);
    return made;
  };

  // The panel: the row that a link of the picture leads to.
  const panel = document.getElementById("panel");
  const links = all(".spoke, .cell, .chip, .hub");
  const copies = (nodes) => [...nodes].map((node) => node.cloneNode(true));
  const linkOf = (event) => event.target.closest(".spoke, .cell, .chip, .hub");
  let pinned = false;

  const cells = (row) => {
    const headers = all("thead th", row.closest("table")).map((header) => header.textContent);
    const list = make("dl");
    const checked = row.querySelector(".c .good, .c .bad, .c .open");
    [...row.cells].forEach((cell, index) => {
      if (index && cell.textContent && (checked || !cell.matches(".c, .ends"))) list.append(make("dt", headers[index]), make("dd", ...copies(cell.childNodes)));
    });
    return list;
  };
  const close = () => {
    pinned = false;
    panel.classList.remove("shown");
    links.forEach((one) => one.classList.remove("on"));
  };
  const show = (link, shown) => {
    const id = link.getAttribute("href").slice(1);
    const row = document.getElementById(id);
    if (!row) return;
    const more = row.nextElementSibling;
    const said = more && more.className === "said" ? copies(more.cells[0].childNodes) : [];
    const cause = row.querySelector("a[href^='#c']");
    const card = cause && document.querySelector(cause.getAttribute("href"));
    const why = card ? copies(card.querySelectorAll("dl")) : [];
    why.forEach((list) => { list.className = `card-of ${card.className.split(" ")[1]}`; });
    const place = make("a", "Show in the table");
    place.href = `#${id}`;
    place.addEventListener("click", close);
    const button = make("button", "Close");
    button.type = "button";
    button.addEventListener("click", () => { close(); link.focus(); });
    panel.replaceChildren(make("h3", ...copies(row.cells[0].childNodes)), ...why, cells(row), ...said, make("p", place, button));
    panel.classList.toggle("shown", shown);
    links.forEach((one) => one.classList.toggle("on", one.getAttribute("href") === `#${id}`));
  };
  all(".pictures").forEach((area) => {
    area.addEventListener("pointerover", (event) => {
      const link = linkOf(event);
      if (link && !pinned && event.pointerType === "mouse") show(link, true);
    });
    area.addEventListener("focusin", (event) => {
      const link = linkOf(event);
      if (link && link.matches(":focus-visible")) show(link, true);
    });
    area.addEventListener("click", (event) => {
      const link = linkOf(event);
      close();
      if (!link) return;
      event.preventDefault();
      pinned = true;
      show(link, true);
    });
  });
  addEventListener("keydown", (event) => { if (event.key === "Escape" && panel) close(); });
  if (panel) {
    panel.hidden = false;
    const first = links.find((link) => link.matches(".wrong"));
    if (first && getComputedStyle(panel).display !== "none") show(first, false);
  }

  // One stop of the Tab key per picture; the arrow keys move within it.
  all(".net, .matrix").forEach((area) => {
    const stops = all(".hub, .spoke, .cell", area);
    stops.forEach((stop, index) => { stop.setAttribute("tabindex", index ? -1 : 0); });
    area.addEventListener("keydown", (event) => {
      const here = stops.indexOf(document.activeElement);
      const to = { ArrowDown: here + 1, ArrowRight: here + 1, ArrowUp: here - 1, ArrowLeft: here - 1, Home: 0, End: stops.length - 1 }[event.key];
      if (here < 0 || to === undefined || !stops[to]) return;
      event.preventDefault();
      stops[here].setAttribute("tabindex", -1);
      stops[to].setAttribute("tabindex", 0);
      stops[to].focus();
    });
  });
  // The table of tunnels: sorting and filters.
  const table = document.querySelector(".tunnels");
  if (table) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const wrong = document.getElementById("wrong");
    const name = document.getElementById("name");
    const shown = document.getElementById("shown");
    const filter = () => {
      const words = name.value.trim().toLowerCase();
      let count = 0;
      for (const row of rows) {
        const up = wrong.checked && row.cells[1].textContent === "up";
        row.hidden = up || !row.cells[0].textContent.toLowerCase().includes(words);
        count += row.hidden ? 0 : 1;
      }
      shown.textContent = `${count} of ${rows.length}`;
    };
    wrong.addEventListener("change", filter);
    name.addEventListener("input", filter);
    wrong.form.addEventListener("submit", (event) => event.preventDefault());
    wrong.form.hidden = false;
    filter();

    const key = (row, column) => row.cells[column].dataset.k || row.cells[column].textContent;
    all("thead th", table).forEach((header, column) => {
      if (header.textContent === "End") return;
      const button = make("button", ...header.childNodes);
      button.type = "button";
      header.append(button);
      button.addEventListener("click", () => {
        const down = header.getAttribute("aria-sort") === "ascending";
        all("thead th", table).forEach((other) => other.removeAttribute("aria-sort"));
        header.setAttribute("aria-sort", down ? "descending" : "ascending");
        const order = new Intl.Collator("en", { numeric: true }).compare;
        rows.sort((a, b) => order(key(a, column), key(b, column)) * (down ? -1 : 1));
        body.append(...rows);
      });
    });
  }

  // A link into a folded part, or to a row that a filter hides, shows it.
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (!target) return;
    if (target.hidden) {
      document.getElementById("wrong").checked = false;
      document.getElementById("name").value = "";
      document.getElementById("name").dispatchEvent(new Event("input"));
    }
    for (let part = target; part; part = part.parentElement) {
      if (part.tagName === "DETAILS") part.open = true;
    }
    target.scrollIntoView({ block: "center" });
  };
  addEventListener("hashchange", reveal);
  reveal();

  // A printed page has no fold; differences stay folded unless the reader opens them.
  addEventListener("beforeprint", () => all("details:not(.diff)").forEach((part) => { part.open = true; }));
})();
