"use strict";
{
  const form = document.getElementById("filter");
  const order = document.getElementById("order");
  const gallery = document.querySelector(".gallery");
  const cards = [...gallery.children];
  const items = [...document.querySelectorAll("[data-k]")].map((element) => ({
    element,
    ...element.dataset,
    kind: element.tagName,
    text: (element.textContent + " " + element.dataset.v).toLowerCase(),
  }));

  const filter = () => {
    const want = Object.fromEntries(new FormData(form));
    const words = want.text.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = { TR: 0, LI: 0 };
    for (const item of items) {
      const fits =
        (!want.k || item.k === want.k) &&
        (!want.n || item.n === want.n) &&
        (!want.verdict || item.v.split(" ").includes(want.verdict)) &&
        words.every((word) => item.text.includes(word));
      item.element.hidden = !fits;
      if (fits) shown[item.kind] += 1;
    }
    const all = (kind) => items.filter((item) => item.kind === kind).length;
    document.getElementById("shown").textContent =
      `${shown.TR} of ${all("TR")} rows, ${shown.LI} of ${all("LI")} families`;
  };

  const value = (text) => (text === "" || Number.isNaN(Number(text)) ? text : Number(text));
  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

  const sortable = (table, header, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    header.append(button);
    header.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const sign = header.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      for (const other of table.tHead.rows[0].cells) other.setAttribute("aria-sort", "none");
      header.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
      const key = (row) => value(row.cells[index].dataset.s);
      const body = table.tBodies[0];
      body.append(...[...body.rows].sort((a, b) => sign * compare(key(a), key(b))));
    });
  };

  for (const table of document.querySelectorAll("table")) {
    [...table.tHead.rows[0].cells].forEach((header, index) => sortable(table, header, index));
  }
  order.addEventListener("change", () => {
    const name = order.value.slice(0, -1);
    const sign = order.value.endsWith("-") ? -1 : 1;
    const key = (card) => Number(card.dataset[name]);
    gallery.append(...(name ? [...cards].sort((a, b) => sign * compare(key(a), key(b))) : cards));
  });
  for (const kind of ["input", "change"]) form.addEventListener(kind, filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  form.hidden = false;
  order.closest("p").hidden = false;
  filter();
}
