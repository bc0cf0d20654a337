import {drawn, write, short, duration, compact, bytes} from "./text.js";

// A node is 190 by 84 pixels, with 46 between columns and 16 between rows.
const width = 190, height = 84, across = width + 46, down = height + 16;

let shape, boxes, lines; // of the plan that is drawn

// graph draws the plan, or changes what is written in it.
export function graph(svg, state) {
	const now = JSON.stringify([state.Nodes.map(n => [n.Name, n.Kind, n.Detail, n.Column]), state.Edges.map(e => [e.From, e.To, e.Exchange])]);
	if (now !== shape) {
		build(svg, state);
		shape = now;
	}
	state.Edges.forEach((e, i) => write(lines[i], state.Nodes[e.From].Name + " → " + state.Nodes[e.To].Name + (e.Capacity ? `: ${e.Queued} of ${e.Capacity} batches wait` : "")));
	state.Nodes.forEach((node, i) => {
		const box = boxes[i], source = node.Kind === "source";
		write(box.rate, compact.format(source ? node.OutRate : node.InRate) + "/s · " + compact.format(source ? node.Out : node.In) + " in all");
		const bad = [[node.Failed, "failed"], [node.TooLate - node.Kept, "too late"]].filter(([n]) => n > 0);
		const said = [[node.Unmatched, "unmatched"], [node.Late + node.Kept, "late"]].filter(([n]) => n > 0);
		const texts = [...bad, ...said].map(([n, what]) => compact.format(n) + " " + what);
		if (node.Watermark) texts.push((node.Lag < 0 ? "ahead " + duration(-node.Lag) : "lag " + duration(node.Lag)));
		else if (node.StateBytes) texts.push(bytes(node.StateBytes));
		write(box.state, short(texts.join(" · "), 32));
		box.state.setAttribute("class", bad.length ? "small bad" : "small");
		let left = 8;
		for (const [kind, share] of [["busy", node.Busy], ["pressed", node.Pressed], ["idle", node.Idle]]) {
			box[kind].setAttribute("x", left);
			box[kind].setAttribute("width", (width - 16) * share);
			left += (width - 16) * share;
		}
	});
}

// build places nodes in their columns. An edge over several columns keeps a row free in those between, so that it runs
// behind no node.
function build(svg, state) {
	const rows = [], at = [], ways = state.Edges.map(() => []);
	const place = column => {
		const row = rows[column] ?? 0;
		rows[column] = row + 1;
		return {x: 4 + column * across, y: 4 + row * down};
	};
	state.Nodes.forEach((node, i) => {
		state.Edges.forEach((e, k) => {
			if (e.To !== i) return;
			for (let c = state.Nodes[e.From].Column + 1; c < node.Column; c++) ways[k].push(place(c));
		});
		at[i] = place(node.Column);
	});
	svg.replaceChildren();
	svg.setAttribute("width", 8 + Math.max(0, rows.length * across - (across - width)));
	svg.setAttribute("height", 8 + Math.max(0, ...rows.map(n => n ?? 0)) * down);
	lines = state.Edges.map((e, k) => {
		let {x, y} = at[e.From], d = `M${x + width} ${y + height / 2}`;
		for (const to of [...ways[k], at[e.To]]) {
			const middle = x + width + (across - width) / 2;
			d += `C${middle} ${y + height / 2} ${middle} ${to.y + height / 2} ${to.x} ${to.y + height / 2}`;
			({x, y} = to);
			if (to !== at[e.To]) d += `h${width}`;
		}
		return drawn("title", drawn("path", svg, {class: e.Exchange ? "edge exchange" : "edge", d}), {});
	});
	boxes = state.Nodes.map((node, i) => {
		const box = drawn("svg", svg, {class: "node", x: at[i].x, y: at[i].y, width, height}); // cuts off what is too long
		drawn("title", box, {}, [node.Name, node.Kind, node.Detail].filter(s => s).join(" · "));
		drawn("rect", box, {class: "box", x: 0.5, y: 0.5, width: width - 1, height: height - 1, rx: 4});
		drawn("text", box, {x: 8, y: 18}, short(node.Name, 26));
		const parts = {rate: drawn("text", box, {x: 8, y: 36, class: "small"}), state: drawn("text", box, {x: 8, y: 53, class: "small"})};
		for (const kind of ["busy", "pressed", "idle"]) parts[kind] = drawn("rect", box, {class: kind, x: 8, y: 64, width: 0, height: 8});
		return parts;
	});
}
