// Charts say their values at the pointer, or at a slider. They read them from the table below each drawing.
for (const figure of document.querySelectorAll("figure.chart")) {
  const plot = figure.querySelector(".plot");
  const names = [...figure.querySelectorAll("thead th")].map((cell) => cell.textContent);
  const rows = [...figure.querySelectorAll("tbody tr")].map((row) => ({
    at: Number(row.querySelector("[data-at]").dataset.at),
    values: [...row.cells].map((cell) => cell.textContent),
  }));
  const slider = Object.assign(document.createElement("input"), { type: "range", min: 0, max: rows.length - 1, value: 0 });
  slider.setAttribute("aria-label", figure.querySelector("figcaption").firstChild.textContent.trim());
  const cursor = Object.assign(document.createElement("div"), { className: "cursor", hidden: true });
  const said = document.createElement("output");
  said.setAttribute("aria-live", "off"); // the slider says the same

  const show = (number) => {
    const row = rows[number];
    const words = row.values.map((value, column) => [names[column], value]).filter(([, value]) => value);
    said.textContent = words.map(([name, value]) => `${name} ${value}`).join(" · ");
    slider.value = number;
    slider.setAttribute("aria-valuetext", said.textContent);
    cursor.style.left = `${row.at}%`;
    cursor.hidden = false;
  };
  const follow = (event) => {
    const box = plot.getBoundingClientRect();
    const at = (100 * (event.clientX - box.left)) / box.width;
    const away = rows.map((row) => Math.abs(row.at - at));
    show(away.indexOf(Math.min(...away)));
  };
  slider.setAttribute("aria-valuetext", `${names[0]} ${rows[0].values[0]}`);
  slider.addEventListener("input", () => show(Number(slider.value)));
  slider.addEventListener("focus", () => show(Number(slider.value)));
  plot.addEventListener("pointermove", follow);
  plot.addEventListener("pointerdown", follow);
  plot.append(cursor);
  figure.querySelector(".across").after(slider, said);
}

// What scrolls by itself can be reached by keys.
const reach = () => {
  for (const box of document.querySelectorAll(".scroll, pre")) {
    const scrolls = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
    if (scrolls) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
};
reach();
addEventListener("resize", reach);
addEventListener("toggle", reach, true);
