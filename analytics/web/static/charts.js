"use strict";
// Draws each chart of the page from its data block, and follows a click on a bar to
// the address that the page gives for it. Without this script the tables remain.

const NARROW = 560; // pixels

function read(id) {
  const block = id && document.getElementById(id);
  return block ? JSON.parse(block.textContent) : null;
}

function fitted(layout, holder) {
  const size = holder.clientWidth < NARROW ? 11 : layout.font.size;
  const own = holder.dataset.key === "page"; // the page has the colours' key itself
  const saved = own ? { showlegend: false, height: layout.height - 30 } : {};
  return { ...layout, ...saved, font: { ...layout.font, size } };
}

async function draw(holder) {
  const figure = read(holder.dataset.chart);
  const links = read(holder.dataset.links);
  const layout = fitted(figure.layout, holder);
  const config = { displayModeBar: false, responsive: true, doubleClick: false };
  await Plotly.newPlot(holder, figure.data, layout, config);
  if (links) {
    holder.classList.add("clickable");
    holder.on("plotly_click", (event) => {
      const address = links[event.points[0].customdata];
      if (address) window.location.assign(address);
    });
  }
  holder.dataset.drawn = "yes";
}

for (const holder of document.querySelectorAll("[data-chart]")) draw(holder);
