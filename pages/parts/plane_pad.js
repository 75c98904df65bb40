// A plane to draw points on, with mouse, pen or finger, in one colour or two. What was drawn here stays;
// Python's drawing is taken over only where it is none that was sent from here, so that no stroke is lost.

const COLOURS = { orange: "rgb(245,147,34)", blue: "rgb(8,119,189)" };
const REACH = 3.2, EDGE = 3; // of the plane; of what may be drawn
const APART = 0.12; // of the points of one stroke, in the plane's units; an arrow key moves as far
const pads = new WeakMap();

function paint(pad) {
    const { canvas, data } = pad;
    const ratio = window.devicePixelRatio || 1, size = canvas.clientWidth;
    if (!size) return;
    if (canvas.width !== Math.round(size * ratio)) canvas.width = canvas.height = Math.round(size * ratio);
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, size, size);
    const radius = Math.max(3, size / 120);
    for (const name of Object.keys(data.strokes)) {
        context.fillStyle = COLOURS[data.looks[name]];
        for (const [x, y] of pad.drawn[name]) {
            context.beginPath();
            context.arc((x / REACH + 1) * size / 2, (1 - y / REACH) * size / 2, radius, 0, 7);
            context.fill();
        }
    }
    if (pad.pen) { // of the keyboard
        const [x, y] = pad.pen;
        context.strokeStyle = COLOURS[data.looks[pad.chosen]];
        context.lineWidth = 2;
        context.beginPath();
        context.arc((x / REACH + 1) * size / 2, (1 - y / REACH) * size / 2, 2 * radius, 0, 7);
        context.stroke();
    }
    const count = Object.values(pad.drawn).reduce((sum, points) => sum + points.length, 0);
    pad.root.querySelector(".count").textContent = `${count} points`;
    canvas.setAttribute("aria-label", `${data.alt}: ${count} points`);
}

function place(canvas, event) {
    const box = canvas.getBoundingClientRect();
    const clip = (share) => +Math.max(-EDGE, Math.min(EDGE, (2 * share - 1) * REACH)).toFixed(2);
    return [clip((event.clientX - box.left) / box.width), clip(1 - (event.clientY - box.top) / box.height)];
}

function copy(drawn) {
    return Object.fromEntries(Object.entries(drawn).map(([name, points]) => [name, points.map((point) => [...point])]));
}

export default ({ parentElement, data, setStateValue }) => {
    const root = parentElement.querySelector(".pad"), canvas = root.querySelector("canvas");
    let pad = pads.get(root);
    if (!pad) {
        pad = { root, canvas, before: [], sent: new Set(), chosen: null };
        pads.set(root, pad);
        new ResizeObserver(() => paint(pad)).observe(canvas);
    }
    pad.data = data;
    if (!pad.drawn || (!pad.sent.has(JSON.stringify(data.strokes)) && !pad.pressed)) {
        pad.drawn = copy(data.strokes);
        pad.before = [];
        pad.sent = new Set([JSON.stringify(data.strokes)]);
    }
    const names = Object.keys(data.strokes);
    if (!names.includes(pad.chosen)) pad.chosen = names[0];
    const send = () => {
        pad.sent.add(JSON.stringify(pad.drawn));
        setStateValue("drawn", copy(pad.drawn));
        paint(pad);
    };
    const add = (point) => {
        const points = pad.drawn[pad.chosen], last = points.at(-1);
        if (points.length >= data.most) return;
        if (pad.fresh || Math.hypot(point[0] - last[0], point[1] - last[1]) >= APART) points.push(point);
        pad.fresh = false;
        paint(pad);
    };
    canvas.onpointerdown = (event) => {
        canvas.setPointerCapture(event.pointerId);
        pad.before.push(copy(pad.drawn));
        pad.pressed = pad.fresh = true;
        pad.pen = null;
        add(place(canvas, event));
    };
    canvas.onpointermove = (event) => { if (pad.pressed) add(place(canvas, event)); };
    canvas.onpointerup = canvas.onpointercancel = () => {
        if (pad.pressed) send();
        pad.pressed = false;
    };
    canvas.onkeydown = (event) => {
        const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1], " ": [0, 0] }[event.key];
        if (!by) return;
        event.preventDefault();
        const clip = (value) => +Math.max(-EDGE, Math.min(EDGE, value)).toFixed(2);
        pad.pen = (pad.pen ?? [0, 0]).map((value, i) => clip(value + by[i] * APART * (event.shiftKey ? 4 : 1)));
        if (event.key === " ") {
            pad.before.push(copy(pad.drawn));
            pad.fresh = true;
            add(pad.pen);
            send();
        }
        paint(pad);
    };
    canvas.onblur = () => { pad.pen = null; paint(pad); };
    for (const button of root.querySelectorAll("button[data-name]")) {
        button.hidden = names.length < 2;
        button.setAttribute("aria-pressed", button.dataset.name === pad.chosen);
        button.onclick = () => {
            pad.chosen = button.dataset.name;
            for (const other of root.querySelectorAll("button[data-name]"))
                other.setAttribute("aria-pressed", other === button);
        };
    }
    root.querySelector(".undo").onclick = () => {
        if (pad.before.length) pad.drawn = pad.before.pop();
        send();
    };
    root.querySelector(".clear").onclick = () => {
        pad.before.push(copy(pad.drawn));
        for (const name of names) pad.drawn[name] = [];
        send();
    };
    paint(pad);
};
