// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Tables that sort, rows that filter, and what a chart's points say. Every page works without it.
"use strict";

// The value that a cell is sorted by: its number where it has one, else its text.
function value(cell) {
	if (!cell)
		return "";
	const text = (cell.dataset.value ?? cell.textContent).trim();
	const number = Number(text);
	return text !== "" && !Number.isNaN(number) ? number : text;
}

// Numbers before texts; rows without a value ("–") always last, whatever the direction.
function compare(a, b, sign) {
	const missing = (x) => x === "–" || x === "" || x === "incomparable";
	if (missing(a) || missing(b))
		return missing(a) - missing(b);
	if (typeof a !== typeof b)
		return typeof a === "number" ? -1 : 1;
	return sign * (typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true }));
}

function sortBy(table, header, column) {
	const descending = header.getAttribute("aria-sort") === "ascending";
	for (const other of table.tHead.rows[0].cells)
		other.removeAttribute("aria-sort");
	header.setAttribute("aria-sort", descending ? "descending" : "ascending");
	const body = table.tBodies[0];
	const rows = [...body.rows].map((row) => [value(row.cells[column]), row]);
	rows.sort((a, b) => compare(a[0], b[0], descending ? -1 : 1));
	body.append(...rows.map(([, row]) => row));
}

for (const table of document.querySelectorAll("table.sortable")) {
	[...table.tHead.rows[0].cells].forEach((header, column) => {
		const button = document.createElement("button");
		button.type = "button";
		button.append(...header.childNodes);
		button.addEventListener("click", () => sortBy(table, header, column));
		header.append(button);
	});
}

for (const input of document.querySelectorAll("input[data-filter]")) {
	const rows = [...document.getElementById(input.dataset.filter).querySelectorAll("tbody tr")]
		.map((row) => [row.textContent.toLowerCase(), row]);
	const output = input.closest(".filter").querySelector("output");
	input.closest(".filter").hidden = false;
	input.addEventListener("input", () => {
		const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
		let shown = 0;
		for (const [text, row] of rows) {
			row.hidden = !words.every((word) => text.includes(word));
			shown += !row.hidden;
		}
		output.textContent = words.length ? `${shown} of ${rows.length} rows` : "";
	});
}

// A point's <title> would come up late, and never on a touch screen.
const said = document.createElement("div");
said.id = "said";
said.hidden = true;
document.body.append(said);
for (const point of document.querySelectorAll(".chart .point")) {
	const title = point.querySelector("title");
	point.dataset.said = title.textContent;
	title.remove();
}
document.addEventListener("pointerover", (event) => {
	const point = event.target.closest?.(".point");
	said.hidden = !point;
	if (!point)
		return;
	said.textContent = point.dataset.said;
	said.style.left = "0";  // else its width is what is left of the window there
	const place = point.getBoundingClientRect();
	const left = Math.min(place.right + 8, document.documentElement.clientWidth - said.offsetWidth - 8);
	const below = place.bottom + 8 + said.offsetHeight < window.innerHeight;
	said.style.left = `${Math.max(8, left)}px`;
	said.style.top = `${below ? place.bottom + 8 : place.top - said.offsetHeight - 8}px`;
});
document.addEventListener("keydown", (event) => {
	if (event.key === "Escape")
		said.hidden = true;
});
document.addEventListener("click", (event) => {
	for (const menu of document.querySelectorAll(".menu[open]"))
		if (!menu.contains(event.target))
			menu.open = false;
});
