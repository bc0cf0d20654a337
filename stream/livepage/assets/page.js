"use strict";
// Everything that comes from the pipeline is shown by textContent or as an attribute that
// is no code: names may be anything.
const byId = id => document.getElementById(id);
const number = new Intl.NumberFormat("en", {maximumFractionDigits: 1});
const compact = new Intl.NumberFormat("en", {notation: "compact", maximumFractionDigits: 1});

function element(name, parent, text, kind) {
	const e = document.createElement(name);
	if (text !== undefined) e.textContent = text;
	if (kind) e.className = kind;
	parent.append(e);
	return e;
}

function drawn(name, parent, attributes, text) {
	const e = document.createElementNS("http://www.w3.org/2000/svg", name);
	for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
	if (text !== undefined) e.textContent = text;
	parent.append(e);
	return e;
}

const short = (text, length) => [...text].length > length ? [...text].slice(0, length - 1).join("") + "…" : text;

function duration(seconds) {
	if (seconds < 1) return number.format(seconds * 1000) + " ms";
	if (seconds < 120) return number.format(seconds) + " s";
	if (seconds < 7200) return number.format(seconds / 60) + " min";
	if (seconds < 172800) return number.format(seconds / 3600) + " h";
	return number.format(seconds / 86400) + " d";
}

function bytes(n) {
	for (const unit of ["B", "kB", "MB", "GB"]) {
		if (n < 1000) return number.format(n) + " " + unit;
		n /= 1000;
	}
	return number.format(n) + " TB";
}

// A node is 190 by 66 pixels, with 46 between columns and 16 between rows.
function graph(state) {
	const svg = byId("graph"), rows = [], at = [];
	svg.replaceChildren();
	for (const node of state.Nodes) {
		const row = rows[node.Column] ?? 0;
		rows[node.Column] = row + 1;
		at.push({x: 4 + node.Column * 236, y: 4 + row * 82});
	}
	svg.setAttribute("width", 8 + Math.max(0, rows.length * 236 - 46));
	svg.setAttribute("height", 8 + Math.max(0, ...rows.map(n => n ?? 0)) * 82);
	for (const e of state.Edges) {
		const from = at[e.From], to = at[e.To], x1 = from.x + 190, y1 = from.y + 33, y2 = to.y + 33, middle = (x1 + to.x) / 2;
		const path = drawn("path", svg, {class: e.Exchange ? "edge exchange" : "edge", d: `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${to.x} ${y2}`});
		drawn("title", path, {}, state.Nodes[e.From].Name + " → " + state.Nodes[e.To].Name + (e.Capacity ? `: ${e.Queued} of ${e.Capacity} batches wait` : ""));
	}
	state.Nodes.forEach((node, i) => {
		const {x, y} = at[i], g = drawn("g", svg, {transform: `translate(${x} ${y})`});
		drawn("rect", g, {class: "box", width: 190, height: 66, rx: 4});
		drawn("title", g, {}, [node.Name, node.Kind, node.Detail].filter(s => s).join(" · "));
		drawn("text", g, {x: 8, y: 18}, short(node.Name, 24));
		const rate = node.Kind === "source" ? node.OutRate : node.InRate;
		drawn("text", g, {x: 8, y: 36, class: "small"}, compact.format(rate) + "/s · " + compact.format(node.Kind === "source" ? node.Out : node.In) + " in all");
		let left = 8;
		for (const [kind, share] of [["busy", node.Busy], ["pressed", node.Pressed], ["idle", node.Idle]]) {
			drawn("rect", g, {class: kind, x: left, y: 48, width: 174 * share, height: 8});
			left += 174 * share;
		}
	});
}

// table fills a table. A cell is a text, or an object with one and a class.
function table(id, head, rows) {
	const t = byId(id);
	t.closest(".scroll").hidden = rows.length === 0;
	t.tHead.replaceChildren();
	t.tBodies[0].replaceChildren();
	const top = element("tr", t.tHead);
	for (const [title, kind] of head) element("th", top, title, kind).scope = "col";
	for (const row of rows) {
		const tr = element("tr", t.tBodies[0]);
		row.forEach((cell, i) => {
			const td = element("td", tr, cell.text ?? cell, cell.kind ?? head[i][1]);
			td.title = td.textContent;
		});
	}
}

