import {byId, element, write, fill, digits} from "./text.js";

const shown = []; // the panels: {figure, body, title, kind, wanted, has, busy, draw}

// panels makes a figure for each panel, and asks for its content when it has changed.
export function panels(state) {
	const all = state.Panels ?? [], section = byId("panels");
	while (shown.length > all.length) remove(shown.pop());
	all.forEach((of, i) => {
		if (shown[i]?.kind !== of.Kind) {
			const figure = document.createElement("figure"), panel = {figure, kind: of.Kind, number: i};
			panel.title = element("h2", figure);
			panel.title.id = "panel-" + i;
			panel.body = element("div", figure);
			panel.trouble = element("p", figure, "", "bad");
			figure.setAttribute("aria-labelledby", panel.title.id);
			panel.draw = {picture, plot, table}[of.Kind](panel);
			if (shown[i]) {
				remove(shown[i]);
				section.insertBefore(figure, section.children[i] ?? null);
			} else section.append(figure);
			shown[i] = panel;
		}
		const panel = shown[i];
		write(panel.title, of.Name);
		panel.wanted = state.Born + "." + of.Version;
		update(panel);
	});
}

function remove(panel) {
	panel.gone = true;
	panel.end?.();
	panel.figure.remove();
}

// update brings a panel up to date, one request at a time.
async function update(panel) {
	if (panel.busy) return;
	panel.busy = true;
	while (panel.has !== panel.wanted && !panel.gone) {
		const wanted = panel.wanted;
		try {
			write(panel.trouble, "");
			await panel.draw(`panels/${panel.number}?version=${wanted}`);
			panel.has = wanted;
		} catch (error) {
			write(panel.trouble, error.message);
			if (error.final) panel.has = wanted;
			break; // the next state has it tried again
		}
	}
	panel.busy = false;
}

// ask returns what the server has of a panel. What it refuses to draw is asked for again when there is another version.
async function ask(address) {
	const answer = await fetch(address);
	if (answer.ok) return answer.json();
	throw Object.assign(new Error((await answer.text()).trim()), {final: true});
}

// picture shows an image: no script runs in one. Its successor takes its place once it is there.
function picture(panel) {
	let image;
	return async address => {
		const next = new Image();
		next.alt = panel.title.textContent;
		next.src = address;
		try {
			await next.decode();
		} catch {
			await ask(address).catch(error => { throw error instanceof SyntaxError ? Object.assign(new Error("This picture is no image."), {final: true}) : error; });
		}
		if (image) image.replaceWith(next);
		else panel.body.append(next);
		image = next;
	};
}

// rowsIn makes a table that can be scrolled, with the keyboard too.
function rowsIn(panel, what) {
	const scroll = element("div", panel.body, undefined, "scroll"), t = element("table", scroll);
	scroll.tabIndex = 0;
	scroll.setAttribute("role", "region");
	scroll.setAttribute("aria-label", what);
	element("thead", t);
	element("tbody", t);
	return t;
}

function table(panel) {
	const t = rowsIn(panel, "Rows"), more = element("p", panel.body);
	return async address => {
		const {Columns, Rows, More} = await ask(address);
		t.parentElement.setAttribute("aria-label", panel.title.textContent);
		fill(t, (Columns ?? []).map((title, i) => [title, Rows[0]?.[i].Right ? "number" : ""]), Rows.map(row => row.map(c => [c.Text, c.Right ? "number" : ""])));
		write(more, More ? `and ${More} more row${More > 1 ? "s" : ""}` : Rows.length ? "" : "no data");
	};
}

const day = 86400, dashes = [[], [7, 3], [2, 3], [9, 3, 2, 3], [5, 2], [1, 4]];
// An increment, how its ticks are written, and what is added where the year or the day changes.
const ticks = [
	[365 * day, "{YYYY}", null, null, null, null, null, null, 1],
	[28 * day, "{YYYY}-{MM}", null, null, null, null, null, null, 1],
	[day, "{MM}-{DD}", "\n{YYYY}", null, null, null, null, null, 1],
	[60, "{HH}:{mm}", "\n{YYYY}-{MM}-{DD}", null, "\n{YYYY}-{MM}-{DD}", null, null, null, 1],
	[1, "{HH}:{mm}:{ss}", "\n{YYYY}-{MM}-{DD}", null, "\n{YYYY}-{MM}-{DD}", null, null, null, 1],
	[0.001, ":{ss}.{fff}", "\n{YYYY}-{MM}-{DD} {HH}:{mm}", null, "\n{YYYY}-{MM}-{DD} {HH}:{mm}", null, "\n{HH}:{mm}", null, 1],
];
const dark = matchMedia("(prefers-color-scheme: dark)");

