// A small sheet to draw an image on with mouse, pen or finger; each stroke sends the sheet as a PNG.

const SIDE = 280, PEN = 20, STEP = 10; // pixels of the image that is sent; of one arrow key
const pads = new WeakMap();

function draw(pad) {
    const context = pad.canvas.getContext("2d");
    context.fillStyle = pad.data.paper;
    context.fillRect(0, 0, SIDE, SIDE);
    context.strokeStyle = pad.data.ink;
    context.lineWidth = PEN;
    context.lineCap = context.lineJoin = "round";
    for (const stroke of pad.strokes) {
        context.beginPath();
        context.moveTo(...stroke[0]);
        for (const point of stroke.length > 1 ? stroke.slice(1) : stroke) context.lineTo(...point);
        context.stroke();
    }
}

export default ({ parentElement, data, setStateValue }) => {
    const root = parentElement.querySelector(".sheet"), canvas = root.querySelector("canvas");
    let pad = pads.get(root);
    if (!pad) {
        pad = { canvas, strokes: [], open: null };
        pads.set(root, pad);
    }
    pad.data = data;
    canvas.setAttribute("aria-label", data.alt);
    const at = (event) => {
        const box = canvas.getBoundingClientRect();
        return [(event.clientX - box.left) / box.width * SIDE, (event.clientY - box.top) / box.height * SIDE];
    };
    const send = () => setStateValue("png", pad.strokes.length ? canvas.toDataURL("image/png") : null);
    const show = () => { // the pen of the keyboard is seen, and not sent
        draw(pad);
        if (!pad.pen) return;
        const context = canvas.getContext("2d");
        context.strokeStyle = getComputedStyle(root).getPropertyValue("--st-primary-color");
        context.lineWidth = pad.open ? 6 : 2;
        context.beginPath();
        context.arc(...pad.pen, PEN / 2, 0, 7);
        context.stroke();
    };
    const lift = () => {
        draw(pad);
        if (pad.open) send();
        pad.open = null;
    };
    canvas.onkeydown = (event) => {
        const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], " ": [0, 0] }[event.key];
        if (!by) return;
        event.preventDefault();
        pad.pen = (pad.pen ?? [SIDE / 2, SIDE / 2]).map((value, i) => Math.min(SIDE, Math.max(0, value + STEP * by[i])));
        if (event.key === " " && pad.open) lift();
        else if (event.key === " ") pad.strokes.push(pad.open = [pad.pen]);
        else if (pad.open) pad.open.push(pad.pen);
        show();
    };
    canvas.onblur = () => { if (pad.pen) lift(); pad.pen = null; };
    canvas.onpointerdown = (event) => {
        canvas.setPointerCapture(event.pointerId);
        pad.pen = null;
        pad.strokes.push(pad.open = [at(event)]);
        draw(pad);
    };
    canvas.onpointermove = (event) => {
        if (!pad.open) return;
        pad.open.push(at(event));
        draw(pad);
    };
    canvas.onpointerup = canvas.onpointercancel = lift;
    root.querySelector(".undo").onclick = () => { pad.strokes.pop(); draw(pad); send(); };
    root.querySelector(".clear").onclick = () => { pad.strokes = []; draw(pad); send(); };
    show();
};
