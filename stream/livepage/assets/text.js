// Everything that comes from the pipeline is shown by textContent or as an attribute that
// is no code: names may be anything.
export const byId = id => document.getElementById(id);
export const number = new Intl.NumberFormat("en", {maximumFractionDigits: 1});
export const compact = new Intl.NumberFormat("en", {notation: "compact", maximumFractionDigits: 1});
export const digits = new Intl.NumberFormat("en", {maximumSignificantDigits: 5});

// element adds an element to a parent.
export function element(name, parent, text, kind) {
	const e = document.createElement(name);
	if (text !== undefined) e.textContent = text;
	if (kind) e.className = kind;
	parent.append(e);
	return e;
}

// drawn adds an element of SVG.
export function drawn(name, parent, attributes, text) {
	const e = document.createElementNS("http://www.w3.org/2000/svg", name);
	for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
	if (text !== undefined) e.textContent = text;
	parent.append(e);
	return e;
}

// write changes a text where it has to be: what is selected, or read out, stays otherwise.
export function write(e, text) {
	if (e.textContent !== String(text)) e.textContent = text;
}

export const short = (text, length) => [...text].length > length ? [...text].slice(0, length - 1).join("") + "…" : text;

export function duration(seconds) {
	if (seconds < 0) return "-" + duration(-seconds);
	if (seconds < 1) return number.format(seconds * 1000) + " ms";
	if (seconds < 120) return number.format(seconds) + " s";
	if (seconds < 7200) return number.format(seconds / 60) + " min";
	if (seconds < 172800) return number.format(seconds / 3600) + " h";
	return number.format(seconds / 86400) + " d";
}

export function bytes(n) {
	for (const unit of ["B", "kB", "MB", "GB"]) {
		if (n < 1000) return number.format(n) + " " + unit;
		n /= 1000;
	}
	return number.format(n) + " TB";
}

// fill fills a table, and changes those cells that differ. A title and a cell is [text, class].
export function fill(table, head, rows) {
	const parts = [[table.tHead, "th", [head]], [table.tBodies[0], "td", rows]];
	for (const [part, name, all] of parts) {
		while (part.rows.length > all.length) part.lastChild.remove();
		all.forEach((row, i) => {
			const tr = part.rows[i] ?? element("tr", part);
			while (tr.cells.length > row.length) tr.lastChild.remove();
			row.forEach(([text, kind = ""], k) => {
				const cell = tr.cells[k] ?? element(name, tr);
				if (name === "th") cell.scope = "col";
				write(cell, text);
				if (cell.className !== kind) cell.className = kind;
				if (cell.title !== cell.textContent) cell.title = cell.textContent;
			});
		});
	}
}