const count = n => number.format(n);
const fault = n => n > 0 ? {text: count(n), kind: "number bad"} : count(n);
const share = v => number.format(100 * v) + " %";

function operators(state) {
	const right = title => [title, "number"];
	table("operators", [["operator"], ["kind"], right("in"), right("in/s"), right("out"), right("out/s"), right("busy"), right("back-pressured"), right("idle"), right("failed"),
		right("late"), right("too late"), right("unmatched"), right("duplicates"), right("keys"), right("state"), ["watermark"], right("lag")],
	state.Nodes.map(n => [n.Name, n.Detail ? n.Kind + ": " + n.Detail : n.Kind, count(n.In), count(n.InRate), count(n.Out), count(n.OutRate), share(n.Busy), share(n.Pressed), share(n.Idle), fault(n.Failed),
		count(n.Late), fault(n.TooLate), count(n.Unmatched), count(n.Duplicates), count(n.Keys), bytes(n.StateBytes), n.Watermark, n.Watermark ? duration(n.Lag) : ""]));
	table("partitions", [["source"], ["partition"], ["offset"], right("events"), ["watermark"], ["is"]],
		(state.Partitions ?? []).map(p => [p.Source, p.Name, p.Offset, count(p.Events), p.Watermark, p.Ended ? "ended" : p.Idle ? "idle" : "read"]));
	byId("hidden").textContent = state.Hidden ? `${count(state.Hidden)} more partitions are not shown.` : "";
}

function checkpoints(state) {
	const list = byId("checkpoints"), c = state.Checkpoints;
	list.replaceChildren();
	const entries = c.Every || c.Made ? [["checkpoints", count(c.Made)], ["given up", fault(c.Failed)], ["last", c.At || "none yet"], ["took", duration(c.Duration)], ["state", bytes(c.Bytes)], ["every", duration(c.Every)]] : [["checkpoints", "none are taken"]];
	for (const [title, value] of entries) {
		const div = element("div", list);
		element("dt", div, title);
		element("dd", div, value.text ?? value, value.kind ? "bad" : "");
	}
}

// panels makes a figure for each panel, and asks for its picture when it has changed.
function panels(state) {
	const all = state.Panels ?? [], section = byId("panels");
	while (section.children.length > all.length) section.lastChild.remove();
	all.forEach((panel, i) => {
		let figure = section.children[i];
		if (!figure) {
			figure = element("figure", section);
			element("h2", figure);
			element("img", figure);
		}
		const [title, image] = figure.children;
		title.textContent = panel.Name;
		image.alt = panel.Name;
		const source = `panels/${i}?version=${state.Born}.${panel.Version}`;
		if (image.getAttribute("src") !== source && (image.complete || !image.src)) image.src = source;
	});
}

function show(state) {
	document.title = state.Pipeline;
	byId("name").textContent = state.Pipeline;
	byId("run").textContent = (state.Running ? "running for " : state.Over ? "over after " : "not running; ") + duration(state.Elapsed) + (state.Restarts ? `, ${count(state.Restarts)} restarts` : "");
	graph(state);
	operators(state);
	checkpoints(state);
	panels(state);
}

function say(text, lost) {
	const status = byId("status");
	if (status.textContent !== text) status.textContent = text; // or it would be read out each second
	status.className = lost ? "lost" : "";
}

// connect listens. A browser asks again by itself when a stream ends, but not where it was refused.
function connect() {
	const events = new EventSource("events");
	let over = false;
	events.onmessage = event => {
		const state = JSON.parse(event.data);
		over = state.Over;
		show(state);
		say(over ? "the run is over" : "live", false);
	};
	events.onerror = () => {
		if (!over) say("connection lost; what stands here is old", true);
		if (events.readyState === EventSource.CLOSED) setTimeout(connect, 5000);
	};
}
connect();
