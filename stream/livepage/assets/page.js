import {byId, element, write, fill, number, duration, bytes} from "./text.js";
import {graph} from "./graph.js";
import {panels} from "./panels.js";

const count = n => number.format(n);
const right = text => [text, "number"];
const fault = n => [count(n), n > 0 ? "number bad" : "number"];
const share = v => right(number.format(100 * v) + " %");

function table(id, head, rows) {
	const t = byId(id);
	t.closest(".scroll").hidden = rows.length === 0;
	fill(t, head, rows);
}

function operators(state) {
	table("operators", [["operator"], ["kind"], ...["in", "in/s", "out", "out/s", "busy", "back-pressured", "idle", "failed", "late", "too late", "unmatched", "duplicates", "keys", "state"].map(right), ["watermark"], right("lag")],
		state.Nodes.map(n => [[n.Name], [n.Detail ? n.Kind + ": " + n.Detail : n.Kind], right(count(n.In)), right(count(n.InRate)), right(count(n.Out)), right(count(n.OutRate)), share(n.Busy), share(n.Pressed), share(n.Idle), fault(n.Failed),
			right(count(n.Late)), [count(n.TooLate), n.TooLate > n.Kept ? "number bad" : "number"], right(count(n.Unmatched)), right(count(n.Duplicates)), right(count(n.Keys)), right(bytes(n.StateBytes)), [n.Watermark], right(n.Watermark ? duration(n.Lag) : "")]));
	table("partitions", [["source"], ["partition"], ["offset"], right("events"), ["watermark"], ["is"]],
		(state.Partitions ?? []).map(p => [[p.Source], [p.Name], [p.Offset], right(count(p.Events)), [p.Watermark], [p.Ended ? "ended" : p.Idle ? "idle" : "read"]]));
	write(byId("hidden"), state.Hidden ? `${count(state.Hidden)} more partitions are not shown.` : "");
}

function checkpoints(state) {
	const list = byId("checkpoints"), c = state.Checkpoints;
	const entries = c.Every || c.Made ? [["checkpoints", count(c.Made)], ["given up", count(c.Failed), c.Failed > 0 ? "bad" : ""], ["last", c.At || "none yet"], ["took", duration(c.Duration)], ["state", bytes(c.Bytes)], ["every", duration(c.Every)]] : [["checkpoints", "none are taken"]];
	while (list.children.length > entries.length) list.lastChild.remove();
	entries.forEach(([title, value, kind = ""], i) => {
		let div = list.children[i];
		if (!div) {
			div = element("div", list);
			element("dt", div);
			element("dd", div);
		}
		write(div.firstChild, title);
		write(div.lastChild, value);
		div.lastChild.className = kind;
	});
}

function show(state) {
	document.title = state.Pipeline;
	write(byId("name"), state.Pipeline);
	write(byId("run"), (state.Running ? "running for " : state.Over ? "over after " : "not running; ") + duration(state.Elapsed) + (state.Restarts ? ` · restarted ${count(state.Restarts)} time${state.Restarts > 1 ? "s" : ""}, counts are since the last restart` : state.Elapsed ? " · counts are of this run" : ""));
	graph(byId("graph"), state);
	operators(state);
	checkpoints(state);
	panels(state);
}

function say(text, lost) {
	write(byId("status"), text); // the same text is not read out again
	byId("status").className = lost ? "lost" : "";
}

let came, pause, last; // when the last state came, how long after the one before it, in seconds, and what it was

// age says how old the figures are, where they are older than those of a page with few viewers.
function age() {
	let text = "";
	if (last && !last.Over) {
		const old = performance.now() / 1000 - came, rare = Math.max(1.5 * last.Every, last.Every + 1);
		if (old > rare || pause > rare) text = ` · figures from ${Math.round(old)} s ago`;
		if (pause > rare) text += `, new ones about every ${Math.round(pause)} s: ${count(last.Viewers)} look at this page`;
	}
	write(byId("age"), text);
}
setInterval(age, 1000);

// connect listens. A browser asks again by itself when a stream ends, but not where it was refused.
function connect() {
	const events = new EventSource("events");
	let over = false;
	events.onmessage = event => {
		const state = JSON.parse(event.data);
		over = state.Over;
		const now = performance.now() / 1000;
		pause = came && last?.Born === state.Born ? now - came : 0;
		came = now;
		last = state;
		show(state);
		age();
		say(over ? "the run is over" : "live", false);
	};
	events.onerror = () => {
		if (!over) say("connection lost; what stands here is old", true);
		if (events.readyState === EventSource.CLOSED) setTimeout(connect, 5000);
	};
}
connect();
