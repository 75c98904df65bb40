// A small sheet to draw an image on with mouse, pen or finger; each stroke sends the sheet as a PNG.

const SIDE = 280, PEN = 20; // pixels of the image that is sent
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
    canvas.onpointerdown = (event) => {
        canvas.setPointerCapture(event.pointerId);
        pad.strokes.push(pad.open = [at(event)]);
        draw(pad);
    };
    canvas.onpointermove = (event) => {
        if (!pad.open) return;
        pad.open.push(at(event));
        draw(pad);
    };
    canvas.onpointerup = canvas.onpointercancel = () => {
        if (pad.open) send();
        pad.open = null;
    };
    root.querySelector(".undo").onclick = () => { pad.strokes.pop(); draw(pad); send(); };
    root.querySelector(".clear").onclick = () => { pad.strokes = []; draw(pad); send(); };
    draw(pad);
};