// plot shows lines by uPlot, and a table of them below: with what is pointed at, or chosen by the arrow keys.
function plot(panel) {
	const area = element("div", panel.body, undefined, "plot"), t = rowsIn(panel, "Values"), more = element("p", panel.body);
	let u, key, data, joined, zoomed = false;
	area.tabIndex = 0;
	area.setAttribute("role", "img");
	const colour = i => getComputedStyle(document.documentElement).getPropertyValue(i < dashes.length ? "--s" + i : "--muted").trim();
	const value = v => v == null ? "–" : digits.format(v) + (data.Unit ? " " + data.Unit : "");

	function make() {
		const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
		const axis = {stroke: css("--muted"), grid: {stroke: css("--line"), width: 1}, ticks: {stroke: css("--line"), width: 1}};
		u?.destroy();
		u = new uPlot({
			width: Math.max(area.clientWidth, 200), height: 260, legend: {show: false},
			tzDate: seconds => uPlot.tzDate(new Date(seconds * 1000), data.Zone),
			axes: [{...axis, values: ticks}, {...axis, size: 64, values: (_, all) => all.map(v => digits.format(v))}],
			series: [{}, ...data.Lines.map((l, i) => ({label: l.Name, stroke: colour(i), width: 2, dash: dashes[i] ?? [], spanGaps: false}))],
			hooks: {setCursor: [rows], setSelect: [() => { zoomed = true; }]},
			cursor: {bind: {dblclick: (_, __, handler) => e => { zoomed = false; handler(e); }}},
		}, joined, area);
	}
	function rows() {
		const i = u?.cursor.idx, at = i == null ? "" : uPlot.fmtDate("{YYYY}-{MM}-{DD} {HH}:{mm}:{ss}")(uPlot.tzDate(new Date(joined[0][i] * 1000), data.Zone));
		fill(t, [["line"], [at || "pointed at", "number"], ["last", "number"], ["least", "number"], ["most", "number"]], data.Lines.map((l, k) => {
			const known = l.Values.filter(v => v !== null), bound = f => known.length ? known.reduce((a, b) => f(a, b)) : null;
			return [[l.Name, "key s" + Math.min(k, dashes.length)], [i == null ? "" : value(joined[k + 1][i]), "number"], [value(known.at(-1)), "number"], [value(bound(Math.min)), "number"], [value(bound(Math.max)), "number"]];
		}));
	}
	area.addEventListener("keydown", e => {
		const step = {ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity}[e.key];
		if (!step || !joined?.[0].length) return;
		e.preventDefault();
		const i = Math.max(0, Math.min(joined[0].length - 1, (u.cursor.idx ?? (step > 0 ? -1 : joined[0].length)) + step));
		u.setCursor({left: u.valToPos(joined[0][i], "x"), top: 10});
		byId("said").textContent = [...t.tHead.rows[0].cells].slice(1, 2).map(c => c.textContent).concat([...t.tBodies[0].rows].map(r => r.cells[0].textContent + " " + r.cells[1].textContent)).join(", ");
	});
	const resized = new ResizeObserver(() => u?.setSize({width: Math.max(area.clientWidth, 200), height: 260}));
	resized.observe(area);
	const again = () => { if (data) make(); };
	dark.addEventListener("change", again);
	panel.end = () => { resized.disconnect(); dark.removeEventListener("change", again); u?.destroy(); };

	return async address => {
		data = await ask(address);
		joined = data.Lines.length ? uPlot.join(data.Lines.map(l => [l.Times, l.Values])) : [[]];
		const now = JSON.stringify([data.Zone, data.Lines.map(l => l.Name)]);
		if (now !== key) make();
		else u.setData(joined, !zoomed);
		key = now;
		area.setAttribute("aria-label", `${panel.title.textContent}: lines over time. The arrow keys choose a moment; the table below has the values.`);
		t.parentElement.setAttribute("aria-label", panel.title.textContent + ": values");
		write(more, data.More ? `Lines that are not shown: ${data.More}` : joined[0].length ? "" : "no data");
		rows();
	};
}
